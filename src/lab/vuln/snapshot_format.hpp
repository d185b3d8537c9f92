#pragma once
// What the snapshot's reader and writer agree on; for snapshot.cpp and snapshot_writer.cpp only.

#include <cstddef>
#include <cstdint>

namespace shirushi::vuln {

enum class SectionTag : std::uint32_t {
    strings = 0x53525453,  ///< count, lengths, then all texts; text 0 is empty
    advisories = 0x49564441,
    platforms = 0x54414c50,
    products = 0x444f5250,
    criteria = 0x54495243,  ///< one byte of CriterionFlag each, then a column for each member
};

enum CriterionFlag : std::uint8_t {
    has_exact = 1,
    has_update = 2,
    has_start = 4,
    has_end = 8,
    has_edition = 16,
    has_platform = 32,
    start_is_excluded = 64,
    end_is_included = 128,
};

enum PlatformFlag : std::uint8_t { operand_start_excluded = 1, operand_end_included = 2, operand_vulnerable = 4 };

inline constexpr std::size_t longest_text = 4096;  ///< CVSS vectors and CPE names stay far below
inline constexpr std::size_t date_length = 10;
inline constexpr std::size_t digest_at = 12;
inline constexpr std::size_t covered_at = digest_at + 32;
inline constexpr std::size_t frame_at = covered_at + date_length + 3 * 4 + 8;

}  // namespace shirushi::vuln
