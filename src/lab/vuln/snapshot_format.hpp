#pragma once
// What the snapshot's reader and writer agree on; for snapshot*.cpp and their tests only.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace shirushi::vuln {

static_assert(std::endian::native == std::endian::little, "snapshots are used in place: the rows of a file are the structs of this program");

enum class SectionTag : std::uint32_t {
    texts = 0x54584554,      ///< bytes
    text_ends = 0x53444e45,  ///< u32 each
    advisories = 0x49564441,
    weaknesses = 0x53455743,  ///< StringId each
    parts = 0x54524150,       ///< StringId each
    products = 0x444f5250,
    criteria = 0x54495243,
    ranges = 0x474e4152,
    platforms = 0x54414c50,
    groups = 0x50555247,
    operands = 0x4e52504f,
    feeds = 0x44454546,
    aliases = 0x41494c41,           ///< only where there are some
    known_weaknesses = 0x4e4b4557,  ///< likewise
};

struct FileHead {
    char magic[8];
    std::uint32_t format;
    std::uint32_t sections;
    std::uint8_t sha256[32];  // of format and sections, and of all behind it
    std::uint64_t size;
};
static_assert(sizeof(FileHead) == 56);

struct SectionHead {
    std::uint32_t tag;
    std::uint32_t row_size;
    std::uint64_t offset;
    std::uint64_t rows;
};
static_assert(sizeof(SectionHead) == 24);

/// What stands in FileHead::sha256; `file` holds at least the head.
Digest snapshot_digest(Bytes file);

inline constexpr std::size_t most_sections = 64;
inline constexpr std::size_t longest_text = 4096;  ///< CVSS vectors and CPE names stay far below

}  // namespace shirushi::vuln
