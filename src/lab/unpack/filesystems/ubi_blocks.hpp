#pragma once
// UBI's headers and volume table (Linux drivers/mtd/ubi/ubi-media.h), big-endian, each with a checksum. No library: identify uses
// it in the parent.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

inline constexpr std::uint32_t ubi_layout_volume = 0x7fffefff;  ///< holds the volume table, twice
inline constexpr std::uint32_t ubi_most_volumes = 128;

struct UbiEraseHeader {
    std::uint32_t volume_header = 0;  ///< where it is in the block
    std::uint32_t data = 0;           ///< where data begins in the block
    std::uint32_t image = 0;          ///< the same in all blocks of one image; 0 in old ones
    std::uint64_t erase_count = 0;
};

struct UbiVolumeHeader {
    bool is_static = false;
    bool copied = false;  ///< made by wear levelling: counts only if its data is whole
    std::uint32_t volume = 0;
    std::uint32_t block = 0;  ///< logical
    std::uint32_t data_size = 0;
    std::uint32_t used_blocks = 0;
    std::uint32_t data_padding = 0;
    std::uint32_t data_checksum = 0;
    std::uint64_t sequence = 0;
};

struct UbiVolume {
    std::uint32_t number = 0;
    std::uint32_t reserved_blocks = 0;
    std::uint32_t data_padding = 0;
    bool is_static = false;
    bool updating = false;  ///< an update of the whole volume was not finished
    std::string name;
};

struct UbiGeometry {
    UbiEraseHeader first;
    std::uint64_t block_size = 0;
    std::uint64_t blocks = 0;  ///< up to the last that belongs to it
    std::uint64_t used = 0;    ///< of them with a header
};

/// Nothing unless magic, version, checksum and offsets are right.
std::optional<UbiEraseHeader> ubi_erase_header(Bytes block);
std::optional<UbiVolumeHeader> ubi_volume_header(Bytes block, const UbiEraseHeader& erase);

/// The records of one copy of the table that are in use and right; `damaged` counts those that are not.
std::vector<UbiVolume> ubi_volume_table(Bytes table, std::uint32_t& damaged);

/// Size and number of erase blocks; nothing when there are less than two.
std::optional<UbiGeometry> ubi_geometry(Bytes bytes);

}  // namespace shirushi::unpack
