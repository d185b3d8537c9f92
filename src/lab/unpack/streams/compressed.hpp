#pragma once
// Compressed streams. Their headers do not say how long they are, so identify checks what a header can show and the decoder,
// in a child, finds the end (Sink::consumed). Sources: RFC 1952 (gzip), xz-file-format 1.1.0, LZMA SDK lzma-specification,
// bzip2 1.0.8, RFC 8878 (zstd), lz4_Frame_format 1.6.3 and its legacy appendix.

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

Result<void> read_gzip(Bytes bytes, Share share, Sink& sink);
Result<void> read_xz(Bytes bytes, Share share, Sink& sink);
Result<void> read_lzma(Bytes bytes, Share share, Sink& sink);
Result<void> read_bzip2(Bytes bytes, Share share, Sink& sink);
Result<void> read_zstd(Bytes bytes, Share share, Sink& sink);
Result<void> read_lz4(Bytes bytes, Share share, Sink& sink);
Result<void> read_lz4_legacy(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
