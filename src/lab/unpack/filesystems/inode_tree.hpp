#pragma once
// The walk over a file system whose directories name inodes by number (JFFS2, UBIFS, YAFFS, F2FS), held to the ceilings of
// entry_names.hpp. How inodes, listings and contents are found is the format's own business.

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "unpack/decoder.hpp"
#include "unpack/entry_names.hpp"

namespace shirushi::unpack {

/// One line of a directory.
struct NamedInode {
    std::string name;
    std::uint64_t number = 0;
};

struct InodeFacts {
    EntryInfo info;
    std::string damage;
};

/// Kind of a file from the type bits of a Unix mode (stat(2)); regular when they say nothing.
FileKind kind_of_mode(std::uint32_t mode);

/// The first reason counts.
void note_damage(std::string& damage, std::string more);

class InodeSource {
public:
    InodeSource() = default;
    InodeSource(const InodeSource&) = delete;
    InodeSource& operator=(const InodeSource&) = delete;
    virtual ~InodeSource() = default;

    /// What is known of an inode; one that is not there is a regular file with damage.
    virtual InodeFacts inode(std::uint64_t number) = 0;
    /// What a directory holds, in order of name. What is wrong with the listing as a whole goes to `damage`.
    virtual std::vector<NamedInode> list(std::uint64_t number, std::string& damage) = 0;
    /// Content of a regular file, into the sink's open entry.
    virtual Result<void> content(std::uint64_t number, Sink& sink, std::string& damage) = 0;
};

/// Hands out entries: each directory once, a hard link as a file with its own copy of the content. Names that cannot be are
/// left out and named in the directory's damage.
class InodeTree {
public:
    InodeTree(InodeSource& source, Sink& sink) : source_(source), sink_(sink) {}

    /// Everything below a root directory. Errors: limit, and the sink's.
    Result<void> hand_out(std::uint64_t root);
    /// An inode that no directory names, with everything below it, as lost+found/inode-N; nothing when it was handed out already.
    Result<void> hand_out_lost(std::uint64_t number, std::string_view why);

    [[nodiscard]] bool seen(std::uint64_t number) const { return seen_.contains(number); }
    /// What was wrong with the root's listing.
    [[nodiscard]] const std::string& root_damage() const { return root_damage_; }

private:
    struct Pending {
        std::uint32_t index = 0;  // in directories_
        std::size_t depth = 0;
        std::size_t path_length = 0;
        std::uint64_t number = 0;
        InodeFacts facts;
    };

    Result<void> walk();
    Result<void> directory(Pending directory);
    Result<void> member(const Pending& directory, NamedInode&& listed, std::string& fault);
    Result<void> take_room(std::size_t text);
    Result<void> leaf(const EntryName& name, std::uint64_t number, InodeFacts facts);

    InodeSource& source_;
    Sink& sink_;
    std::size_t entries_left_ = most_entries;
    std::size_t text_left_ = most_text;
    std::vector<EntryName> directories_{1};
    std::vector<Pending> pending_;
    std::unordered_set<std::uint64_t> seen_;
    std::string root_damage_;
    std::uint32_t lost_ = 0;  // the index of lost+found, once there is one
};

}  // namespace shirushi::unpack
