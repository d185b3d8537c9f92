#pragma once
// What versions are made of, whatever the locale.

namespace shirushi::vuln {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace shirushi::vuln
