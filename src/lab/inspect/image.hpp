#pragma once
// What every inspector looks at: the image's root file systems, and all its regular files. Borrows the tree, which must outlive it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/facts.hpp"
#include "unpack/tree.hpp"

namespace shirushi::inspect {

/// Configuration above this size is read up to here only: the largest real ones (resolver block lists apart) are far smaller.
inline constexpr std::size_t kMaxConfiguration = std::size_t{1} << 20;

/// A folder tree that a device would run from. Paths are absolute or relative to it; links are followed inside it only.
class Root {
public:
    Root(const unpack::Tree& tree, unpack::NodeId id) : tree_(&tree), id_(id) {}

    [[nodiscard]] unpack::NodeId id() const { return id_; }
    [[nodiscard]] const unpack::Tree& tree() const { return *tree_; }

    [[nodiscard]] std::optional<unpack::NodeId> find(std::string_view path) const;
    [[nodiscard]] bool has(std::string_view path) const { return find(path).has_value(); }
    /// A regular file's text up to kMaxConfiguration; nothing when there is no such file.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view path) const;
    /// Entries of a folder by name; empty when there is no such folder.
    [[nodiscard]] std::vector<unpack::NodeId> list(std::string_view folder) const;
    /// Where a program called `name` (a path, or a word looked up in the usual folders) is.
    [[nodiscard]] std::optional<unpack::NodeId> program(std::string_view name) const;
    /// Path below this root, with a leading '/'.
    [[nodiscard]] std::string inner_path(unpack::NodeId id) const;

private:
    const unpack::Tree* tree_;
    unpack::NodeId id_;
};

struct Image {
    const unpack::Tree* tree = nullptr;
    std::vector<Root> roots;
    std::vector<unpack::NodeId> files;   ///< every regular file, in order of path
    std::vector<unpack::NodeId> leaves;  ///< regular files, and images, streams and containers in which nothing was found
};

Image look_at(const unpack::Tree& tree);

/// The node's content as text, clipped to kMaxConfiguration.
std::string_view text_of(const unpack::Tree& tree, unpack::NodeId id);
/// Whether it can be a configuration file or script: no NUL in its first 512 bytes.
bool looks_like_text(std::string_view content);

/// Where `part`, a view into `whole`, starts.
std::uint64_t offset_in(std::string_view whole, std::string_view part);

/// First and last character kept, the rest starred; short words starred throughout.
std::string masked(std::string_view secret);
/// `line` with every occurrence of `secret` masked, cut to an excerpt.
std::string masked_excerpt(std::string_view line, std::string_view secret);

/// A word without one pair of quotes around it.
std::string_view unquoted(std::string_view word);

}  // namespace shirushi::inspect
