#pragma once
// EROFS (Linux kernel, Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h): files stored as they are with tails beside their
// inodes, in chunks with holes, or compressed with LZ4 (both kinds of indexes, large physical clusters, inlined tails). The other
// compressors, packed fragments and other devices are said of each file that needs them.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// The superblock lies 1024 bytes into the image. Its check sum is compared where there is one.
std::optional<FoundContainer> identify_erofs(Bytes at);

/// Hands out every entry but the root directory; all of them as share 0. What of a file cannot be read is zeros and named in the
/// entry's damage. Errors: bad_input, limit, and the sink's.
Result<void> read_erofs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
