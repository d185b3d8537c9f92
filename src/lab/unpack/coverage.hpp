#pragma once
// What nobody explained: ranges between containers, told apart into padding and data.

#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// A range of what was classified; together the pieces are all of it.
struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    bool padding = false;   ///< every byte is `fill`
    std::uint8_t fill = 0;
};

/// Runs of one byte at either end (16 or more; all of it, however short, if it is one byte throughout) and long runs inside
/// (4 KiB or more) are padding, the rest is data.
std::vector<Piece> classify(Bytes range);

}  // namespace shirushi::unpack
