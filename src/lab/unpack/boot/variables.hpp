#pragma once
// Lists of variables as boot loaders keep them in flash: "name=value", each ended by a zero byte, the list by another one.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

constexpr std::size_t kMostVariables = 16384;  // U-Boot's hash table holds a few hundred

struct Variables {
    std::vector<std::pair<std::string_view, std::string_view>> all;  ///< borrowed, in the order of the list
    std::uint64_t size = 0;  ///< up to and with the zeros that end the list
    bool ended = false;      ///< the ending zeros are there
};

/// The list at the start of `bytes`. Ends early at a string that is no variable: then size is what was read before it.
Variables variables_in(Bytes bytes);

/// Whether a variable begins here: a name of letters, digits and _ . - # : / + , ! at most 128 bytes long, then '='.
bool variable_begins(Bytes bytes);

/// "name=value" lines; a line break in a value is written as mkenvimage reads it, behind a backslash.
std::string as_lines(const Variables& variables);

/// The variables of such lines (borrowed).
std::vector<std::pair<std::string_view, std::string_view>> variables_of_lines(std::string_view text);

}  // namespace shirushi::unpack
