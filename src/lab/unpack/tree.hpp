#pragma once
// What unpacking yields: a tree of nodes over byte ranges in memory. Nothing here touches the disk. A node is the image, a
// range in it that a format explains, a decompressed stream, or an entry of a file system or archive. Names and link targets
// are data, never paths of this machine; resolve() follows links inside the tree only, so no name can lead outside.
//
// Lifetime: the tree owns all bytes; every Bytes and const Node& borrows from it and lives as long as it does (nodes are never
// moved or removed once unpack() has returned). Threads: a finished tree is immutable and may be read from any number of threads.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

enum class NodeId : std::uint32_t {};

enum class NodeKind {
    image,      ///< the input, node 0
    container,  ///< a range that a format explains: uImage, squashfs, an archive, a partition
    stream,     ///< the bytes that came out of a container: a decompressed gzip, a uImage's payload
    entry,      ///< a file, directory, link or device of a file system or archive (see `file`)
};

/// An entry's metadata, as stored in the file system or archive.
struct EntryInfo {
    FileKind kind = FileKind::regular;
    std::uint32_t mode = 0;  ///< 0 to 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string target;      ///< symbolic link's target, printable
    std::int64_t modified = 0;  ///< seconds since 1970, 0 when the format has none
};

struct Node {
    NodeId id{};
    NodeId parent{};  ///< itself for node 0
    NodeKind kind = NodeKind::container;
    std::string name;    ///< one path segment: printable, not empty (but for node 0), no '/', not "." or ".."
    std::string format;  ///< of containers: "squashfs", "gzip", "uimage" ...; empty otherwise
    std::uint64_t offset = 0;  ///< where it starts in the parent's bytes, for nodes that are a range of them
    std::uint64_t size = 0;    ///< of bytes(); an entry without content has 0
    std::string description;   ///< what the header says ("Linux-4.14, arm, compressed lzma, load 0x80008000")
    std::string damage;        ///< why it could not be read to the end; empty when all is well
    std::string encrypted;     ///< how it is encrypted, where nobody can look inside without a key; empty otherwise
    EntryInfo file;            ///< for entries
    std::optional<Digest> sha256;   ///< of regular files' content
    std::vector<NodeId> children;   ///< in order of offset, or of name for entries
};

class Tree {
public:
    Tree();
    ~Tree();
    Tree(Tree&&) noexcept;
    Tree& operator=(Tree&&) noexcept;

    [[nodiscard]] const Node& node(NodeId id) const;
    [[nodiscard]] const Node& root() const { return node(NodeId{0}); }
    [[nodiscard]] std::size_t size() const;  ///< number of nodes; ids are 0 to size() - 1, parents before children
    [[nodiscard]] Bytes bytes(NodeId id) const;

    /// Names joined with '/', without a leading one: "squashfs@0x120000/etc/passwd". Unique in the tree.
    [[nodiscard]] std::string path(NodeId id) const;

    /// The container whose entries form one file system with `id` in it (the nearest container above); node 0 if none.
    [[nodiscard]] NodeId file_system_of(NodeId id) const;
    /// Containers that hold entries forming a root file system (etc and bin or the like), largest first.
    [[nodiscard]] std::vector<NodeId> file_systems() const;

    /// The entry at an absolute or relative path inside a file system, following symbolic links inside it (at most 40; a
    /// link never leads out: ".." stops at its root). Errors: not_found.
    [[nodiscard]] Result<NodeId> resolve(NodeId file_system, std::string_view path) const;

    /// Of the whole image; measured by unpack(), empty in trees that a test built.
    [[nodiscard]] const Digest& image_digest() const;
    [[nodiscard]] const EntropyMap& entropy_map() const;

    /// Ranges that together cover every byte of the image, then those of streams that hold unexplained or damaged ranges.
    [[nodiscard]] const std::vector<Region>& regions() const;
    /// What a reader of the results must know: limits reached, damaged or unreadable parts. Sorted, without doubles.
    [[nodiscard]] const std::vector<std::string>& notes() const;
    /// Places whose content nobody could look at: damaged containers, unexplained ranges that are not padding, limits reached.
    /// These go into every table of facts drawn from this image.
    [[nodiscard]] const std::vector<std::string>& gaps() const;

    struct State;
    State& state() { return *state_; }  ///< for unpack's own files (tree_builder.hpp)
    [[nodiscard]] const State& state() const { return *state_; }

private:
    std::unique_ptr<State> state_;
};

/// The Facts tables that describe the tree itself.
Table<Region> region_table(const Tree& tree);
Table<File> file_table(const Tree& tree);
/// Partition tables that the image itself holds: in order of device, offset; the same row from several sources once.
Table<Partition> partition_table(const Tree& tree);
/// Containers and streams down to file systems and archives, each before what lies in it.
Table<Layer> layer_table(const Tree& tree);

}  // namespace shirushi::unpack
