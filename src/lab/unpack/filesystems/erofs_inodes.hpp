#pragma once
// Superblock and inodes of EROFS (fs/erofs/erofs_fs.h). All numbers are little-endian.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

struct ErofsSuperblock {
    unsigned block_bits = 0;
    std::uint64_t blocks = 0;
    std::uint64_t inodes = 0;
    std::uint64_t made = 0;  ///< seconds since 1970; the time of inodes that have none
    std::uint64_t root = 0;
    std::uint64_t first_inode = 0;  ///< where the inode of number 0 would lie
    std::uint32_t compatible = 0;   ///< features that old readers may ignore
    std::uint32_t features = 0;     ///< and may not
    std::uint32_t checksum = 0;
    std::string volume;

    [[nodiscard]] std::uint64_t block_size() const { return std::uint64_t{1} << block_bits; }
    [[nodiscard]] std::uint64_t size() const { return blocks << block_bits; }
    [[nodiscard]] bool has_checksum() const { return (compatible & 1U) != 0; }
    [[nodiscard]] bool pads_in_front() const { return (features & 1U) != 0; }  ///< compressed blocks end where they end
};

/// Errors: bad_input.
Result<ErofsSuperblock> read_erofs_superblock(Bytes image);

enum class ErofsLayout : std::uint8_t { plain = 0, compressed_full = 1, inlined = 2, compressed_compact = 3, chunks = 4 };

struct ErofsInode {
    FileKind kind = FileKind::regular;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int64_t modified = 0;
    ErofsLayout layout = ErofsLayout::plain;
    std::uint64_t size = 0;
    std::uint32_t data = 0;   ///< the first block, or the format of chunks
    std::uint64_t behind = 0; ///< the first byte behind inode and attributes
};

/// Errors: bad_input, unsupported (a layout that nobody knows).
Result<ErofsInode> read_erofs_inode(Bytes image, const ErofsSuperblock& superblock, std::uint64_t number);

}  // namespace shirushi::unpack
