#pragma once
// Archives that libarchive reads, from memory, in a child.

#include "unpack/decoder.hpp"

struct archive;

namespace shirushi::unpack {

/// `enable` is libarchive's own function for one format (archive_read_support_format_tar). Hard links are handed out as files
/// with the content of what they link to; sparse ranges as zeros; encrypted entries as damaged. Work is shared entry by entry, which
/// helps with formats only whose entries can be skipped without decompressing them, and that have no hard links (zip).
Result<void> read_with_libarchive(Bytes bytes, int (*enable)(struct archive*), Sink& sink, Share share = {});

}  // namespace shirushi::unpack
