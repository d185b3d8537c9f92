#pragma once
// What will be on the disk, decided from the tree alone.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "unpack/tree.hpp"

namespace shirushi::extract {

/// A folder is named by its index in Plan::folders.
using FolderIndex = std::uint32_t;

struct PlannedFolder {
    FolderIndex parent = 0;  ///< itself for folder 0, the one that everything lies in
    std::string name;        ///< one segment; empty for folder 0
    std::uint32_t mode = 0755;
    std::int64_t modified = 0;  ///< seconds since 1970; 0: leave it
};

struct PlannedFile {
    FolderIndex folder = 0;
    std::string name;
    Bytes content;  ///< borrowed from the tree
    std::uint32_t mode = 0644;
    std::int64_t modified = 0;
};

struct PlannedLink {
    FolderIndex folder = 0;
    std::string name;
    std::string target;  ///< relative, with ".." at its front only, and never above its file system's root
    std::int64_t modified = 0;
};

struct Plan {
    std::vector<PlannedFolder> folders;  ///< parents first
    std::vector<PlannedFile> files;      ///< grouped by folder
    std::vector<PlannedLink> links;      ///< likewise
    std::vector<std::string> left_out;
    std::uint64_t mode_bits_dropped = 0;

    /// Segments joined with '/', relative to folder 0; "." for that one itself.
    [[nodiscard]] std::string path(FolderIndex folder) const;
};

/// Never fails: what cannot be made is in left_out. Borrows from `tree`.
Plan plan_of(const unpack::Tree& tree);

/// The link's target as it is written to the disk. `from`: the folders from its file system's root down to the link. Nothing for an
/// empty target.
std::optional<std::string> safe_target(std::string_view target, const std::vector<std::string>& from);

}  // namespace shirushi::extract
