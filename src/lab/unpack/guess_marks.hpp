#pragma once
// Marks that give encryption away although nobody has the key.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Blocks of 16 bytes that occur again and again while the different ones together look random: a block cipher in ECB mode,
/// which turns equal plain text into equal blocks. Says how many.
std::optional<std::string> signs_of_ecb(Bytes bytes);

/// `bytes` with a repeating key of at most 64 bytes taken away, as far as the bytes tell: the key is taken from the most
/// frequent byte of each column, which is 0x00, 0xff or a space in plain data. Whether that made sense is for the caller to see.
struct XorKey {
    Buffer key;
    Buffer plain;  ///< of at most 64 KiB from the beginning
};
std::vector<XorKey> xor_keys(Bytes bytes);

/// Pearson's chi-square of the byte values against all being equally frequent: 255 +- 23 for random bytes.
double chi_square(Bytes bytes);

}  // namespace shirushi::unpack
