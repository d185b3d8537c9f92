#pragma once
// The superblock of SquashFS (Linux kernel, fs/squashfs/squashfs_fs.h and Documentation/filesystems/squashfs.rst; versions 1 to 3:
// squashfs-tools, squashfs_compat.h). Version 4.0 is little-endian by definition and big-endian where a vendor kept version 3's habit;
// versions 1 to 3 come in both byte orders, and vendors changed the magic. All offsets are from the first byte of the file system.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

enum class SquashfsCompression : std::uint16_t { gzip = 1, lzma = 2, lzo = 3, xz = 4, lz4 = 5, zstd = 6 };

/// The name that mksquashfs knows it by.
std::string_view name_of(SquashfsCompression compression);

/// An offset that means "this table does not exist".
inline constexpr std::uint64_t no_squashfs_table = ~std::uint64_t{0};
/// What one metadata block holds at most, decompressed.
inline constexpr std::size_t squashfs_metadata_size = 8192;

struct SquashfsSuperblock {
    Endian endian = Endian::little;
    bool vendor_magic = false;  ///< not "hsqs" or "sqsh"
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    std::uint32_t inodes = 0;
    std::uint32_t made = 0;  ///< seconds since 1970
    std::uint32_t block_size = 0;
    std::uint64_t bytes_used = 0;
    std::uint32_t fragments = 0;
    SquashfsCompression compression = SquashfsCompression::gzip;  ///< versions 1 to 3 do not say
    std::uint16_t flags = 0;
    std::uint16_t ids = 0;         ///< of versions 1 to 3: of users
    std::uint16_t group_ids = 0;   ///< of versions 1 to 3
    std::uint64_t root_inode = 0;  ///< a reference: block offset in the inode table << 16 | offset inside the block
    std::uint64_t id_table = 0;    ///< of versions 1 to 3: of users, as plain numbers
    std::uint64_t group_table = no_squashfs_table;
    std::uint64_t inode_table = 0;
    std::uint64_t directory_table = 0;
    std::uint64_t fragment_table = no_squashfs_table;
    std::uint64_t export_table = no_squashfs_table;
    std::uint64_t xattr_table = no_squashfs_table;

    [[nodiscard]] bool is_version_4() const { return major == 4; }
    /// Bytes before each block of metadata.
    [[nodiscard]] std::size_t metadata_header() const;
    /// Where the table that ends with a list of pointers at `table` may lie at most: tables follow each other in a fixed order.
    [[nodiscard]] std::uint64_t directory_end() const;
};

/// Reads and holds against each other all fields that are known. Errors: bad_input (it is not one).
Result<SquashfsSuperblock> read_squashfs_superblock(Bytes bytes);

}  // namespace shirushi::unpack
