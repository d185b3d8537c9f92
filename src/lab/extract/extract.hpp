#pragma once
// An unpacked tree -> folders, files and links below one new folder: the only gate from image content to the disk. See README.md
// for what goes where and for what makes it safe.

#include <cstdint>
#include <string>
#include <vector>

#include "unpack/tree.hpp"

namespace shirushi::extract {

struct Summary {
    std::uint64_t files = 0;
    std::uint64_t folders = 0;
    std::uint64_t links = 0;
    std::uint64_t bytes = 0;            ///< of files' content
    std::uint64_t mode_bits_dropped = 0;  ///< files whose set-user-id, set-group-id or sticky bit was not given to the copy
    std::vector<std::string> left_out;  ///< what was not made, each with its reason; in the tree's order
};

/// Writes everything below `folder`, which is made if it does not exist and must be empty if it does. Files keep their permission bits
/// and times, folders too, but for the owner's own access. What the system refuses by name (too long) is left out and said.
/// Threads: any; `workers` write at a time (0: one per core). Errors: io (with the path and the system's words, for a full disk and the
/// like; what was written stays), refused (the folder is not empty).
Result<Summary> write_tree(const unpack::Tree& tree, const std::string& folder, unsigned workers = 0);

}  // namespace shirushi::extract
