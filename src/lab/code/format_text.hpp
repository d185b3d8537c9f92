#pragma once
// The conversions of a format of printf and of scanf (C standard 7.21.6).

#include <cstdint>
#include <string_view>
#include <vector>

namespace shirushi::code {

struct Conversion {
    enum class Kind : std::uint8_t { number, wide, real, text };
    Kind kind = Kind::number;
    int stars = 0;            ///< arguments that give width or precision
    bool limited = false;     ///< of text: a precision (printf) or a width (scanf)
    bool suppressed = false;  ///< scanf's '*'
};

/// In their order, at most 64; "%%" is none. `wide`: an integer of eight bytes.
std::vector<Conversion> conversions_of(std::string_view format);
std::vector<Conversion> scanned_of(std::string_view format);

}  // namespace shirushi::code
