#include "unpack/filesystems/directory_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::size_t longest_name = 1024;    // 255 UTF-16 units are at most 765 bytes; with the name of a stream behind it
constexpr std::size_t longest_damage = 400;   // a few sentences
constexpr std::size_t entry_overhead = 64;    // what an entry with a short name costs all the same

struct Pending {
    std::uint32_t index = 0;  ///< in directories_
    std::size_t depth = 0;
    std::size_t path_length = 0;
    ListedEntry entry;
};

class Walk {
public:
    Walk(WalkedFileSystem& file_system, Sink& sink) : file_system_(file_system), sink_(sink) {}
    Result<void> run(ListedEntry root);

private:
    Result<void> directory(Pending directory);
    /// What is wrong with the entry as a member of this directory goes to `fault`.
    Result<void> take(const Pending& directory, ListedEntry entry, std::string& fault);
    void take_directory(const Pending& parent, ListedEntry entry, std::size_t path_length, std::string& fault);

    WalkedFileSystem& file_system_;
    Sink& sink_;
    std::vector<EntryName> directories_{1};
    std::vector<Pending> pending_;
    std::unordered_set<std::uint64_t> visited_;
    std::size_t entries_left_ = most_entries;
    std::size_t text_left_ = most_text;
    bool limited_ = false;
    std::string root_damage_;
};

std::string fault_of(std::string_view name) {
    const bool long_but_fine = name.size() > 255 && name.size() <= longest_name && name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
    return long_but_fine ? std::string() : name_fault(name);
}

void Walk::take_directory(const Pending& parent, ListedEntry entry, std::size_t path_length, std::string& fault) {
    if (parent.depth + 1 > deepest_directory) {
        add_damage(fault, fmt::format("leaves out what lies deeper than {} directories", deepest_directory));
    } else if (!visited_.insert(entry.place).second) {
        add_damage(fault, fmt::format("leaves out \"{}\": this directory is listed elsewhere too", excerpt(entry.name, 60)));
    } else {
        const EntryName name{parent.index, entry.name};
        pending_.push_back({static_cast<std::uint32_t>(directories_.size()), parent.depth + 1, path_length, std::move(entry)});
        directories_.push_back(name);
    }
}

Result<void> Walk::take(const Pending& directory, ListedEntry entry, std::string& fault) {
    if (std::string wrong = fault_of(entry.name); !wrong.empty()) {
        add_damage(fault, "leaves out an entry with " + wrong);
        return {};
    }
    const std::size_t path_length = directory.path_length + 1 + entry.name.size();
    if (path_length > longest_path) {
        add_damage(fault, fmt::format("leaves out an entry whose path is longer than {} bytes", longest_path));
        return {};
    }
    if (entry.info.kind == FileKind::directory) {
        take_directory(directory, std::move(entry), path_length, fault);
        return {};
    }
    TRY(sink_.begin(path_of(directories_, {directory.index, entry.name}), entry.info));
    if (entry.info.kind == FileKind::regular)
        TRY(file_system_.content(entry, sink_, entry.damage));
    return sink_.end(entry.damage);
}

Result<void> Walk::directory(Pending directory) {
    Listing listing(entries_left_, text_left_);
    file_system_.list(directory.entry, listing);
    limited_ = limited_ || listing.full();
    std::string& damage = directory.entry.damage;
    if (!listing.damage.empty())
        add_damage(damage, listing.damage);
    for (const ListedEntry& entry : listing.entries)
        text_left_ -= std::min(text_left_, entry.name.size() + entry.info.target.size() + entry_overhead);
    entries_left_ -= std::min(entries_left_, listing.entries.size());
    // The order on disk is that of creation; by name is what people expect.
    std::ranges::stable_sort(listing.entries, {}, &ListedEntry::name);
    for (ListedEntry& entry : listing.entries)
        TRY(take(directory, std::move(entry), damage));
    if (directory.index == 0) {
        root_damage_ = std::move(damage);
        return {};
    }
    const EntryName name = directories_[directory.index];
    TRY(sink_.begin(path_of(directories_, name), directory.entry.info));
    return sink_.end(damage);
}

Result<void> Walk::run(ListedEntry root) {
    visited_.insert(root.place);
    pending_.push_back({.entry = std::move(root)});
    while (!pending_.empty()) {
        Pending next = std::move(pending_.back());
        pending_.pop_back();
        TRY(directory(std::move(next)));
    }
    if (limited_)
        return fail(Errc::limit, "more entries than such an image can have; the rest is left out");
    if (!root_damage_.empty())
        return fail(Errc::bad_input, "root directory: " + root_damage_);
    return {};
}

}  // namespace

bool Listing::add(ListedEntry entry) {
    const std::size_t text = entry.name.size() + entry.info.target.size() + entry_overhead;
    if (entries_left_ == 0 || text_left_ < text) {
        if (!full_)
            add_damage(damage, "more entries than such an image can have");
        full_ = true;
        return false;
    }
    --entries_left_;
    text_left_ -= text;
    entries.push_back(std::move(entry));
    return true;
}

Result<void> walk_directories(WalkedFileSystem& file_system, ListedEntry root, Sink& sink) { return Walk(file_system, sink).run(std::move(root)); }

void add_damage(std::string& damage, std::string_view more) {
    if (damage.empty())
        damage = more;
    else if (damage.size() < longest_damage && damage.find(more) == std::string::npos)
        damage.append("; ").append(more);
}

Result<void> write_in_steps(Bytes content, Sink& sink) {
    while (!content.empty()) {
        const Bytes step = clipped(content, 0, kStreamChunk);
        TRY(sink.write(step));
        content = content.subspan(step.size());
    }
    return {};
}

Result<void> write_zeros(std::uint64_t size, Sink& sink) {
    while (size != 0) {
        const std::uint64_t step = std::min(size, kStreamChunk);
        const auto room = TRY(sink.reserve(step));
        std::ranges::fill(room.first(step), std::uint8_t{0});
        sink.commit(step);
        size -= step;
    }
    return {};
}

Result<bool> write_extent(Bytes image, Extent extent, std::uint64_t done, std::uint64_t whole, Sink& sink, std::string& damage) {
    const Bytes there = clipped(image, extent.offset, extent.size);
    TRY(write_in_steps(there, sink));
    if (there.size() == extent.size)
        return true;
    add_damage(damage, fmt::format("ends after {} of {} bytes: the image is cut off", done + there.size(), whole));
    return false;
}

}  // namespace shirushi::unpack
