#pragma once
// RAUC's update bundles: a SquashFS (in the crypt format an encrypted one), a CMS message, and its size in the last eight bytes.
// Source: RAUC 1.8's documentation, "Reference", section "Bundle Formats"; [bundle], [update] of "Manifest".

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_rauc(Bytes bytes);
Result<Parts> split_rauc(Bytes bytes);

}  // namespace shirushi::unpack
