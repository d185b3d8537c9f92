#pragma once
// UBI, the volumes of raw NAND flash (Linux drivers/mtd/ubi/ubi-media.h): every physical erase block starts with an erase counter
// header and, where it is in use, a volume identifier header that says which logical erase block of which volume it holds.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether a UBI starts here: erase counter headers with right checksums at equal distances. Erased and bad blocks may lie
/// between. Another UBI right behind (another image number, or a second volume table) is not part of it. Linear in what it claims.
std::optional<FoundContainer> identify_ubi(Bytes bytes);

/// Hands out every volume as a stream: its logical erase blocks in order, of two copies the one with the higher sequence number
/// (unless it is an unfinished move), 0xff for those that are not there. Static volumes end where they say, and are checked.
/// Fastmap is not needed and skipped. Errors: bad_input (blocks damaged, a volume table that is missing), limit, and the sink's.
Result<void> read_ubi(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
