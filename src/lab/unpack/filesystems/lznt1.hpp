#pragma once
// LZNT1, by which NTFS compresses (MS-XCA, 2.5).

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Fills `out`, with zeros where the input stands for less. Errors: bad_input.
Result<void> decode_lznt1(Bytes in, std::span<std::uint8_t> out);

}  // namespace shirushi::unpack
