#pragma once
// The store of UEFI variables in a firmware volume of its own kind.

#include <string>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

/// Hands out what a store's bytes hold: "variables/name-GUID" for those in force, "variables/deleted/..." for others, as Linux's
/// efivarfs names them, and what no store begins as "nvram.raw". Errors: bad_input where variables end unexpectedly.
Result<void> read_variables(Bytes bytes, const std::string& prefix, Sink& sink);

}  // namespace shirushi::unpack
