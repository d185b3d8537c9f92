#include "unpack/boot/variables.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kLongestName = 128;

bool in_name(std::uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || std::string_view("_.-#:/+,!").contains(static_cast<char>(byte));
}

}  // namespace

bool variable_begins(Bytes bytes) {
    const Bytes start = clipped(bytes, 0, kLongestName + 1);
    const auto end = std::ranges::find_if_not(start, in_name);
    return end != start.begin() && end != start.end() && *end == '=';
}

Variables variables_in(Bytes bytes) {
    Variables result;
    const std::string_view text = as_text(bytes);
    while (result.all.size() < kMostVariables) {
        const std::string_view rest = text.substr(result.size);
        if (!rest.empty() && rest[0] == '\0') {
            result.size += 1;
            result.ended = true;
            break;
        }
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos || !variable_begins(as_bytes(rest)))
            break;
        const std::size_t equals = rest.find('=');
        result.all.emplace_back(rest.substr(0, equals), rest.substr(equals + 1, end - equals - 1));
        result.size += end + 1;
    }
    return result;
}

std::string as_lines(const Variables& variables) {
    std::string text;
    for (const auto& [name, value] : variables.all) {
        text.append(name).append("=");
        for (const char byte : value)
            text.append(byte == '\n' ? "\\" : "").push_back(byte);
        text += '\n';
    }
    return text;
}

std::vector<std::pair<std::string_view, std::string_view>> variables_of_lines(std::string_view text) {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (const std::string_view line : lines_of(text))
        if (const std::size_t equals = line.find('='); equals != std::string_view::npos && all.size() < kMostVariables)
            all.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    return all;
}

}  // namespace shirushi::unpack
