#pragma once
// The extents of compressed EROFS files (fs/erofs/zmap.c). An index says of each logical cluster (usually 4 KiB) whether an extent
// begins in it, and where; it comes as 8 bytes a cluster, or compacted into 4 or 2 with block numbers shared by a pack of 2 or 16.

#include <cstdint>

#include "unpack/filesystems/erofs_inodes.hpp"

namespace shirushi::unpack {

struct ErofsExtent {
    std::uint64_t start = 0;   ///< in the file
    std::uint64_t size = 0;    ///< of content
    std::uint64_t at = 0;      ///< in the image
    std::uint64_t stored = 0;  ///< bytes there, padding included
    bool compressed = false;
    bool interlaced = false;   ///< stored as it is, but rotated to where it lies in its block
    bool fragment = false;     ///< lies in the packed inode
    unsigned algorithm = 0;
};

/// One pass over a file's index. Borrows everything.
class ErofsExtents {
public:
    /// Errors: bad_input, unsupported.
    static Result<ErofsExtents> open(Bytes image, const ErofsSuperblock& superblock, const ErofsInode& inode);

    [[nodiscard]] bool at_end() const { return at_end_; }
    /// Errors: bad_input; nothing behind can be read then.
    Result<ErofsExtent> next();

private:
    struct Cluster {
        unsigned type = 0;
        std::uint32_t offset = 0;      ///< of the extent that begins here
        std::uint64_t block = 0;       ///< where it is stored
        std::uint32_t blocks = 0;      ///< how many of them, when the cluster behind the first says so
        std::uint64_t behind = 0;      ///< the first byte behind this part of the index
    };
    /// A pack of the compacted index.
    struct Pack {
        Bytes bytes;
        unsigned count = 0;
        unsigned bits = 0;  ///< for each cluster
    };
    ErofsExtents(Bytes image, const ErofsSuperblock& superblock, const ErofsInode& inode) : image_(image), superblock_(superblock), inode_(inode) {}
    Result<void> read_header();
    Result<Cluster> load(std::uint64_t cluster) const;
    Result<Cluster> load_full(std::uint64_t cluster) const;
    Result<Cluster> load_compact(std::uint64_t cluster) const;
    Result<Cluster> from_pack(const Pack& pack, unsigned index, std::uint64_t behind) const;
    [[nodiscard]] std::pair<unsigned, std::uint32_t> packed(const Pack& pack, unsigned index) const;
    Result<std::uint64_t> block_in_pack(const Pack& pack, unsigned index) const;

    Bytes image_;
    const ErofsSuperblock& superblock_;
    const ErofsInode& inode_;
    std::uint64_t index_ = 0;  ///< where it begins, behind its header
    unsigned cluster_bits_ = 0;
    std::uint64_t clusters_ = 0;
    unsigned advice_ = 0;
    unsigned algorithms_ = 0;
    std::uint32_t inlined_size_ = 0;
    std::uint64_t inlined_at_ = 0;
    bool at_end_ = false;
    std::uint64_t head_ = 0;  ///< the cluster in which the next extent begins
    Cluster head_cluster_;
};

}  // namespace shirushi::unpack
