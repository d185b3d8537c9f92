#pragma once
// The compressors of JFFS2 nodes, by the number in the node (Linux include/uapi/linux/jffs2.h): 0 none, 1 zeros, 2 rtime,
// 3 and 5 rubin, 6 zlib, 7 LZO, and 8 LZMA, which only OpenWrt's kernels have (its patch "jffs2: lzma": a raw LZMA stream with
// lc = lp = pb = 0 and a dictionary of 8 KiB, without header or end mark).

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// "zlib"; "compressor 23" for those nobody knows.
std::string name_of_jffs2_compressor(std::uint8_t number);

/// Fills `output` exactly. Errors: bad_input, unsupported; `output` is undefined then. Any input is safe and costs time linear
/// in both sizes. zlib, LZO and LZMA call libraries: for child processes only.
Result<void> decompress_jffs2(std::uint8_t compressor, Bytes input, std::span<std::uint8_t> output);

}  // namespace shirushi::unpack
