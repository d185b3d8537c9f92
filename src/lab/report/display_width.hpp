#pragma once
// How many terminal columns text takes: 2 for East Asian wide and fullwidth characters and emoji, 0 for combining marks, else 1
// (Unicode UAX 11; ambiguous characters count 1, as terminals outside East Asian legacy encodings draw them).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shirushi::report {

/// Columns of valid UTF-8 text without control characters.
std::size_t display_width(std::string_view text);

/// `text` cut to at most `columns`, with "..." at the end when cut, then padded with spaces to exactly `columns`.
std::string fitted(std::string_view text, std::size_t columns);

/// Lines of at most `columns` (at least 8): broken at spaces, between East Asian characters, or inside a word that is longer than
/// a line. A closing mark does not start a line unless it would stand alone.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace shirushi::report
