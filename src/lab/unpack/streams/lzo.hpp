#pragma once
// LZO1X decompression, written from the format's public description (Linux kernel, Documentation/staging/lzo.rst). LZO has no
// header and no checksum: the caller knows how much may come out.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Decompresses one LZO1X stream into `output` and returns how many bytes came out; those after them may be overwritten too.
/// Errors, all bad_input, with `output` then undefined: an unfinished stream, bytes after its end mark, a reference before the
/// start, more output than there is room for. Any input is safe; the time is linear in both sizes.
Result<std::size_t> decompress_lzo1x(Bytes input, std::span<std::uint8_t> output);

}  // namespace shirushi::unpack
