// identify_ext: the superblock's fields held against each other (Linux kernel, Documentation/filesystems/ext4/super.rst).

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/ext.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t superblock_offset = 1024;
constexpr std::uint64_t superblock_size = 1024;
constexpr std::uint16_t ext_magic = 0xef53;

struct Superblock {
    std::uint32_t inodes = 0;
    std::uint64_t blocks = 0;
    std::uint32_t free_blocks_low = 0;
    std::uint32_t free_inodes = 0;
    std::uint32_t first_block = 0;
    std::uint64_t block_size = 0;
    std::uint64_t blocks_per_group = 0;
    std::uint64_t inodes_per_group = 0;
    std::uint32_t revision = 0;
    std::uint32_t inode_size = 128;
    std::uint32_t group = 0;
    std::uint32_t compatible = 0;
    std::uint32_t incompatible = 0;
    std::uint32_t read_compatible = 0;
    std::string label;
    std::uint32_t made = 0;
    std::uint32_t checksum = 0;
};

// Feature bits that are asked about (super.rst, s_feature_*).
constexpr std::uint32_t has_journal = 0x4;
constexpr std::uint32_t needs_recovery = 0x4;
constexpr std::uint32_t is_64bit = 0x80;
constexpr std::uint32_t only_ext4_incompatible = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x10000;
constexpr std::uint32_t only_ext4_read_compatible = 0x8 | 0x10 | 0x20 | 0x40 | 0x200 | 0x400 | 0x2000;
constexpr std::uint32_t metadata_checksums = 0x400;
constexpr std::uint32_t allocates_clusters = 0x200;

Result<Superblock> fields(Bytes raw) {
    Reader reader(raw);
    Superblock block;
    block.inodes = TRY(reader.u32());
    block.blocks = TRY(reader.u32());
    TRY(reader.skip(4));
    block.free_blocks_low = TRY(reader.u32());
    block.free_inodes = TRY(reader.u32());
    block.first_block = TRY(reader.u32());
    const std::uint32_t log = TRY(reader.u32());
    if (log > 6)
        return fail(Errc::bad_input, "blocks larger than 64 KiB");
    block.block_size = std::uint64_t{1024} << log;
    TRY(reader.skip(4));
    block.blocks_per_group = TRY(reader.u32());
    TRY(reader.skip(4));
    block.inodes_per_group = TRY(reader.u32());
    TRY(reader.seek(56));
    if (TRY(reader.u16()) != ext_magic)
        return fail(Errc::bad_input, "no ext magic");
    TRY(reader.seek(76));
    block.revision = TRY(reader.u32());
    if (block.revision == 0)
        return block;
    TRY(reader.seek(88));
    block.inode_size = TRY(reader.u16());
    block.group = TRY(reader.u16());
    block.compatible = TRY(reader.u32());
    block.incompatible = TRY(reader.u32());
    block.read_compatible = TRY(reader.u32());
    TRY(reader.skip(16));
    block.label = TRY(reader.fixed_text(16));
    TRY(reader.seek(264));
    block.made = TRY(reader.u32());
    TRY(reader.seek(336));
    if ((block.incompatible & is_64bit) != 0)
        block.blocks |= std::uint64_t{TRY(reader.u32())} << 32;
    TRY(reader.seek(1020));
    block.checksum = TRY(reader.u32());
    return block;
}

bool is_sane(const Superblock& block) {
    constexpr std::uint64_t most_blocks = std::uint64_t{1} << 48;  // what extents can number
    const std::uint64_t bits = block.block_size * 8;  // one bitmap block per group
    if (block.blocks <= block.first_block || block.blocks >= most_blocks || block.first_block > 1 || block.revision > 1 || block.group != 0)
        return false;
    const bool clusters = (block.read_compatible & allocates_clusters) != 0;
    if (block.blocks_per_group == 0 || (!clusters && block.blocks_per_group > bits) || block.inodes_per_group == 0 ||
        block.inodes_per_group > bits)
        return false;
    if (!std::has_single_bit(block.inode_size) || block.inode_size < 128 || block.inode_size > block.block_size)
        return false;
    const std::uint64_t groups = (block.blocks - block.first_block + block.blocks_per_group - 1) / block.blocks_per_group;
    return block.inodes == groups * block.inodes_per_group && block.free_inodes <= block.inodes &&
           (block.blocks >> 32 != 0 || block.free_blocks_low <= block.blocks);
}

/// CRC-32C as ext4 keeps it: reflected, started with ones, not inverted at the end.
std::uint32_t crc32c(Bytes bytes) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    }
    return crc;
}

/// The first group's bitmaps and inode table lie inside the file system, where the descriptor says.
bool first_group_holds(Bytes at, const Superblock& block) {
    const auto raw = slice(at, (block.first_block + 1) * block.block_size, 12);
    if (!raw)
        return false;
    const auto inside = [&](std::size_t offset) {
        const auto number = load_le<std::uint32_t>(raw->data() + offset);
        return number > block.first_block && number < block.blocks;
    };
    return inside(0) && inside(4) && inside(8);
}

std::string describe(const Superblock& block, std::uint64_t size, std::uint64_t there) {
    const bool is_ext4 = (block.incompatible & only_ext4_incompatible) != 0 || (block.read_compatible & only_ext4_read_compatible) != 0;
    std::string text = is_ext4 ? "ext4" : (block.compatible & has_journal) != 0 ? "ext3" : "ext2";
    text += fmt::format(", {} of {} inodes used, {} blocks of {} KiB", with_commas(block.inodes - block.free_inodes),
                        with_commas(block.inodes), with_commas(block.blocks), block.block_size / 1024);
    if (!block.label.empty())
        text += fmt::format(", label \"{}\"", printable(block.label));
    if (block.made != 0)
        text += ", made " + Date::from_days(block.made / 86'400).text();
    if ((block.incompatible & needs_recovery) != 0)
        text += ", journal not replayed";
    if (size > there)
        text += ", " + cut_off(there, size);
    return text;
}

}  // namespace

std::optional<FoundContainer> identify_ext(Bytes at) {
    const auto raw = slice(at, superblock_offset, superblock_size);
    if (!raw || load_le<std::uint16_t>(raw->data() + 56) != ext_magic)
        return std::nullopt;
    const auto block = fields(*raw);
    if (!block || !is_sane(*block))
        return std::nullopt;
    const std::uint64_t size = block->blocks * block->block_size;
    const bool has_checksum = (block->read_compatible & metadata_checksums) != 0;
    return FoundContainer{.size = std::min<std::uint64_t>(size, at.size()),
                          .description = describe(*block, size, at.size()),
                          .checked = has_checksum ? crc32c(raw->first(1020)) == block->checksum : first_group_holds(at, *block)};
}

}  // namespace shirushi::unpack
