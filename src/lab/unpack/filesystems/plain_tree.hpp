#pragma once
// The walk over file systems whose directories can simply be listed: every entry is handed out, within bounds.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

/// What a format tells of its nodes, each named by a number of its own: an inode's number, or the offset of a header.
class PlainTree {
public:
    struct Node {
        EntryInfo info;
        std::string damage;  ///< of what was just read; the entry is handed out all the same
        std::uint64_t size = 0;  ///< of its content, where work may be shared
    };

    virtual ~PlainTree() = default;

    /// Errors: the node cannot be read; its entry is handed out with the words.
    virtual Result<Node> node(std::uint64_t number) = 0;
    /// Calls `each` with the entries of a directory (raw names) in stored order while it returns true. Errors: damage in the listing.
    virtual Result<void> listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) = 0;
    /// Writes the content of a regular file whose entry has begun, and returns what is wrong with it. Errors: the sink's only.
    virtual Result<std::string> content(std::uint64_t number, Sink& sink) = 0;
};

/// Hands out everything below `root` but itself. A directory is visited once, however often it is listed; names that cannot be, and
/// what lies too deep, are left out and named in the directory's damage. Errors: bad_input (damage of the root), limit, the sink's.
/// Of several children that share the work, each hands out its part of the regular files.
Result<void> hand_out_tree(PlainTree& tree, std::uint64_t root, Sink& sink, Share share = {});

}  // namespace shirushi::unpack
