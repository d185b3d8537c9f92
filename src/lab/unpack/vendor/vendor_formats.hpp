#pragma once
// The list of vendors' formats, a line each as in formats.cpp, which puts them before all others: what is known by its end must be seen
// before the format that the same bytes begin with.

#include <vector>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

const std::vector<Format>& vendor_formats();

}  // namespace shirushi::unpack
