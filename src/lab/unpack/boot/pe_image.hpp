#pragma once
// The frame of a Portable Executable, as EFI programs and kernels with an EFI stub have it: sections and where the file ends.
// Own code over hostile bytes, bounded. Source: Microsoft PE format, "COFF file header", "Optional header", "Section table".

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct PeSection {
    std::string name;           ///< raw, at most eight bytes
    std::uint64_t offset = 0;   ///< of its bytes in the file
    std::uint64_t size = 0;     ///< of its bytes in the file
    std::uint64_t in_memory = 0;  ///< the virtual size; less than `size` where the file's is filled up to an alignment
};

struct PeImage {
    std::uint16_t machine = 0;
    std::uint16_t subsystem = 0;
    bool certificates = false;  ///< carries a certificate table; nothing verifies it here
    std::uint64_t size = 0;     ///< end of the last section or certificate table, at most kLargestPe; may lie beyond the bytes
    std::vector<PeSection> sections;
};

constexpr std::uint64_t kLargestPe = std::uint64_t{2} << 30;

/// Nothing when `bytes` do not start with one. Constant work.
std::optional<PeImage> read_pe(Bytes bytes);

}  // namespace shirushi::unpack
