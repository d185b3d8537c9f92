#pragma once
// What is measured over a whole image, in one pass on all cores: its digest, its entropy block by block, and that of ranges.

#include <array>
#include <span>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

/// How often each value of a byte stands in some bytes.
using ByteCounts = std::array<std::uint64_t, 256>;
ByteCounts count_bytes(Bytes bytes);

/// Shannon entropy in bits per byte, 0 to 8, rounded to 0.01; 0 of nothing.
double entropy(const ByteCounts& counts);
double entropy(Bytes bytes);

struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

struct Measures {
    Digest sha256;
    EntropyMap entropy_map;         ///< of at most 256 equal blocks of at least 1 KiB: fewer bytes cannot show a high entropy
    std::vector<double> entropies;  ///< of each range, in the ranges' order
};

/// `ranges` lie in the image, in ascending order, and do not overlap.
Measures measure(Bytes image, std::span<const Range> ranges, unsigned workers);

}  // namespace shirushi::unpack
