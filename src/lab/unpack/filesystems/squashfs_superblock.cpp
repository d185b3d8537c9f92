#include "unpack/filesystems/squashfs_superblock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace shirushi::unpack {

namespace {

struct Variant {
    std::string_view bytes;
    bool vendor = false;
};

// "hsqs" and "sqsh" are the two byte orders; the others are what vendors wrote instead (most with LZMA before it had an id).
constexpr std::array<Variant, 7> magics{{{"hsqs"},
                                       {"sqsh"},
                                       {"shsq", true},
                                       {"qshs", true},
                                       {"hsqt", true},
                                       {"tqsh", true},
                                       {"sqlz", true}}};

constexpr std::size_t superblock_size = 96;           // 4.0
constexpr std::size_t shortest_superblock = 51;       // 1.0
constexpr std::size_t version_offset = 28;            // of all versions
constexpr std::uint32_t smallest_block = 4096;        // SQUASHFS_FILE_LOG's lower bound in the kernel
constexpr std::uint32_t largest_block = 1024 * 1024;  // SQUASHFS_FILE_MAX_SIZE

bool is_block_size(std::uint32_t size, unsigned log) {
    return size >= smallest_block && size <= largest_block && std::has_single_bit(size) && std::countr_zero(size) == static_cast<int>(log);
}

/// Byte order by the version field, which is small in the right one only.
Result<Endian> byte_order(Bytes bytes) {
    const Bytes version = TRY(slice(bytes, version_offset, 4));
    for (const Endian endian : {Endian::little, Endian::big}) {
        Reader reader(version, endian);
        const auto major = TRY(reader.u16());
        const auto minor = TRY(reader.u16());
        if (major >= 1 && major <= 4 && minor <= (major == 3 ? 2 : 1) && (major < 4 || minor == 0))
            return endian;
    }
    return fail(Errc::bad_input, "no known version");
}

constexpr std::uint16_t check_data = 4;  // a flag of versions 1 to 3: a byte 0xff behind each header of metadata

std::unexpected<Error> wrong(std::string_view what) { return fail(Errc::bad_input, fmt::format("{} cannot be", what)); }

/// What holds in all versions.
Result<void> check_tables(const SquashfsSuperblock& block, unsigned block_log) {
    if (!is_block_size(block.block_size, block_log))
        return wrong("the block size");
    if (block.ids == 0)
        return wrong("no owner at all");
    if (block.directory_table <= block.inode_table || block.directory_table >= block.bytes_used || block.id_table < block.directory_table)
        return wrong("the order of the tables");
    if ((block.root_inode >> 16) >= block.directory_table - block.inode_table || (block.root_inode & 0xffff) >= squashfs_metadata_size)
        return wrong("the root directory's place");
    return {};
}

Result<void> check_version_4(const SquashfsSuperblock& block) {
    const auto is_table = [&](std::uint64_t offset) { return offset >= superblock_size && offset < block.bytes_used; };
    const auto is_table_or_none = [&](std::uint64_t offset) { return offset == no_squashfs_table || is_table(offset); };
    if (block.compression < SquashfsCompression::gzip || block.compression > SquashfsCompression::zstd)
        return wrong("the compressor's id");
    if (!is_table(block.inode_table) || !is_table(block.directory_table) || !is_table(block.id_table))
        return wrong("the order of the tables");
    if (!is_table_or_none(block.fragment_table) || !is_table_or_none(block.export_table) || !is_table_or_none(block.xattr_table))
        return wrong("a table's offset");
    return {};
}

Result<SquashfsSuperblock> version_4(Reader reader, SquashfsSuperblock block) {
    TRY(reader.skip(4));
    block.inodes = TRY(reader.u32());
    block.made = TRY(reader.u32());
    block.block_size = TRY(reader.u32());
    block.fragments = TRY(reader.u32());
    block.compression = static_cast<SquashfsCompression>(TRY(reader.u16()));
    const unsigned block_log = TRY(reader.u16());
    block.flags = TRY(reader.u16());
    block.ids = TRY(reader.u16());
    TRY(reader.skip(4));
    block.root_inode = TRY(reader.u64());
    block.bytes_used = TRY(reader.u64());
    block.id_table = TRY(reader.u64());
    block.xattr_table = TRY(reader.u64());
    block.inode_table = TRY(reader.u64());
    block.directory_table = TRY(reader.u64());
    block.fragment_table = TRY(reader.u64());
    block.export_table = TRY(reader.u64());
    TRY(check_tables(block, block_log));
    TRY(check_version_4(block));
    return block;
}

/// Versions 1 to 3 keep their early fields in place; 2 has more of them, and 3 has 64-bit offsets in a third, packed part.
Result<SquashfsSuperblock> version_1_to_3(Reader reader, SquashfsSuperblock block) {
    TRY(reader.seek(4));
    block.inodes = TRY(reader.u32());
    block.bytes_used = TRY(reader.u32());
    block.id_table = TRY(reader.u32());
    block.group_table = TRY(reader.u32());
    block.inode_table = TRY(reader.u32());
    block.directory_table = TRY(reader.u32());
    TRY(reader.seek(version_offset + 4));
    block.block_size = TRY(reader.u16());
    const unsigned block_log = TRY(reader.u16());
    block.flags = TRY(reader.u8());
    block.ids = TRY(reader.u8());
    block.group_ids = TRY(reader.u8());
    block.made = TRY(reader.u32());
    block.root_inode = TRY(reader.u64());
    if (block.major > 1) {
        block.block_size = TRY(reader.u32());
        block.fragments = TRY(reader.u32());
        block.fragment_table = TRY(reader.u32());
    }
    if (block.major > 2) {
        block.bytes_used = TRY(reader.u64());
        block.id_table = TRY(reader.u64());
        block.group_table = TRY(reader.u64());
        block.inode_table = TRY(reader.u64());
        block.directory_table = TRY(reader.u64());
        block.fragment_table = TRY(reader.u64());
        block.export_table = TRY(reader.u64());
    }
    TRY(check_tables(block, block_log));
    if (block.inode_table < shortest_superblock || block.id_table >= block.bytes_used)
        return wrong("the order of the tables");
    return block;
}

}  // namespace

