#pragma once
// Which nodes of a UBIFS count: those the index leads to and, newer, those of the journal behind the last commit (Linux fs/ubifs:
// tnc.c, replay.c). Where the index cannot be read, all nodes there are, the newest by sequence number first.

#include <string>
#include <unordered_map>
#include <vector>

#include "unpack/filesystems/ubifs_nodes.hpp"

namespace shirushi::unpack {

/// A node about an inode or a block of its data, in order of inode, then block, then age.
struct UbifsItem {
    std::uint32_t inode = 0;
    std::uint32_t block = 0;
    std::uint64_t sequence = 0;
    std::uint64_t at = 0;
    auto operator<=>(const UbifsItem&) const = default;
};

struct UbifsName {
    std::uint32_t parent = 0;
    std::string_view name;  ///< borrowed from the image
    std::uint64_t sequence = 0;
    std::uint32_t inode = 0;  ///< 0: the name is no more
    auto operator<=>(const UbifsName&) const = default;
};

struct UbifsCut {
    std::uint64_t sequence = 0;
    std::uint64_t size = 0;
};

struct UbifsContents {
    std::vector<UbifsItem> inodes;  ///< the newest of each, without those that are deleted
    std::vector<UbifsItem> data;    ///< the newest of each block
    std::vector<UbifsName> names;   ///< the newest of each, without those that are no more
    std::unordered_map<std::uint32_t, bool> named;           ///< inodes that any name ever led to
    std::unordered_map<std::uint32_t, std::uint32_t> spoiled;  ///< nodes of an inode that the index knows and that cannot be read
    std::string scanned;  ///< why the index does not count; empty when it does
    std::uint64_t journal_nodes = 0;
    std::uint64_t deleted = 0;  ///< inodes
};

UbifsContents collect_ubifs(Bytes bytes, const UbifsSuperblock& superblock);

}  // namespace shirushi::unpack
