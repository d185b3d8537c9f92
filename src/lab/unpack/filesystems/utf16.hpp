#pragma once
// Names in UTF-16, as FAT, exFAT, Joliet, NTFS and GPT keep them.

#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// UTF-8 of UTF-16 text (an odd last byte is left out). Half a surrogate pair becomes the three bytes that its number would have, so that different
/// names stay different; tree and printable() show those as escapes.
std::string utf8_of_utf16(Bytes raw, Endian endian);

/// The same up to the first NUL.
std::string utf8_until_nul(Bytes raw, Endian endian);

}  // namespace shirushi::unpack
