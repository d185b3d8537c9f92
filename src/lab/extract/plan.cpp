#include "extract/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/text.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::extract {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::size_t kLongestName = 255;   // NAME_MAX
constexpr std::size_t kLongestPath = 3500;  // below PATH_MAX, with room for the folder everything lies in
constexpr std::uint32_t kPermissions = 0777;
constexpr std::string_view kUnpacked = ".unpacked";

/// A name that the disk takes: one that is too long keeps its beginning and gets a digest of the whole.
std::string disk_name(const std::string& name, std::string_view suffix) {
    if (name.size() + suffix.size() <= kLongestName)
        return name + std::string(suffix);
    std::size_t cut = 200;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xc0U) == 0x80U)
        --cut;
    return fmt::format("{}~{}{}", name.substr(0, cut), crypto::sha256(as_bytes(name)).hex().substr(0, 16), suffix);
}

/// Whether one container and padding behind it are all there is of these bytes: then they need not be a file of their own.
bool is_explained(const Tree& tree, const Node& stream) {
    if (stream.children.size() != 1 || !stream.damage.empty())
        return false;
    const Node& only = tree.node(stream.children.front());
    if (only.kind != NodeKind::container || only.offset != 0 || only.children.empty() || !only.damage.empty())
        return false;
    const Bytes rest = tree.bytes(stream.id).subspan(std::min(only.size, stream.size));
    return std::ranges::all_of(rest, [&](std::uint8_t byte) { return byte == rest.front(); });
}

class Planner {
public:
    explicit Planner(const Tree& tree) : tree_(tree) { plan_.folders.push_back({}); }

    Plan run() && {
        add_children(tree_.root(), 0);
        add_unexplained();
        while (!waiting_.empty()) {
            const auto [node, folder] = waiting_.back();
            waiting_.pop_back();
            add_children(tree_.node(node), folder);
        }
        std::ranges::stable_sort(plan_.files, {}, &PlannedFile::folder);
        std::ranges::stable_sort(plan_.links, {}, &PlannedLink::folder);
        return std::move(plan_);
    }

private:
    struct Waiting {
        NodeId node{};
        FolderIndex folder = 0;
    };

    void add_children(const Node& parent, FolderIndex folder) {
        std::unordered_set<std::string> taken;
        for (const NodeId id : parent.children)
            taken.insert(disk_name(tree_.node(id).name, ""));
        for (const NodeId id : parent.children)
            add(tree_.node(id), folder, taken);
    }

    void add(const Node& node, FolderIndex folder, std::unordered_set<std::string>& taken) {
        if (node.kind == NodeKind::entry)
            return add_entry(node, folder, taken);
        const bool only_folder = !node.children.empty() && (node.kind == NodeKind::container || is_explained(tree_, node));
        if (only_folder)
            return add_folder(node, folder, disk_name(node.name, ""), 0755);
        add_file(node, folder, 0644);
        if (!node.children.empty())
            add_folder(node, folder, free_name(node.name, taken), 0755);
    }

    void add_entry(const Node& node, FolderIndex folder, std::unordered_set<std::string>& taken) {
        const unpack::EntryInfo& info = node.file;
        if (info.kind == FileKind::directory)
            return add_folder(node, folder, disk_name(node.name, ""), info.mode & kPermissions);
        if (info.kind == FileKind::regular) {
            plan_.mode_bits_dropped += (info.mode & ~kPermissions) != 0 ? 1 : 0;
            add_file(node, folder, info.mode & kPermissions);
        } else if (info.kind == FileKind::symlink) {
            add_link(node, folder);
        } else {
            leave_out(node, fmt::format("a {} is not made", name_of(info.kind)));
        }
        if (!node.children.empty())
            add_folder(node, folder, free_name(node.name, taken), 0755);
    }

