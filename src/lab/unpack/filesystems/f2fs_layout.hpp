#pragma once
// Where things are in an F2FS (Linux include/linux/f2fs_fs.h, Documentation/filesystems/f2fs.rst): superblock, the newer of two
// checkpoints, and the table that gives each node (an inode, or a block of pointers) its place. No library: identify uses it in
// the parent.

#include <optional>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"

namespace shirushi::unpack {

inline constexpr std::uint64_t f2fs_block = 4096;

struct F2fsSuperblock {
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    std::uint64_t blocks = 0;
    std::uint32_t blocks_per_segment = 0;
    std::uint32_t checkpoint_start = 0;  ///< block addresses, here and below
    std::uint32_t table_start = 0;       ///< of nodes' addresses
    std::uint32_t summary_start = 0;     ///< behind that table
    std::uint32_t main_start = 0;
    std::uint32_t root = 0;
    std::uint32_t checkpoint_payload = 0;
    std::uint32_t features = 0;
    std::string label;

    [[nodiscard]] bool has_encryption() const { return (features & 0x1U) != 0; }
    [[nodiscard]] bool has_flexible_attributes() const { return (features & 0x40U) != 0; }
    [[nodiscard]] bool has_compression() const { return (features & 0x2000U) != 0; }
};

/// Nothing unless the areas follow each other as they must.
std::optional<F2fsSuperblock> f2fs_superblock(Bytes bytes);

/// Finds nodes. Borrows the image.
class F2fsNodes {
public:
    /// Errors: bad_input when neither checkpoint is whole.
    static Result<F2fsNodes> open(Bytes bytes, const F2fsSuperblock& superblock);

    /// The block of a node; nothing when it is not there, or is another one's.
    [[nodiscard]] std::optional<Bytes> node(std::uint32_t number) const;
    /// A block of data; nothing when it lies outside of the main area.
    [[nodiscard]] std::optional<Bytes> data(std::uint32_t address) const;

private:
    F2fsNodes(Bytes bytes, const F2fsSuperblock& superblock) : bytes_(bytes), superblock_(superblock) {}
    struct Checkpoint {
        std::uint64_t start = 0;  // block address
        std::uint64_t version = 0;
        Bytes block;
    };
    [[nodiscard]] Bytes block(std::uint64_t address) const { return clipped(bytes_, address * f2fs_block, f2fs_block); }
    [[nodiscard]] std::optional<Checkpoint> checkpoint(std::uint64_t start) const;
    void read_bitmap(const Checkpoint& checkpoint);
    void read_journal(const Checkpoint& checkpoint);
    [[nodiscard]] std::uint32_t address_of(std::uint32_t number) const;

    Bytes bytes_;
    F2fsSuperblock superblock_;
    Bytes bitmap_;  // which of the two copies of each block of the table counts
    std::unordered_map<std::uint32_t, std::uint32_t> journal_;  // newer than the table
};

}  // namespace shirushi::unpack
