#include "code/format_text.hpp"

#include <algorithm>

namespace shirushi::code {
namespace {

constexpr std::size_t kMaximum = 64;
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Skips length modifiers; whether they say eight bytes.
bool take_length(std::string_view& rest) {
    int longs = 0;
    bool wide = false;
    while (!rest.empty() && std::string_view("hlLqjzt").contains(rest.front())) {
        longs += rest.front() == 'l' ? 1 : 0;
        wide |= rest.front() == 'q' || rest.front() == 'j' || rest.front() == 'L';
        rest.remove_prefix(1);
    }
    return wide || longs > 1;
}

Conversion::Kind kind_of(char letter, bool wide) {
    if (letter == 's' || letter == '[' || letter == 'S')
        return Conversion::Kind::text;
    if (std::string_view("aAeEfFgG").contains(letter))
        return Conversion::Kind::real;
    return wide ? Conversion::Kind::wide : Conversion::Kind::number;
}

/// Moves behind the next '%' that begins a conversion; false where there is none.
bool to_conversion(std::string_view& format) {
    for (std::size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%')) {
        format.remove_prefix(at + 1);
        if (!format.starts_with('%'))
            return true;
        format.remove_prefix(1);
    }
    return false;
}

}  // namespace

std::vector<Conversion> conversions_of(std::string_view format) {
    std::vector<Conversion> found;
    while (found.size() < kMaximum && to_conversion(format)) {
        Conversion conversion;
        bool precision = false;
        while (!format.empty() && (std::string_view("-+ #0'.*").contains(format.front()) || is_digit(format.front()))) {
            conversion.stars += format.front() == '*' ? 1 : 0;
            precision |= format.front() == '.';
            format.remove_prefix(1);
        }
        const bool wide = take_length(format);
        if (format.empty())
            break;
        conversion.kind = kind_of(format.front(), wide);
        conversion.limited = precision;
        if (format.front() != 'm')
            found.push_back(conversion);
        format.remove_prefix(1);
    }
    return found;
}

std::vector<Conversion> scanned_of(std::string_view format) {
    std::vector<Conversion> found;
    while (found.size() < kMaximum && to_conversion(format)) {
        Conversion conversion;
        while (!format.empty() && (format.front() == '*' || format.front() == 'm' || is_digit(format.front()))) {
            conversion.suppressed |= format.front() == '*';
            conversion.limited |= format.front() != '*';
            format.remove_prefix(1);
        }
        const bool wide = take_length(format);
        if (format.empty())
            break;
        conversion.kind = kind_of(format.front(), wide);
        found.push_back(conversion);
        if (format.front() == '[')
            format.remove_prefix(std::min(format.size(), format.find(']', 2) == std::string_view::npos ? format.size() : format.find(']', 2)));
        else
            format.remove_prefix(1);
    }
    return found;
}

}  // namespace shirushi::code
