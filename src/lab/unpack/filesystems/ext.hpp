#pragma once
// ext2, ext3 and ext4 (Linux kernel, Documentation/filesystems/ext4). Identification is our own code; reading goes through
// libext2fs on an I/O manager of our own over the bytes, and so belongs into a child process.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether an ext file system begins at the first byte (its superblock lies 1024 bytes further). A backup superblock is not
/// taken for one. For the parent process: reads a few fixed fields, calls no library.
std::optional<FoundContainer> identify_ext(Bytes at);

/// Hands out every entry but the root directory, all in share 0. A hard link is handed out as a file with its own copy of the
/// content, holes as zeros. Unreadable blocks leave zeros in their place and are named in the entry's damage; metadata whose
/// checksum does not hold is read all the same, with damage. The journal is not replayed. Errors: bad_input, unsupported
/// (features that the library does not know), limit, and the sink's.
Result<void> read_ext(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
