#pragma once
// How often each key (code_keys.hpp) occurs in programs for an architecture: learned by tools/learn_code from compiled programs.

#include <string_view>

#include "unpack/code_keys.hpp"

namespace shirushi::unpack {

/// One character per key, from kCodeTableDigits: the square root of its share, in hundredths.
inline constexpr std::string_view kCodeTableDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
std::string_view code_table(CodeFamily family);

}  // namespace shirushi::unpack
