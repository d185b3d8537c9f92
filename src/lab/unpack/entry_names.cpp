#include "unpack/entry_names.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/text.hpp"

namespace shirushi::unpack {

namespace {
constexpr std::size_t longest_name = 256;  // SquashFS; ext and Linux itself have 255
}

std::string path_of(std::span<const EntryName> directories, const EntryName& name) {
    std::vector<std::string_view> segments{name.text};
    for (std::uint32_t at = name.directory; at != 0; at = directories[at].directory)
        segments.emplace_back(directories[at].text);
    std::string path;
    for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment)
        path.append(path.empty() ? "" : "/").append(*segment);
    return path;
}

std::string name_fault(std::string_view name) {
    if (name.empty() || name.size() > longest_name)
        return fmt::format("a name of {} bytes", name.size());
    if (name == "." || name == ".." || name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos)
        return fmt::format("the name \"{}\"", excerpt(name, 60));
    return {};
}

std::string with_commas(std::uint64_t number) {
    const std::string digits = fmt::format("{}", number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

}  // namespace shirushi::unpack
