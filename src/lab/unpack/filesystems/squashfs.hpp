#pragma once
// SquashFS: our own reader of version 4.0 with every compressor it knows (Linux kernel, Documentation/filesystems/squashfs.rst), of
// versions 1 to 3 in both byte orders (squashfs-tools, squashfs_compat.h), and of what vendors made of either: other magics, 4.0 in
// big-endian order, LZMA without a number or a header. The parts: superblock, layout (fields by version), codec (one block; lzma
// for vendors' forms), metadata (cached blocks of 8 KiB), inodes (and the small tables), walk (all entries, in on-disk order),
// content, and here sharing.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether a SquashFS begins at the first byte. For the parent process: reads a few fixed fields, calls no library.
std::optional<FoundContainer> identify_squashfs(Bytes at);

/// Hands out every entry but the root directory. Files are shared out as runs in on-disk order with about equal bytes on disk;
/// everything else belongs to share 0. A hard link is handed out as a file with its own copy of the content. A damaged block
/// leaves zeros in its place and is named in the entry's damage, as is a directory whose listing is damaged or holds entries
/// that cannot be (names with '/', a directory listed twice). Errors: bad_input, limit, and the sink's.
Result<void> read_squashfs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
