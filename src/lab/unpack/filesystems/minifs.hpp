#pragma once
// MINIFS, the read-only file system of TP-Link's devices without Linux (VxWorks): names, files, chunks of LZMA that hold one file or several.
// Source: "Reverse Engineered MiniFS File System", arXiv 2407.05064; unblob's minifs.py (onekey-sec/unblob). Big endian, no checksum.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Every file must lie in the tables.
std::optional<FoundContainer> identify_minifs(Bytes bytes);

/// Hands out every file, chunk by chunk; it knows no modes and no times. Errors: bad_input, and the sink's.
Result<void> read_minifs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
