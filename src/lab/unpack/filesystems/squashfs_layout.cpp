#include "unpack/filesystems/squashfs_layout.hpp"

#include <algorithm>
#include <array>

namespace shirushi::unpack {

namespace {

using Field = SquashfsField;
using Inode = SquashfsInodeLayout;
using enum FileKind;

// Sockets and pipes share type 0 in version 1, which says which it is in a field of its own.
constexpr std::array<Inode, 7> inodes_1{{
    {.kind = directory, .bytes = 14, .start = {88, 24}, .size = {24, 19}, .offset = {43, 13}, .modified = {56, 32}},
    {.kind = regular, .bytes = 15, .start = {56, 32}, .size = {88, 32}, .modified = {24, 32}},
    {.kind = symlink, .bytes = 5, .size = {24, 16}},
    {.kind = block_device, .bytes = 5},
    {.kind = character_device, .bytes = 5},
    {.kind = fifo, .bytes = 4},
    {.kind = socket, .bytes = 4},
}};

constexpr std::array<Inode, 8> inodes_2{{
    {.kind = directory, .bytes = 15, .start = {96, 24}, .size = {32, 19}, .offset = {51, 13}, .modified = {64, 32}},
    {.kind = regular, .bytes = 24, .start = {64, 32}, .size = {160, 32}, .offset = {128, 32}, .fragment = {96, 32}, .modified = {32, 32}},
    {.kind = symlink, .bytes = 6, .size = {32, 16}},
    {.kind = block_device, .bytes = 6},
    {.kind = character_device, .bytes = 6},
    {.kind = fifo, .bytes = 4},
    {.kind = socket, .bytes = 4},
    {.kind = directory, .bytes = 18, .start = {104, 24}, .size = {32, 27}, .offset = {59, 13}, .modified = {72, 32}},
}};

constexpr std::array<Inode, 9> inodes_3{{
    {.kind = directory, .bytes = 28, .start = {160, 32}, .size = {128, 19}, .offset = {147, 13}},
    {.kind = regular, .bytes = 32, .start = {96, 64}, .size = {224, 32}, .offset = {192, 32}, .fragment = {160, 32}},
    {.kind = symlink, .bytes = 18, .size = {128, 16}},
    {.kind = block_device, .bytes = 18},
    {.kind = character_device, .bytes = 18},
    {.kind = fifo, .bytes = 16},
    {.kind = socket, .bytes = 16},
    {.kind = directory, .bytes = 31, .start = {168, 32}, .size = {128, 27}, .offset = {155, 13}},
    {.kind = regular, .bytes = 40, .start = {128, 64}, .size = {256, 64}, .offset = {224, 32}, .fragment = {192, 32}},
}};

// Types 8 to 14 are 1 to 7 with more fields. Extended attributes, which stand behind everything else, are not read.
constexpr std::array<Inode, 14> inodes_4{{
    {.kind = directory, .bytes = 32, .start = {128, 32}, .size = {192, 16}, .offset = {208, 16}},
    {.kind = regular, .bytes = 32, .start = {128, 32}, .size = {224, 32}, .offset = {192, 32}, .fragment = {160, 32}},
    {.kind = symlink, .bytes = 24, .size = {160, 32}},
    {.kind = block_device, .bytes = 24},
    {.kind = character_device, .bytes = 24},
    {.kind = fifo, .bytes = 20},
    {.kind = socket, .bytes = 20},
    {.kind = directory, .bytes = 40, .start = {192, 32}, .size = {160, 32}, .offset = {272, 16}},
    {.kind = regular, .bytes = 56, .start = {128, 64}, .size = {192, 64}, .offset = {384, 32}, .fragment = {352, 32}},
    {.kind = symlink, .bytes = 24, .size = {160, 32}},
    {.kind = block_device, .bytes = 24},
    {.kind = character_device, .bytes = 24},
    {.kind = fifo, .bytes = 20},
    {.kind = socket, .bytes = 20},
}};

constexpr std::array<SquashfsLayout, 4> layouts{{
    {.inode_header = 3, .type = {0, 4}, .mode = {4, 12}, .uid = {16, 4}, .gid = {20, 4}, .gid_as_uid = 15, .inodes = inodes_1,
     .listing_header = 4, .entries = {0, 8}, .block = {8, 24}, .listing_entry = 3, .offset = {0, 13}, .kind = {13, 3}, .name = {16, 8},
     .size_word = 2},
    {.inode_header = 4, .type = {0, 4}, .mode = {4, 12}, .uid = {16, 8}, .gid = {24, 8}, .gid_as_uid = 255, .inodes = inodes_2,
     .listing_header = 4, .entries = {0, 8}, .block = {8, 24}, .listing_entry = 3, .offset = {0, 13}, .kind = {13, 3}, .name = {16, 8},
     .pointer = 4, .fragment_entry = 8, .fragment_start = {0, 32}, .fragment_size = {32, 32}, .size_word = 4},
    {.inode_header = 12, .type = {0, 4}, .mode = {4, 12}, .uid = {16, 8}, .gid = {24, 8}, .modified = {32, 32}, .number = {64, 32},
     .gid_as_uid = 255, .inodes = inodes_3, .listing_header = 9, .entries = {0, 8}, .block = {8, 32}, .listing_entry = 5,
     .offset = {0, 13}, .kind = {13, 3}, .name = {16, 8}, .uncounted = 3, .pointer = 8, .fragment_entry = 16,
     .fragment_start = {0, 64}, .fragment_size = {64, 32}, .size_word = 4},
    {.inode_header = 16, .type = {0, 16}, .mode = {16, 16}, .uid = {32, 16}, .gid = {48, 16}, .modified = {64, 32}, .number = {96, 32},
     .gid_as_uid = UINT32_MAX, .inodes = inodes_4, .listing_header = 12, .entries = {0, 32}, .block = {32, 32}, .listing_entry = 8,
     .offset = {0, 16}, .kind = {32, 16}, .name = {48, 16}, .uncounted = 3, .pointer = 8, .fragment_entry = 16,
     .fragment_start = {0, 64}, .fragment_size = {64, 32}, .size_word = 4},
}};

}  // namespace

std::uint64_t squashfs_field(const std::uint8_t* record, SquashfsField field, Endian endian) {
    const unsigned first = field.at / 8U;
    const unsigned skipped = field.at % 8U;
    const unsigned count = (skipped + field.width + 7U) / 8U;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i)
        value |= std::uint64_t{record[first + (endian == Endian::little ? i : count - 1 - i)]} << 8 * i;
    value >>= endian == Endian::little ? skipped : count * 8 - skipped - field.width;
    return field.width == 64 ? value : value & ((std::uint64_t{1} << field.width) - 1);
}

const SquashfsLayout& squashfs_layout(unsigned major) { return layouts[std::clamp(major, 1U, 4U) - 1]; }

}  // namespace shirushi::unpack
