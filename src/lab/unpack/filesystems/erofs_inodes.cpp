#include "unpack/filesystems/erofs_inodes.hpp"

#include <fmt/format.h>

#include <optional>

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t superblock_at = 1024;
constexpr std::uint64_t superblock_size = 128;
constexpr std::uint32_t magic = 0xe0f5e1e2;
constexpr std::uint64_t inode_slot = 32;
constexpr unsigned smallest_block_bits = 9;
constexpr unsigned largest_block_bits = 16;

std::optional<FileKind> kind_of(std::uint32_t mode) {
    switch (mode >> 12) {
        case 001: return FileKind::fifo;
        case 002: return FileKind::character_device;
        case 004: return FileKind::directory;
        case 006: return FileKind::block_device;
        case 010: return FileKind::regular;
        case 012: return FileKind::symlink;
        case 014: return FileKind::socket;
        default: return std::nullopt;
    }
}

}  // namespace

Result<ErofsSuperblock> read_erofs_superblock(Bytes image) {
    Reader reader(TRY(slice(image, superblock_at, superblock_size)));
    if (TRY(reader.u32()) != magic)
        return fail(Errc::bad_input, "no EROFS magic");
    ErofsSuperblock block;
    block.checksum = TRY(reader.u32());
    block.compatible = TRY(reader.u32());
    block.block_bits = TRY(reader.u8());
    TRY(reader.skip(1));
    block.root = TRY(reader.u16());
    block.inodes = TRY(reader.u64());
    block.made = TRY(reader.u64());
    TRY(reader.skip(4));
    block.blocks = TRY(reader.u32());
    const std::uint64_t first_inode_block = TRY(reader.u32());
    TRY(reader.skip(20));
    block.volume = TRY(reader.fixed_text(16));
    block.features = TRY(reader.u32());
    if (block.block_bits < smallest_block_bits || block.block_bits > largest_block_bits)
        return fail(Errc::bad_input, "the block size cannot be");
    block.first_inode = first_inode_block << block.block_bits;
    if (block.inodes == 0 || block.first_inode + block.root * inode_slot >= block.size())
        return fail(Errc::bad_input, "the root directory's place cannot be");
    return block;
}

Result<ErofsInode> read_erofs_inode(Bytes image, const ErofsSuperblock& superblock, std::uint64_t number) {
    constexpr std::uint64_t compact_size = 32;
    constexpr std::uint64_t extended_size = 64;
    if (number > image.size() / inode_slot)
        return fail(Errc::bad_input, fmt::format("inode {} lies beyond the end of the image", number));
    const std::uint64_t at = superblock.first_inode + number * inode_slot;
    const std::string place = fmt::format("inode {}", number);
    const Bytes head = TRY_WITHIN(place, slice(image, at, compact_size));
    const unsigned format = load_le<std::uint16_t>(head.data());
    const bool extended = (format & 1U) != 0;
    const Bytes raw = TRY_WITHIN(place, slice(image, at, extended ? extended_size : compact_size));
    const unsigned layout = (format >> 1) & 7U;
    if (layout > static_cast<unsigned>(ErofsLayout::chunks))
        return fail(Errc::unsupported, fmt::format("{}: its layout {} is not known", place, layout));
    const std::uint32_t mode = load_le<std::uint16_t>(raw.data() + 4);
    const auto kind = kind_of(mode);
    if (!kind)
        return fail(Errc::bad_input, fmt::format("{}: its mode is {:o}, which is of no kind", place, mode));
    ErofsInode inode{.kind = *kind, .mode = mode & 07777U, .layout = static_cast<ErofsLayout>(layout), .data = load_le<std::uint32_t>(raw.data() + 16)};
    if (extended) {
        inode.size = load_le<std::uint64_t>(raw.data() + 8);
        inode.uid = load_le<std::uint32_t>(raw.data() + 24);
        inode.gid = load_le<std::uint32_t>(raw.data() + 28);
        inode.modified = static_cast<std::int64_t>(load_le<std::uint64_t>(raw.data() + 32));
    } else {
        inode.size = load_le<std::uint32_t>(raw.data() + 8);
        inode.uid = load_le<std::uint16_t>(raw.data() + 24);
        inode.gid = load_le<std::uint16_t>(raw.data() + 26);
        inode.modified = static_cast<std::int64_t>(superblock.made);
    }
    const std::uint64_t attributes = load_le<std::uint16_t>(raw.data() + 2);  // a header of 12 bytes counts as the first
    inode.behind = at + raw.size() + (attributes == 0 ? 0 : 12 + (attributes - 1) * 4);
    return inode;
}

}  // namespace shirushi::unpack
