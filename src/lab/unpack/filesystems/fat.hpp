#pragma once
// FAT12, FAT16 and FAT32 (Microsoft, "FAT32 File System Specification", version 1.03; ECMA-107), with long names.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// A FAT volume at the first byte, by its boot sector and the head of its allocation table; a FAT32 volume with a damaged boot sector is known by
/// the copy in its sixth sector.
std::optional<FoundContainer> identify_fat(Bytes bytes);

/// Hands out every file and directory, all in share 0. Deleted entries are left out. Modes are what Linux shows by default (0755, without
/// the write bits where an entry is read-only), times are taken as UTC. Where a chain breaks in the first allocation table, the second is
/// tried. Errors: bad_input (the root directory or the tables are damaged), limit, and the sink's.
Result<void> read_fat(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
