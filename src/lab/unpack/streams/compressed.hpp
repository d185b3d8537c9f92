#pragma once
// Compressed streams. Their headers do not say how long they are, so identify checks what a header can show and the decoder,
// in a child, finds the end (Sink::consumed). Sources: RFC 1952 (gzip), xz-file-format 1.1.0, LZMA SDK lzma-specification,
// bzip2 1.0.8, RFC 8878 (zstd, skippable frames), the seekable format of zstd's contrib, lz4_Frame_format 1.6.3 and its legacy
// appendix, draft-diaz-lzip-09 (lzip), lzop 1.04's manual and the kernel's lib/decompress_unlzo.c (lzop's header and blocks),
// RFC 1950 and 1951 (zlib, deflate), RFC 7932 (brotli), compress(1) and Welch, "A Technique for High-Performance Data
// Compression", 1984 (.Z). Errors, all bad_input: cut off or damaged, with the place; what came out before it stays.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_gzip(Bytes bytes);
std::optional<FoundContainer> identify_xz(Bytes bytes);
std::optional<FoundContainer> identify_lzma(Bytes bytes);
std::optional<FoundContainer> identify_bzip2(Bytes bytes);
std::optional<FoundContainer> identify_zstd(Bytes bytes);
std::optional<FoundContainer> identify_lz4(Bytes bytes);
std::optional<FoundContainer> identify_lz4_legacy(Bytes bytes);
std::optional<FoundContainer> identify_lzip(Bytes bytes);
std::optional<FoundContainer> identify_lzop(Bytes bytes);
std::optional<FoundContainer> identify_zlib(Bytes bytes);
std::optional<FoundContainer> identify_brotli(Bytes bytes);    ///< brotli has no magic: says yes, for where a name says what it is
std::optional<FoundContainer> identify_compress(Bytes bytes);  ///< .Z has no end mark: for the start of a node only

Result<void> read_gzip(Bytes bytes, Share share, Sink& sink);
Result<void> read_xz(Bytes bytes, Share share, Sink& sink);
Result<void> read_lzma(Bytes bytes, Share share, Sink& sink);
Result<void> read_bzip2(Bytes bytes, Share share, Sink& sink);
Result<void> read_zstd(Bytes bytes, Share share, Sink& sink);
Result<void> read_lz4(Bytes bytes, Share share, Sink& sink);
Result<void> read_lz4_legacy(Bytes bytes, Share share, Sink& sink);
Result<void> read_lzip(Bytes bytes, Share share, Sink& sink);
Result<void> read_lzop(Bytes bytes, Share share, Sink& sink);  ///< also the kernel's; files of a multi-file archive are named streams
Result<void> read_zlib(Bytes bytes, Share share, Sink& sink);
Result<void> read_brotli(Bytes bytes, Share share, Sink& sink);
Result<void> read_compress(Bytes bytes, Share share, Sink& sink);

/// Size of the skippable frame (RFC 8878, 3.1.2; lz4 has the same) at the start of `bytes`, header included; 0 when there is none
/// or it is cut off.
std::uint64_t skippable_frame(Bytes bytes);

}  // namespace shirushi::unpack
