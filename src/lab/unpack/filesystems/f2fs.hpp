#pragma once
// F2FS, read-only (Linux include/linux/f2fs_fs.h): what the newest whole checkpoint says; what was synced behind it is not
// replayed. Compressed clusters and encrypted files are said per file, and not read.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether an F2FS begins 1024 bytes before its superblock, here.
std::optional<FoundContainer> identify_f2fs(Bytes bytes);

/// Hands out every entry but the root. Damage of a file: nodes and blocks that are not there, compression, encryption.
/// Errors: bad_input (checkpoints, directories), limit, and the sink's.
Result<void> read_f2fs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
