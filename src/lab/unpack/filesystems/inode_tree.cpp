#include "unpack/filesystems/inode_tree.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace shirushi::unpack {

namespace {
constexpr std::string_view lost_folder = "lost+found";
}

FileKind kind_of_mode(std::uint32_t mode) {
    switch (mode & 0170000U) {
        case 0040000: return FileKind::directory;
        case 0120000: return FileKind::symlink;
        case 0060000: return FileKind::block_device;
        case 0020000: return FileKind::character_device;
        case 0010000: return FileKind::fifo;
        case 0140000: return FileKind::socket;
        default: return FileKind::regular;
    }
}

void note_damage(std::string& damage, std::string more) {
    if (damage.empty())
        damage = std::move(more);
}

Result<void> InodeTree::take_room(std::size_t text) {
    if (entries_left_ == 0 || text_left_ < text)
        return fail(Errc::limit, "more entries than such a file system can have; the rest is left out");
    --entries_left_;
    text_left_ -= text;
    return {};
}

Result<void> InodeTree::leaf(const EntryName& name, std::uint64_t number, InodeFacts facts) {
    seen_.insert(number);
    TRY(sink_.begin(path_of(directories_, name), facts.info));
    if (facts.info.kind == FileKind::regular)
        TRY(source_.content(number, sink_, facts.damage));
    return sink_.end(facts.damage);
}

Result<void> InodeTree::member(const Pending& directory, NamedInode&& listed, std::string& fault) {
    if (std::string wrong = name_fault(listed.name); !wrong.empty()) {
        note_damage(fault, "leaves out an entry with " + wrong);
        return {};
    }
    const std::size_t path_length = directory.path_length + 1 + listed.name.size();
    if (path_length > longest_path) {
        note_damage(fault, fmt::format("leaves out an entry whose path is longer than {} bytes", longest_path));
        return {};
    }
    TRY(take_room(listed.name.size()));
    InodeFacts facts = source_.inode(listed.number);
    if (facts.info.kind != FileKind::directory)
        return leaf({directory.index, std::move(listed.name)}, listed.number, std::move(facts));
    if (directory.depth + 1 > deepest_directory) {
        note_damage(fault, fmt::format("leaves out what lies deeper than {} directories", deepest_directory));
    } else if (!seen_.insert(listed.number).second) {
        note_damage(fault, fmt::format("leaves out \"{}\": this directory is listed elsewhere too", excerpt(listed.name, 60)));
    } else {
        pending_.push_back({static_cast<std::uint32_t>(directories_.size()), directory.depth + 1, path_length, listed.number, std::move(facts)});
        directories_.push_back({directory.index, std::move(listed.name)});
    }
    return {};
}

Result<void> InodeTree::directory(Pending directory) {
    for (NamedInode& listed : source_.list(directory.number, directory.facts.damage))
        TRY(member(directory, std::move(listed), directory.facts.damage));
    if (directory.index == 0) {
        root_damage_ = std::move(directory.facts.damage);
        return {};
    }
    TRY(sink_.begin(path_of(directories_, directories_[directory.index]), directory.facts.info));
    return sink_.end(directory.facts.damage);
}

Result<void> InodeTree::walk() {
    while (!pending_.empty()) {
        Pending next = std::move(pending_.back());
        pending_.pop_back();
        TRY(directory(std::move(next)));
    }
    return {};
}

Result<void> InodeTree::hand_out(std::uint64_t root) {
    seen_.insert(root);
    pending_.push_back({.number = root, .facts = {}});
    return walk();
}

Result<void> InodeTree::hand_out_lost(std::uint64_t number, std::string_view why) {
    if (seen(number))
        return {};
    TRY(take_room(0));
    if (lost_ == 0) {
        lost_ = static_cast<std::uint32_t>(directories_.size());
        directories_.push_back({0, std::string(lost_folder)});
    }
    InodeFacts facts = source_.inode(number);
    note_damage(facts.damage, std::string(why));
    EntryName name{lost_, fmt::format("inode-{}", number)};
    if (facts.info.kind != FileKind::directory)
        return leaf(name, number, std::move(facts));
    seen_.insert(number);
    pending_.push_back({static_cast<std::uint32_t>(directories_.size()), 2, lost_folder.size() + name.text.size() + 1, number, std::move(facts)});
    directories_.push_back(std::move(name));
    return walk();
}

}  // namespace shirushi::unpack