std::string_view name_of(SquashfsCompression compression) {
    switch (compression) {
        case SquashfsCompression::gzip: return "gzip";
        case SquashfsCompression::lzma: return "lzma";
        case SquashfsCompression::lzo: return "lzo";
        case SquashfsCompression::xz: return "xz";
        case SquashfsCompression::lz4: return "lz4";
        case SquashfsCompression::zstd: return "zstd";
    }
    return "unknown";
}

std::size_t SquashfsSuperblock::metadata_header() const { return !is_version_4() && (flags & check_data) != 0 ? 3 : 2; }

std::uint64_t SquashfsSuperblock::directory_end() const {
    std::uint64_t end = id_table;
    for (const std::uint64_t table : {fragment_table, export_table, xattr_table, group_table})
        if (table > directory_table)
            end = std::min(end, table);
    return end;
}

Result<SquashfsSuperblock> read_squashfs_superblock(Bytes bytes) {
    const std::string_view start = as_text(clipped(bytes, 0, 4));
    const auto* const magic = std::ranges::find(magics, start, &Variant::bytes);
    if (magic == magics.end())
        return fail(Errc::bad_input, "no SquashFS magic");
    SquashfsSuperblock block;
    block.vendor_magic = magic->vendor;
    block.endian = TRY(byte_order(bytes));
    Reader reader(bytes, block.endian);
    TRY(reader.seek(version_offset));
    block.major = TRY(reader.u16());
    block.minor = TRY(reader.u16());
    TRY(reader.seek(0));
    block = block.major == 4 ? TRY(version_4(reader, block)) : TRY(version_1_to_3(reader, block));
    if (block.inodes == 0)
        return fail(Errc::bad_input, "no inode at all");
    if (block.bytes_used <= shortest_superblock)
        return fail(Errc::bad_input, "the size cannot be");
    return block;
}

}  // namespace shirushi::unpack
