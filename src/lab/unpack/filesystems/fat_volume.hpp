#pragma once
// Where everything lies in a FAT or exFAT volume, and the chains of clusters in it.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "unpack/filesystems/directory_walk.hpp"

namespace shirushi::unpack {

struct FatVolume {
    unsigned bits = 12;  ///< of one entry in the table: 12, 16 or 32
    std::uint64_t sector_size = 512;
    std::uint64_t cluster_size = 512;
    std::uint64_t table_offset = 0;  ///< of the first table
    std::uint64_t table_size = 0;
    std::uint64_t tables = 2;
    std::uint64_t root_offset = 0;  ///< FAT12 and FAT16: the root directory's fixed place
    std::uint64_t root_size = 0;
    std::uint32_t root_cluster = 0;  ///< FAT32
    std::uint64_t data_offset = 0;   ///< of cluster 2
    std::uint32_t clusters = 0;
    std::uint64_t size = 0;  ///< of the volume
    std::uint8_t media = 0xf8;
    std::uint8_t active_table = 0;
    bool from_backup = false;  ///< of the boot sector
    std::string label;

    /// Nothing unless the boot sector's fields make sense together.
    static std::optional<FatVolume> of(Bytes bytes);

    /// The entry of a cluster in one of the tables; nothing where the bytes end before it.
    [[nodiscard]] std::optional<std::uint32_t> next(Bytes bytes, std::uint64_t table, std::uint32_t cluster) const;
    /// The table begins as it must: the media byte, filled up with ones.
    [[nodiscard]] bool table_begins_well(Bytes bytes, std::uint64_t table) const;
    [[nodiscard]] bool is_end(std::uint32_t value) const;
    [[nodiscard]] bool is_data(std::uint32_t cluster) const { return cluster >= 2 && cluster - 2 < clusters; }
    [[nodiscard]] std::uint64_t offset_of(std::uint32_t cluster) const { return data_offset + (std::uint64_t{cluster} - 2) * cluster_size; }
};

struct FatChain {
    std::vector<Extent> extents;  ///< neighbours joined
    std::uint64_t size = 0;
    bool ended = false;  ///< by its end mark
    std::string damage;  ///< why it ends elsewhere before `most` bytes
};

/// The chain from `first` on through a table, up to `most` bytes and as far as the image reaches.
FatChain follow_fat_chain(Bytes bytes, const FatVolume& volume, std::uint64_t table, std::uint32_t first, std::uint64_t most);

/// The `size` bytes from the cluster `first` on, which exFAT keeps without a chain.
FatChain fat_run(const FatVolume& volume, std::uint32_t first, std::uint64_t size);

/// Which clusters are in use already.
class ClusterMarks {
public:
    ClusterMarks(const FatVolume& volume, Bytes bytes);
    /// How many bytes come before the first cluster that was marked already; UINT64_MAX when none was.
    std::uint64_t mark(const FatVolume& volume, const FatChain& chain);

private:
    std::vector<bool> marks_;  // as far as the bytes reach
};

/// The first `size` bytes of a chain as a file's content.
Result<void> write_fat_chain(Bytes bytes, const FatChain& chain, std::uint64_t size, Sink& sink, std::string& damage);

}  // namespace shirushi::unpack
