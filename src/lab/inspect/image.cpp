#include "inspect/image.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::inspect {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;

constexpr std::array<std::string_view, 6> kProgramFolders = {"sbin", "bin", "usr/sbin", "usr/bin", "usr/local/sbin", "usr/local/bin"};

/// A root that lies in a folder of an archive ("rootfs/etc", "rootfs/bin") instead of at its top.
bool is_nested_root(const unpack::Tree& tree, const Node& node) {
    if (node.kind != NodeKind::entry || node.file.kind != FileKind::directory)
        return false;
    bool etc = false;
    int others = 0;
    for (const NodeId child : node.children) {
        const std::string& name = tree.node(child).name;
        etc |= name == "etc";
        others += int(name == "bin") + int(name == "sbin") + int(name == "usr") + int(name == "lib");
    }
    return etc && others >= 2;
}

std::vector<Root> roots_of(const unpack::Tree& tree) {
    std::vector<Root> roots;
    std::vector<bool> inside(tree.size());  // parents come before children
    for (const NodeId id : tree.file_systems()) {
        roots.emplace_back(tree, id);
        inside[static_cast<std::uint32_t>(id)] = true;
    }
    for (std::uint32_t i = 1; i < tree.size(); ++i) {
        const Node& node = tree.node(NodeId{i});
        if (node.kind != NodeKind::entry || inside[i])
            continue;
        if (inside[static_cast<std::uint32_t>(node.parent)]) {
            inside[i] = true;
        } else if (is_nested_root(tree, node)) {
            roots.emplace_back(tree, node.id);
            inside[i] = true;
        }
    }
    return roots;
}

}  // namespace

std::optional<NodeId> Root::find(std::string_view path) const {
    const auto found = tree_->resolve(id_, path);
    return found ? std::optional(*found) : std::nullopt;
}

std::optional<std::string_view> Root::text(std::string_view path) const {
    const auto id = find(path);
    if (!id || tree_->node(*id).kind != NodeKind::entry || tree_->node(*id).file.kind != FileKind::regular)
        return std::nullopt;
    return text_of(*tree_, *id);
}

std::vector<NodeId> Root::list(std::string_view folder) const {
    const auto id = find(folder);
    return id ? tree_->node(*id).children : std::vector<NodeId>();
}

std::optional<NodeId> Root::program(std::string_view name) const {
    const auto regular = [&](std::optional<NodeId> id) {
        return id && tree_->node(*id).kind == NodeKind::entry && tree_->node(*id).file.kind == FileKind::regular;
    };
    if (name.empty())
        return std::nullopt;
    if (name.find('/') != std::string_view::npos) {
        const auto id = find(name);
        return regular(id) ? id : std::nullopt;
    }
    for (const std::string_view folder : kProgramFolders)
        if (const auto id = find(std::string(folder) + "/" + std::string(name)); regular(id))
            return id;
    return std::nullopt;
}

std::string Root::inner_path(NodeId id) const {
    const std::string top = tree_->path(id_);
    const std::string whole = tree_->path(id);
    return whole.size() > top.size() ? "/" + whole.substr(top.empty() ? 0 : top.size() + 1) : "/";
}

Image look_at(const unpack::Tree& tree) {
    Image image{.tree = &tree, .roots = roots_of(tree), .files = {}, .leaves = {}};
    std::vector<std::pair<std::string, NodeId>> named;
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(NodeId{i});
        const bool regular = node.kind == NodeKind::entry && node.file.kind == FileKind::regular;
        if (regular || (node.kind != NodeKind::entry && node.children.empty()))
            named.emplace_back(tree.path(node.id), node.id);
    }
    std::ranges::sort(named);
    for (const auto& [path, id] : named) {
        image.leaves.push_back(id);
        if (tree.node(id).kind == NodeKind::entry)
            image.files.push_back(id);
    }
    return image;
}

std::string_view text_of(const unpack::Tree& tree, NodeId id) { return as_text(clipped(tree.bytes(id), 0, kMaxConfiguration)); }

bool looks_like_text(std::string_view content) { return content.substr(0, 512).find('\0') == std::string_view::npos; }

std::uint64_t offset_in(std::string_view whole, std::string_view part) {
    return static_cast<std::uint64_t>(part.data() - whole.data());
}

std::string masked(std::string_view secret) {
    if (secret.size() <= 2)
        return std::string(secret.size(), '*');
    return std::string(1, secret.front()) + std::string(std::min<std::size_t>(secret.size() - 2, 16), '*') + secret.back();
}

std::string masked_excerpt(std::string_view line, std::string_view secret) {
    std::string text(trimmed(line).substr(0, 512));
    if (!secret.empty()) {
        const std::string stars = masked(secret);
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + stars.size()))
            text.replace(at, secret.size(), stars);
    }
    return excerpt(text);
}

std::string_view unquoted(std::string_view word) {
    if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
        return word.substr(1, word.size() - 2);
    return word;
}

}  // namespace shirushi::inspect
