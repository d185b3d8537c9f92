#include "unpack/filesystems/plain_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"

namespace shirushi::unpack {

namespace {

struct Pending {
    std::uint32_t index = 0;  ///< in directories
    std::uint64_t number = 0;
    PlainTree::Node node;
    std::size_t depth = 0;
    std::size_t path_length = 0;
};

struct Child {
    std::string name;
    std::uint64_t number = 0;
    PlainTree::Node node;
    bool readable = false;
};

class Walker {
public:
    Walker(PlainTree& tree, Sink& sink, Share share) : tree_(tree), sink_(sink), dealer_(share) {}
    Result<void> run(std::uint64_t root);

private:
    std::vector<Child> children(Pending& directory);
    /// Why the entry is left out; empty when it is taken.
    std::string take(const Pending& directory, std::string_view name, std::uint64_t number, std::vector<Child>& to);
    Result<void> hand_out(const Pending& directory, std::vector<Child> children);
    bool within_bounds(std::size_t text);

    PlainTree& tree_;
    Sink& sink_;
    Dealer dealer_;
    std::vector<EntryName> directories_;
    std::vector<Pending> pending_;
    std::unordered_set<std::uint64_t> visited_;
    std::size_t entries_left_ = most_entries;
    std::size_t text_left_ = most_text;
    std::string limit_;
};

bool Walker::within_bounds(std::size_t text) {
    if (entries_left_ == 0 || text > text_left_) {
        limit_ = entries_left_ == 0 ? "more entries than such an image can have; the rest is left out"
                                    : "more text in names and links than such an image can have; the rest is left out";
        return false;
    }
    --entries_left_;
    text_left_ -= text;
    return true;
}

std::string Walker::take(const Pending& directory, std::string_view name, std::uint64_t number, std::vector<Child>& to) {
    if (std::string fault = name_fault(name); !fault.empty())
        return "leaves out an entry with " + fault;
    if (directory.path_length + 1 + name.size() > longest_path)
        return fmt::format("leaves out an entry whose path is longer than {} bytes", longest_path);
    Child child{.name = std::string(name), .number = number};
    auto node = tree_.node(number);
    child.readable = node.has_value();
    if (node)
        child.node = std::move(*node);
    else
        child.node.damage = std::move(node).error().message;
    text_left_ -= std::min(text_left_, child.node.info.target.size());
    if (child.readable && child.node.info.kind == FileKind::directory) {
        if (!visited_.insert(number).second)
            return fmt::format("leaves out \"{}\": this directory is listed elsewhere too", excerpt(name, 60));
        if (directory.depth + 1 > deepest_directory)
            return fmt::format("leaves out what lies deeper than {} directories", deepest_directory);
    }
    to.push_back(std::move(child));
    return {};
}

std::vector<Child> Walker::children(Pending& directory) {
    std::vector<Child> found;
    std::string fault;
    const auto listed = tree_.listing(directory.number, [&](std::string_view name, std::uint64_t number) {
        if (!within_bounds(name.size()))
            return false;
        std::string wrong = take(directory, name, number, found);
        if (fault.empty())
            fault = std::move(wrong);
        return true;
    });
    std::string& damage = directory.node.damage;
    if (damage.empty() && !listed)
        damage = "its listing is damaged: " + listed.error().message;
    if (damage.empty())
        damage = fault;
    return found;
}

Result<void> Walker::hand_out(const Pending& directory, std::vector<Child> children) {
    for (Child& child : children) {
        EntryName name{directory.index, std::move(child.name)};
        if (child.readable && child.node.info.kind == FileKind::directory) {
            pending_.push_back({.index = static_cast<std::uint32_t>(directories_.size()),
                                .number = child.number,
                                .node = std::move(child.node),
                                .depth = directory.depth + 1,
                                .path_length = directory.path_length + 1 + name.text.size()});
            directories_.push_back(std::move(name));
            continue;
        }
        const bool filled = child.readable && child.node.info.kind == FileKind::regular;
        if (filled ? !dealer_.mine(child.node.size) : !dealer_.first())
            continue;
        TRY(sink_.begin(path_of(directories_, name), child.node.info));
        std::string damage = std::move(child.node.damage);
        if (filled) {
            std::string more = TRY(tree_.content(child.number, sink_));
            if (damage.empty())
                damage = std::move(more);
        }
        TRY(sink_.end(damage));
    }
    return {};
}

Result<void> Walker::run(std::uint64_t root) {
    auto node = TRY_WITHIN("root directory", tree_.node(root));
    if (node.info.kind != FileKind::directory)
        return fail(Errc::bad_input, "root directory: is not a directory");
    visited_.insert(root);
    directories_.emplace_back();
    pending_.push_back({.number = root, .node = std::move(node)});
    std::string damage;
    while (!pending_.empty() && limit_.empty()) {
        Pending next = std::move(pending_.back());
        pending_.pop_back();
        std::vector<Child> below = children(next);
        if (next.index != 0 && dealer_.first()) {
            TRY(sink_.begin(path_of(directories_, directories_[next.index]), next.node.info));
            TRY(sink_.end(next.node.damage));
        } else if (next.index == 0) {
            damage = next.node.damage;
        }
        TRY(hand_out(next, std::move(below)));
    }
    if (!limit_.empty())
        return fail(Errc::limit, limit_);
    return damage.empty() ? Result<void>() : fail(Errc::bad_input, "root directory: " + damage);
}

}  // namespace

Result<void> hand_out_tree(PlainTree& tree, std::uint64_t root, Sink& sink, Share share) { return Walker(tree, sink, share).run(root); }

}  // namespace shirushi::unpack
