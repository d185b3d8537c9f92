#pragma once
// What lies between the parts of a disk and is explained by nothing.

#include <vector>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

struct Taken {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Adds a part "unpartitioned@0x..." for each range of `bytes` that is neither in `taken` (in any order, overlaps allowed) nor padding (all
/// zeros or all 0xff). Linear in the bytes.
void add_unpartitioned(Bytes bytes, std::vector<Taken> taken, std::vector<Part>& parts);

/// Real partitions lie beside each other. Once parts that overlap add up to twice the bytes, the rest is left out, with damage: each
/// is scanned, and a forged table of thousands must not cost thousands of scans.
void leave_out_overlapping(Bytes bytes, Parts& parts);

}  // namespace shirushi::unpack