    void add_folder(const Node& node, FolderIndex parent, std::string name, std::uint32_t mode) {
        if (!fits(node, parent, name))
            return;
        plan_.folders.push_back({.parent = parent, .name = std::move(name), .mode = mode, .modified = node.file.modified});
        lengths_.push_back(lengths_[parent] + plan_.folders.back().name.size() + 1);
        waiting_.push_back({node.id, static_cast<FolderIndex>(plan_.folders.size() - 1)});
    }

    void add_file(const Node& node, FolderIndex folder, std::uint32_t mode) {
        std::string name = disk_name(node.name, "");
        if (fits(node, folder, name))
            plan_.files.push_back({.folder = folder, .name = std::move(name), .content = tree_.bytes(node.id), .mode = mode, .modified = node.file.modified});
    }

    void add_link(const Node& node, FolderIndex folder) {
        std::vector<std::string> from;
        for (const Node* at = &tree_.node(node.parent); at->kind == NodeKind::entry; at = &tree_.node(at->parent))
            from.push_back(at->name);
        std::ranges::reverse(from);
        auto target = safe_target(node.file.target, from);
        std::string name = disk_name(node.name, "");
        if (!target || target->size() > kLongestPath)
            leave_out(node, "a link to nothing, or to a name too long, is not made");
        else if (fits(node, folder, name))
            plan_.links.push_back({.folder = folder, .name = std::move(name), .target = std::move(*target), .modified = node.file.modified});
    }

    void add_unexplained() {
        for (const Region& region : tree_.regions())
            if (region.path.empty() && region.kind == RegionKind::unexplained)
                plan_.files.push_back({.folder = 0, .name = fmt::format("unexplained@0x{:x}", region.offset),
                                       .content = clipped(tree_.bytes(NodeId{0}), region.offset, region.size)});
    }

    /// "NAME.unpacked", or with a number behind it where an entry has that name already.
    static std::string free_name(const std::string& name, std::unordered_set<std::string>& taken) {
        std::string free = disk_name(name, kUnpacked);
        for (int again = 2; taken.contains(free); ++again)
            free = disk_name(name, fmt::format("{}#{}", kUnpacked, again));
        taken.insert(free);
        return free;
    }

    bool fits(const Node& node, FolderIndex folder, const std::string& name) {
        if (lengths_[folder] + name.size() <= kLongestPath)
            return true;
        leave_out(node, "its path is too long for the disk");
        return false;
    }

    void leave_out(const Node& node, std::string_view why) { plan_.left_out.push_back(fmt::format("{}: {}", tree_.path(node.id), why)); }

    const Tree& tree_;
    Plan plan_;
    std::vector<std::size_t> lengths_{0};  // of the folders' paths
    std::vector<Waiting> waiting_;
};

}  // namespace

std::string Plan::path(FolderIndex folder) const {
    if (folder == 0)
        return ".";
    std::vector<const std::string*> names;
    for (; folder != 0; folder = folders[folder].parent)
        names.push_back(&folders[folder].name);
    std::string joined;
    for (auto name = names.rbegin(); name != names.rend(); ++name)
        joined.append(joined.empty() ? "" : "/").append(**name);
    return joined;
}

std::optional<std::string> safe_target(std::string_view target, const std::vector<std::string>& from) {
    if (target.empty() || target.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::vector<std::string_view> to;
    if (!target.starts_with('/'))
        to.assign(from.begin(), from.end());
    for (const std::string_view segment : split(target, '/')) {
        if (segment == ".." && !to.empty())
            to.pop_back();
        else if (!segment.empty() && segment != "." && segment != "..")
            to.push_back(segment);
    }
    std::size_t common = 0;
    while (common < from.size() && common < to.size() && from[common] == to[common])
        ++common;
    std::string relative;
    const auto add = [&](std::string_view segment) { relative.append(relative.empty() ? "" : "/").append(segment); };
    for (std::size_t i = common; i < from.size(); ++i)
        add("..");
    for (std::size_t i = common; i < to.size(); ++i)
        add(to[i]);
    return relative.empty() ? "." : relative;
}

Plan plan_of(const Tree& tree) { return Planner(tree).run(); }

}  // namespace shirushi::extract
