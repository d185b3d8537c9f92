#pragma once
// The walk over a SquashFS image's directories: finds every entry, within bounds, and puts files into on-disk order.

#include <cstdint>
#include <string>
#include <vector>

#include "unpack/decoder.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/squashfs_inodes.hpp"

namespace shirushi::unpack {

struct SquashfsFile {
    EntryName name;
    EntryInfo info;
    std::uint64_t size = 0;
    std::uint64_t start = 0;
    std::uint32_t fragment = no_squashfs_fragment;
    std::uint32_t fragment_offset = 0;
    MetadataPlace block_sizes;
    std::uint64_t stored = 0;  ///< bytes on disk that its content takes, the fragment's part estimated
    std::uint64_t order = 0;   ///< on-disk position by which files are read

    /// Of one inode: a hard link.
    [[nodiscard]] bool same_content(const SquashfsFile& other) const;
};

/// A directory, link or device, or an entry whose inode cannot be read.
struct SquashfsPlainEntry {
    EntryName name;
    EntryInfo info;
    std::string damage;
};

struct SquashfsWalk {
    std::vector<EntryName> directories;  ///< 0 is the root; parents come first
    std::vector<SquashfsPlainEntry> plain;
    std::vector<SquashfsFile> files;  ///< in on-disk order
    std::string damage;               ///< of the root directory, or the bound that was reached; empty when all is well
    bool limited = false;             ///< a bound was reached

    [[nodiscard]] std::string path(const EntryName& name) const { return path_of(directories, name); }
};

/// Damage is in the result. Each directory is visited once, however often it is listed.
SquashfsWalk walk_squashfs(SquashfsImage& image);

}  // namespace shirushi::unpack
