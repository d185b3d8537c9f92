#pragma once
// How trees come to be: unpack's own driver and the tests of every room that reads artifacts use the same builder.

#include "unpack/tree.hpp"

namespace shirushi::unpack {

class TreeBuilder {
public:
    /// `image` is borrowed and must outlive the tree.
    explicit TreeBuilder(Bytes image);
    /// A tree over its own copy of `image` (tests).
    static TreeBuilder owning(Buffer image);
    ~TreeBuilder();
    TreeBuilder(TreeBuilder&&) noexcept;
    TreeBuilder& operator=(TreeBuilder&&) noexcept;

    /// A range of the parent's bytes that `format` explains, named "format@0xoffset". Clipped to the parent.
    NodeId add_container(NodeId parent, std::string_view format, std::uint64_t offset, std::uint64_t size, std::string description);

    /// Bytes that came out of `parent`. The builder keeps them (keep()) or they live inside bytes it already keeps.
    /// `offset`: where they start in the parent's bytes, for parts of a container.
    NodeId add_stream(NodeId parent, std::string_view name, Bytes content, std::uint64_t offset = 0, std::string description = {});

    /// An entry below a container (or stream) at `path` (raw bytes as stored; '/' between segments). Segments "", "." and ".." are
    /// dropped: nothing can leave its container. Missing folders are made. A second entry at the same path replaces a
    /// folder made so, and otherwise gets a name with "#2", "#3" ... and a note. `digest` is the content's, of regular files; those with the same
    /// content share the bytes of the first: bytes() of the new node then is not `content`, which need not be kept.
    NodeId add_entry(NodeId container, std::string_view path, const EntryInfo& info, Bytes content, const Digest& digest, std::string_view damage);
    /// The same, without damage; the digest is computed here.
    NodeId add_entry(NodeId container, std::string_view path, const EntryInfo& info, Bytes content);

    /// Memory that the tree will own: a copy, or a buffer taken over. Equal contents may be stored once.
    Bytes keep(Buffer content);
    /// Takes over memory of any other kind: `release` is called with it when the tree ends.
    void keep_mapping(Bytes mapping, void (*release)(Bytes));

    void damage(NodeId node, std::string why);     ///< also adds a gap
    void encrypted(NodeId node, std::string how);  ///< also adds a gap
    void describe_further(NodeId node, std::string_view more);
    void note(std::string text);
    void gap(std::string text);
    void region(Region region);

    [[nodiscard]] const Tree& tree() const { return tree_; }
    /// Sorts entries by name and containers by offset, removes double notes and gaps.
    Tree finish() &&;

private:
    Tree tree_;
};

}  // namespace shirushi::unpack
