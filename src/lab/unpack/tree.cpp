#include "unpack/tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/tree_state.hpp"

namespace shirushi::unpack {
namespace {

constexpr int kMaxLinks = 40;  // as Linux: ELOOP beyond it

}  // namespace

NodeId Tree::State::add(NodeId parent, Node node, Bytes content) {
    node.id = NodeId{static_cast<std::uint32_t>(nodes.size())};
    node.parent = nodes.empty() ? node.id : parent;
    node.size = content.size();
    if (!nodes.empty()) {
        at(parent).children.push_back(node.id);
        child_by_name[static_cast<std::uint32_t>(parent)].emplace(node.name, node.id);
    }
    nodes.push_back(std::move(node));
    contents.push_back(content);
    child_by_name.emplace_back();
    return nodes.back().id;
}

Tree::Tree() : state_(std::make_unique<State>()) {}
Tree::~Tree() = default;
Tree::Tree(Tree&&) noexcept = default;
Tree& Tree::operator=(Tree&&) noexcept = default;

const Node& Tree::node(NodeId id) const { return state_->at(id); }
std::size_t Tree::size() const { return state_->nodes.size(); }
Bytes Tree::bytes(NodeId id) const { return state_->contents[static_cast<std::uint32_t>(id)]; }
const Digest& Tree::image_digest() const { return state_->image_digest; }
const EntropyMap& Tree::entropy_map() const { return state_->entropy_map; }
const std::vector<Region>& Tree::regions() const { return state_->regions; }
const std::vector<std::string>& Tree::notes() const { return state_->notes; }
const std::vector<std::string>& Tree::gaps() const { return state_->gaps; }

std::string Tree::path(NodeId id) const {
    std::vector<const std::string*> names;
    for (const Node* node = &state_->at(id); node->parent != node->id; node = &state_->at(node->parent))
        names.push_back(&node->name);
    std::string joined;
    for (auto name = names.rbegin(); name != names.rend(); ++name)
        joined.append(joined.empty() ? "" : "/").append(**name);
    return joined;
}

NodeId Tree::file_system_of(NodeId id) const {
    // An entry's container is the nearest ancestor that is not itself an entry.
    const Node* node = &state_->at(id);
    while (node->kind == NodeKind::entry)
        node = &state_->at(node->parent);
    return node->id;
}

std::vector<NodeId> Tree::file_systems() const {
    struct Candidate {
        NodeId id{};
        std::size_t entries = 0;
    };
    std::vector<std::size_t> entries(size());
    for (const Node& node : state_->nodes)
        if (node.kind == NodeKind::entry)
            ++entries[static_cast<std::uint32_t>(file_system_of(node.id))];
    std::vector<Candidate> found;
    for (const Node& node : state_->nodes) {
        const auto& names = state_->child_by_name[static_cast<std::uint32_t>(node.id)];
        const auto has = [&](const char* name) {
            const auto at = names.find(name);
            return at != names.end() && state_->at(at->second).kind == NodeKind::entry;
        };
        const int signs = int(has("etc")) + int(has("bin")) + int(has("sbin")) + int(has("usr")) + int(has("lib")) + int(has("init"));
        if (node.kind != NodeKind::entry && signs >= 2)
            found.push_back({node.id, entries[static_cast<std::uint32_t>(node.id)]});
    }
    std::ranges::stable_sort(found, std::ranges::greater{}, &Candidate::entries);
    std::vector<NodeId> ids;
    for (const Candidate& candidate : found)
        ids.push_back(candidate.id);
    return ids;
}

Result<NodeId> Tree::resolve(NodeId file_system, std::string_view path) const {
    const auto missing = [&] { return fail(Errc::not_found, fmt::format("{} is not in {}", excerpt(path), this->path(file_system))); };
    NodeId at = file_system;
    std::vector<std::string> waiting;  // segments still to walk, last first
    const auto push = [&](std::string_view more) {
        const auto segments = split(more, '/');
        for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment)
            if (!segment->empty() && *segment != ".")
                waiting.emplace_back(*segment);
    };
    push(path);
    int links = 0;
    while (!waiting.empty()) {
        const std::string segment = std::move(waiting.back());
        waiting.pop_back();
        if (segment == "..") {
            if (at != file_system)
                at = node(at).parent;
            continue;
        }
        const auto& names = state_->child_by_name[static_cast<std::uint32_t>(at)];
        const auto child = names.find(segment);
        if (child == names.end() || node(child->second).kind != NodeKind::entry)
            return missing();
        const Node& entry = node(child->second);
        if (entry.file.kind == FileKind::symlink) {
            if (++links > kMaxLinks || waiting.size() > 4096)
                return missing();
            if (entry.file.target.starts_with('/'))
                at = file_system;
            push(entry.file.target);
            continue;
        }
        at = child->second;
    }
    return at;
}

Table<Region> region_table(const Tree& tree) { return {.observed = true, .gaps = tree.gaps(), .rows = tree.regions()}; }

Table<Partition> partition_table(const Tree& tree) { return {.observed = true, .gaps = {}, .rows = tree.state().partitions}; }

Table<File> file_table(const Tree& tree) {
    Table<File> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(NodeId{static_cast<std::uint32_t>(i)});
        if (node.kind != NodeKind::entry)
            continue;
        table.rows.push_back({.path = tree.path(node.id), .kind = node.file.kind, .size = node.size, .mode = node.file.mode,
                              .uid = node.file.uid, .gid = node.file.gid, .target = node.file.target, .sha256 = node.sha256});
    }
    std::ranges::sort(table.rows, {}, &File::path);
    return table;
}

}  // namespace shirushi::unpack
