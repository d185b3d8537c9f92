#pragma once
// Strings of hostile origin made fit to be looked at.

#include <cstdint>
#include <string>
#include <string_view>

namespace shirushi::report {

/// Valid UTF-8 without control characters, and with the characters that reorder or hide text (bidirectional controls,
/// zero-width characters, U+2028/2029, tags) written as \u{202e}: what is read is what stands there (Unicode TR 36, TR 9).
std::string shown(std::string_view raw);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

/// 0x and at least six hexadecimal digits.
std::string hex_offset(std::uint64_t offset);

/// "16.0 MiB", "4.2 KiB", "12 B".
std::string human_size(std::uint64_t bytes);

}  // namespace shirushi::report
