#pragma once
// UBIFS, the file system on UBI volumes (Linux fs/ubifs/ubifs-media.h): superblock, master node, index and journal, with every
// compressor it knows. Authenticated images are read without asking who signed them; what fscrypt encrypts is said to be encrypted.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether a UBIFS superblock with a right checksum lies here.
std::optional<FoundContainer> identify_ubifs(Bytes bytes);

/// Hands out every entry but the root; inodes that nothing ever named as lost+found/inode-N. Damage of a file: nodes of it that
/// cannot be read, and, where the index is lost and all nodes were gathered instead, bytes that no node holds. Encrypted
/// files come without content. Errors: bad_input (the index, or a directory), limit, and the sink's.
Result<void> read_ubifs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
