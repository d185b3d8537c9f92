#include "unpack/tree_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/tree_state.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kMaxName = 1024;    // bytes of one printable segment; file systems stop at 255 raw bytes
constexpr std::size_t kMaxSegments = 256;  // deeper paths are flattened: their last segments hang at this depth

/// A name as one safe, printable path segment.
std::string segment_name(std::string_view raw) {
    std::string name = printable(raw.substr(0, kMaxName));
    std::ranges::replace(name, '/', '_');
    return name;
}

void sort_unique(std::vector<std::string>& texts) {
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

}  // namespace

TreeBuilder::TreeBuilder(Bytes image) { tree_.state().add(NodeId{0}, {.kind = NodeKind::image}, image); }

TreeBuilder TreeBuilder::owning(Buffer image) {
    TreeBuilder builder{Bytes()};
    const Bytes kept = builder.keep(std::move(image));
    builder.tree_.state().contents[0] = kept;
    builder.tree_.state().nodes[0].size = kept.size();
    return builder;
}

TreeBuilder::~TreeBuilder() = default;
TreeBuilder::TreeBuilder(TreeBuilder&&) noexcept = default;
TreeBuilder& TreeBuilder::operator=(TreeBuilder&&) noexcept = default;

NodeId TreeBuilder::add_container(NodeId parent, std::string_view format, std::uint64_t offset, std::uint64_t size, std::string description) {
    const Bytes range = clipped(tree_.bytes(parent), offset, size);
    const std::string base = fmt::format("{}@0x{:x}", format, offset);
    const auto& taken = tree_.state().child_by_name[static_cast<std::uint32_t>(parent)];
    std::string name = base;
    for (int again = 2; taken.contains(name); ++again)
        name = fmt::format("{}#{}", base, again);
    return tree_.state().add(parent, {.kind = NodeKind::container, .name = name, .format = std::string(format), .offset = offset, .description = std::move(description)}, range);
}

NodeId TreeBuilder::add_stream(NodeId parent, std::string_view name, Bytes content, std::uint64_t offset,
                               std::string description) {
    std::string unique = segment_name(name.empty() ? "data" : name);
    const auto& taken = tree_.state().child_by_name[static_cast<std::uint32_t>(parent)];
    for (int again = 2; taken.contains(unique); ++again)
        unique = fmt::format("{}#{}", segment_name(name), again);
    return tree_.state().add(parent, {.kind = NodeKind::stream, .name = unique, .offset = offset, .description = std::move(description)}, content);
}

NodeId TreeBuilder::add_entry(NodeId container, std::string_view path, const EntryInfo& info, Bytes content, const Digest& digest, std::string_view damaged) {
    Tree::State& state = tree_.state();
    std::vector<std::string> segments;
    bool left_out = false;
    for (const std::string_view raw : split(path, '/')) {
        if (raw.empty() || raw == ".")
            continue;
        if (raw == "..")
            left_out = true;
        else if (segments.size() < kMaxSegments)
            segments.push_back(segment_name(raw));
        else
            segments.back() = segment_name(raw);
    }
    if (left_out)
        note(fmt::format("{}: the name \"{}\" tries to leave its container; kept inside as \"{}\"", tree_.path(container), excerpt(path), fmt::join(segments, "/")));
    if (segments.empty())
        return container;  // the root folder itself

    NodeId at = container;
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        const auto& names = state.child_by_name[static_cast<std::uint32_t>(at)];
        const auto child = names.find(segments[i]);
        if (child != names.end()) {
            at = child->second;
            continue;
        }
        at = state.add(at, {.kind = NodeKind::entry, .name = segments[i], .file = {.kind = FileKind::directory, .mode = 0755}}, {});
        state.implied[static_cast<std::uint32_t>(at)] = true;
    }

    Node node{.kind = NodeKind::entry, .name = segments.back(), .damage = std::string(damaged), .file = info};
    node.file.target = printable(info.target);
    if (info.kind == FileKind::regular) {
        node.sha256 = digest;
        content = state.stored.try_emplace({*node.sha256, content.size()}, content).first->second;
    }
    const auto& names = state.child_by_name[static_cast<std::uint32_t>(at)];
    if (const auto existing = names.find(node.name); existing != names.end()) {
        const NodeId id = existing->second;
        if (info.kind == FileKind::directory && state.at(id).file.kind == FileKind::directory) {
            if (state.implied.erase(static_cast<std::uint32_t>(id)) != 0)
                state.at(id).file = node.file;
            return id;
        }
        note(fmt::format("{}: more than one entry named \"{}\"; all are kept", tree_.path(container), excerpt(path)));
        for (int again = 2; names.contains(node.name); ++again)
            node.name = fmt::format("{}#{}", segments.back(), again);
    }
    const NodeId id = state.add(at, std::move(node), content);
    if (!damaged.empty())
        gap(fmt::format("{}: {}", tree_.path(id), damaged));
    return id;
}

NodeId TreeBuilder::add_entry(NodeId container, std::string_view path, const EntryInfo& info, Bytes content) {
    return add_entry(container, path, info, content, crypto::sha256(content), {});
}

Bytes TreeBuilder::keep(Buffer content) {
    tree_.state().buffers.push_back(std::move(content));
    return tree_.state().buffers.back();
}

void TreeBuilder::keep_mapping(Bytes mapping, void (*release)(Bytes)) { tree_.state().mappings.push_back({mapping, release}); }

void TreeBuilder::damage(NodeId node, std::string why) {
    gap(fmt::format("{}: {}", node == NodeId{0} ? "image" : tree_.path(node), why));
    tree_.state().at(node).damage = std::move(why);
}

void TreeBuilder::encrypted(NodeId node, std::string how) {
    gap(fmt::format("{}: encrypted: {}", tree_.path(node), how));
    tree_.state().at(node).encrypted = std::move(how);
}

void TreeBuilder::describe_further(NodeId node, std::string_view more) {
    std::string& description = tree_.state().at(node).description;
    description += (description.empty() ? "" : ", ") + std::string(more);
}

void TreeBuilder::note(std::string text) { tree_.state().notes.push_back(std::move(text)); }
void TreeBuilder::gap(std::string text) { tree_.state().gaps.push_back(std::move(text)); }
void TreeBuilder::region(Region region) { tree_.state().regions.push_back(std::move(region)); }

Tree TreeBuilder::finish() && {
    Tree::State& state = tree_.state();
    for (Node& node : state.nodes)
        std::ranges::stable_sort(node.children, [&](NodeId left, NodeId right) {
            const Node& a = state.at(left);
            const Node& b = state.at(right);
            const bool a_entry = a.kind == NodeKind::entry;
            const bool b_entry = b.kind == NodeKind::entry;
            return std::tuple(a_entry, a_entry ? 0 : a.offset, std::string_view(a.name)) < std::tuple(b_entry, b_entry ? 0 : b.offset, std::string_view(b.name));
        });
    sort_unique(state.notes);
    sort_unique(state.gaps);
    return std::move(tree_);
}

}  // namespace shirushi::unpack
