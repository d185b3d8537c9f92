#pragma once
// YAFFS2 and YAFFS1 dumps with their spare areas, in both byte orders (yaffs2 sources: yaffs_guts.h). The layout is guessed and
// verified (yaffs_layout.hpp); of each object and of each page of its data the newest by the sequence number counts.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Whether the first pages make sense as YAFFS in some layout. A dump without spare areas is recognised, and said to be one.
std::optional<FoundContainer> identify_yaffs(Bytes bytes);

/// The same without a magic, for dumps whose first page is no header: tried on everything, so only on what is as large as an erase block.
std::optional<FoundContainer> identify_yaffs_dump(Bytes bytes);

/// Hands out every entry but the root; objects whose directory is not there as lost+found/inode-N. YAFFS has no checksums over
/// names and data, so only what is missing is damage: headers, and pages between others. Errors: unsupported (no spare areas),
/// bad_input (pages that make no sense), limit, and the sink's.
Result<void> read_yaffs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
