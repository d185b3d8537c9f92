#include "inspect/uci.hpp"

#include <array>

#include "base/text.hpp"
#include "inspect/image.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxItems = 10'000;

/// Takes a bare or quoted word off the front; a comment ends the line.
std::string_view take_word(std::string_view& rest) {
    rest = trimmed(rest);
    if (rest.empty() || rest.front() == '#')
        return {};
    if (rest.front() == '\'' || rest.front() == '"') {
        const auto end = rest.find(rest.front(), 1);
        const std::string_view word = rest.substr(1, end == std::string_view::npos ? end : end - 1);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        return word;
    }
    const auto end = rest.find_first_of(" \t");
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    return word;
}

}  // namespace

std::string_view UciSection::value(std::string_view key) const {
    std::string_view found;
    for (const UciOption& option : options)
        if (option.key == key)
            found = option.value;
    return found;
}

std::vector<UciSection> read_uci(std::string_view text) {
    std::vector<UciSection> sections;
    std::size_t items = 0;
    for (const std::string_view line : lines_of(text)) {
        std::string_view rest = line;
        const std::string_view kind = take_word(rest);
        if (items == kMaxItems)
            break;
        if (kind == "config") {
            const std::string_view type = take_word(rest);
            sections.push_back({.type = type, .name = take_word(rest), .options = {}});
            ++items;
        } else if ((kind == "option" || kind == "list") && !sections.empty()) {
            const std::string_view key = take_word(rest);
            sections.back().options.push_back({.key = key, .value = take_word(rest), .line = line});
            ++items;
        }
    }
    return sections;
}

}  // namespace shirushi::inspect
