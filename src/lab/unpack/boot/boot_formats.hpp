#pragma once
// The formats of this folder, in the order in which they are tried.

#include <vector>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

const std::vector<Format>& boot_formats();

}  // namespace shirushi::unpack
