#pragma once
// CRC-32 as the kernel's flash file systems make it (Linux lib/crc32.c, crc32_le): the usual polynomial, but neither the start
// nor the end is inverted. JFFS2 starts with 0, UBI and UBIFS with all ones.

#include <zlib.h>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// zlib inverts before and after, so both are undone here.
inline std::uint32_t flash_checksum(std::uint32_t start, Bytes bytes) {
    return ~static_cast<std::uint32_t>(crc32_z(~start & 0xffffffffU, bytes.data(), bytes.size()));
}

/// Whether all of `bytes` are erased flash.
inline bool is_erased(Bytes bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8)
        if (load_le<std::uint64_t>(bytes.data() + at) != ~std::uint64_t{0})
            return false;
    for (; at < bytes.size(); ++at)
        if (bytes[at] != 0xff)
            return false;
    return true;
}

}  // namespace shirushi::unpack
