#pragma once
// Code points of text that is already known to be valid UTF-8 (RFC 3629).

#include <cstddef>
#include <string_view>

namespace shirushi::report {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 1;  ///< bytes it takes
};

/// The code point at the start of `text`; `text` is not empty. A truncated sequence counts as what is left of it.
inline CodePoint first_code_point(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? lead : lead & (0x7FU >> length);
    std::size_t taken = 1;
    for (; taken < length && taken < text.size(); ++taken)
        value = value << 6U | (static_cast<unsigned char>(text[taken]) & 0x3FU);
    return {value, taken};
}

}  // namespace shirushi::report
