#include "unpack/filesystems/ubi_blocks.hpp"

#include <algorithm>
#include <numeric>

#include "unpack/filesystems/flash_checksum.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t header_size = 64;
constexpr std::uint32_t checksum_start = 0xffffffff;
constexpr std::size_t record_size = 172;
constexpr std::size_t longest_name = 127;
constexpr std::uint64_t smallest_block = 2048;  // ubinize takes no smaller ones
constexpr std::uint64_t largest_block = std::uint64_t{8} << 20;
constexpr std::uint64_t step = 512;            // erase blocks are multiples of the smallest pages
constexpr std::uint64_t compared_blocks = 16;  // whose distances tell the block size: some may be bad
constexpr std::uint64_t most_foreign = 64;     // erased, bad or foreign blocks in a row; chips are sold with at most 2 % bad ones

bool header_fits(Bytes header, std::string_view magic) {
    return header.size() == header_size && as_text(header.first(4)) == magic && header[4] == 1 &&
           flash_checksum(checksum_start, header.first(60)) == load_be<std::uint32_t>(header.data() + 60);
}

bool same_image(const UbiEraseHeader& first, const UbiEraseHeader& other) {
    return first.volume_header == other.volume_header && first.data == other.data &&
           (first.image == other.image || first.image == 0 || other.image == 0);
}

/// The greatest size that all distances between the first headers are multiples of.
std::uint64_t block_size_of(Bytes bytes, const UbiEraseHeader& first) {
    std::uint64_t size = 0;
    std::uint64_t last = 0;
    std::uint64_t found = 1;
    for (std::uint64_t at = step; at + header_size <= bytes.size() && at - last <= largest_block && found < compared_blocks; at += step) {
        if (bytes[at] != 'U' || as_text(bytes.subspan(at, 4)) != "UBI#")
            continue;
        const auto header = ubi_erase_header(bytes.subspan(at));
        if (!header || !same_image(first, *header) || at - last < std::max<std::uint64_t>(smallest_block, first.data))
            continue;
        size = std::gcd(size, at - last);
        last = at;
        ++found;
    }
    return size >= smallest_block && size > first.data ? size : 0;
}

/// Whether this block holds the first volume table of an image as ubinize writes it.
bool starts_image(Bytes block, const UbiEraseHeader& erase) {
    const auto volume = ubi_volume_header(block, erase);
    return volume && volume->volume == ubi_layout_volume && volume->block == 0 && volume->sequence == 0;
}

}  // namespace

std::optional<UbiEraseHeader> ubi_erase_header(Bytes block) {
    if (!header_fits(clipped(block, 0, header_size), "UBI#"))
        return std::nullopt;
    const std::uint8_t* at = block.data();
    const UbiEraseHeader header{.volume_header = load_be<std::uint32_t>(at + 16), .data = load_be<std::uint32_t>(at + 20),
                                .image = load_be<std::uint32_t>(at + 24), .erase_count = load_be<std::uint64_t>(at + 8)};
    if (header.volume_header < header_size || header.data < header.volume_header + header_size || header.data > largest_block)
        return std::nullopt;
    return header;
}

std::optional<UbiVolumeHeader> ubi_volume_header(Bytes block, const UbiEraseHeader& erase) {
    const Bytes bytes = clipped(block, erase.volume_header, header_size);
    if (!header_fits(bytes, "UBI!"))
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    return UbiVolumeHeader{.is_static = at[5] == 2,
                           .copied = at[6] != 0,
                           .volume = load_be<std::uint32_t>(at + 8),
                           .block = load_be<std::uint32_t>(at + 12),
                           .data_size = load_be<std::uint32_t>(at + 20),
                           .used_blocks = load_be<std::uint32_t>(at + 24),
                           .data_padding = load_be<std::uint32_t>(at + 28),
                           .data_checksum = load_be<std::uint32_t>(at + 32),
                           .sequence = load_be<std::uint64_t>(at + 40)};
}

std::vector<UbiVolume> ubi_volume_table(Bytes table, std::uint32_t& damaged) {
    std::vector<UbiVolume> volumes;
    for (std::uint32_t number = 0; number < ubi_most_volumes; ++number) {
        const Bytes record = clipped(table, number * record_size, record_size);
        if (record.size() < record_size || flash_checksum(checksum_start, record.first(168)) != load_be<std::uint32_t>(record.data() + 168)) {
            ++damaged;
            continue;
        }
        const std::uint8_t* at = record.data();
        const std::size_t name_length = load_be<std::uint16_t>(at + 14);
        if (load_be<std::uint32_t>(at) == 0)
            continue;
        volumes.push_back({.number = number,
                           .reserved_blocks = load_be<std::uint32_t>(at),
                           .data_padding = load_be<std::uint32_t>(at + 8),
                           .is_static = at[12] == 2,
                           .updating = at[13] != 0,
                           .name = std::string(as_text(record.subspan(16, std::min(name_length, longest_name))))});
    }
    return volumes;
}

std::optional<UbiGeometry> ubi_geometry(Bytes bytes) {
    const auto first = ubi_erase_header(bytes);
    if (!first)
        return std::nullopt;
    UbiGeometry geometry{.first = *first, .block_size = block_size_of(bytes, *first), .blocks = 0, .used = 0};
    if (geometry.block_size == 0)
        return std::nullopt;
    bool has_table = false;
    for (std::uint64_t block = 0; block * geometry.block_size < bytes.size() && block <= geometry.blocks + most_foreign; ++block) {
        const Bytes there = clipped(bytes, block * geometry.block_size, geometry.block_size);
        const auto header = ubi_erase_header(there);
        if (!header)
            continue;
        const bool starts = starts_image(there, *header);
        if (!same_image(*first, *header) || (starts && has_table))
            break;
        has_table = has_table || starts;
        geometry.blocks = block + 1;
        ++geometry.used;
    }
    return geometry.used < 2 ? std::nullopt : std::optional(geometry);
}

}  // namespace shirushi::unpack
