#pragma once
// The compression of UEFI sections and option ROMs: LZ77 with Huffman codes in blocks. Source: UEFI Specification 2.10, 19
// (Compression Algorithm Specification); Tiano's variant widens one field. Own code, safe on any input, linear in both sizes.

#include "base/bytes.hpp"

namespace shirushi::unpack {

enum class UefiCompression { efi, tiano };

/// `most`: a larger stated size is refused (Errc::limit). Other errors: bad_input.
Result<Buffer> decompress_uefi(Bytes bytes, UefiCompression kind, std::uint64_t most);

}  // namespace shirushi::unpack
