#pragma once
// JFFS2 in both byte orders (Linux include/uapi/linux/jffs2.h, fs/jffs2; Woodhouse, "JFFS: The Journalling Flash File System").
// A file system is whatever its nodes say: of each name the dirent with the highest version counts, of a file's bytes the inode
// node with the highest version that covers them. Nodes with wrong checksums are left out, as the kernel does, and said.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether a node of a JFFS2 starts here, and how far its file system reaches (jffs2_nodes.hpp). Linear in what it claims.
std::optional<FoundContainer> identify_jffs2(Bytes bytes);

/// Hands out every entry but the root; inodes that nothing ever named as lost+found/inode-N. Damage of a file: bytes that no node
/// holds, nodes left out, compressors nobody knows. Errors: bad_input (nodes damaged or cut off), limit, and the sink's.
Result<void> read_jffs2(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
