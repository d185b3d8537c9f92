#pragma once
// The MINIX file system, versions 1, 2 and 3, in both byte orders (Linux kernel, include/uapi/linux/minix_fs.h and fs/minix).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// A file system at the first byte; its superblock lies 1024 bytes further. `checked` when the root directory's inode is there and is one.
std::optional<FoundContainer> identify_minix(Bytes bytes);

/// Hands out every entry, all in share 0. A hard link is handed out as a file with its own copy of the content, holes as zeros.
/// Errors: bad_input (the root directory), limit, and the sink's.
Result<void> read_minix(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
