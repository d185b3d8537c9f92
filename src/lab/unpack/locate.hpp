#pragma once
// Formats whose magic stands at no fixed distance from their start: a boot loader's environment is known by its variables, a
// directory by the row that names it.

#include <vector>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// Own code, run in the parent: adds the places where the container that holds the magic at `at` of a node's `bytes` may begin,
/// none later than `at` or more than kLocateReach before it. Work bounded by that reach.
using Locate = void (*)(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts);
constexpr std::uint64_t kLocateReach = std::uint64_t{8} << 10;

/// The one of the format with this identify function; nullptr: its magics' offsets count. Formats that have one are tried at the
/// first byte of every node that is looked into, too. (Listed in boot/boot_formats.cpp.)
Locate locate_of(Identify identify);

}  // namespace shirushi::unpack
