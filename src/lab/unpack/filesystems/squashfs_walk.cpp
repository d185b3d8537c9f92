#include "unpack/filesystems/squashfs_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "base/text.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::size_t most_blocks = 16'000'000;     // size words read in one walk: 64 GiB of the smallest blocks
constexpr std::size_t block_batch = 4096;           // size words read at a time

struct Pending {
    std::uint32_t index = 0;  ///< in directories
    std::uint32_t plain = 0;  ///< its entry, for damage found later; not used for the root
    std::size_t depth = 0;
    std::size_t path_length = 0;
    SquashfsInode inode;
};

class Walker {
public:
    explicit Walker(SquashfsImage& image)
        : image_(image), entries_left_(std::min(most_entries, image.superblock().inodes * std::size_t{4} + extra_entries)) {}
    SquashfsWalk run();

private:
    void read_directory(const Pending& directory);
    /// What is wrong with the entry as a member of this directory; empty when it was taken.
    std::string take(const Pending& directory, const SquashfsEntry& entry);
    std::string take_directory(const Pending& parent, const SquashfsEntry& entry, SquashfsInode inode);
    void take_file(EntryName name, EntryInfo info, const SquashfsInode& inode);
    Result<std::uint64_t> stored_blocks(const SquashfsInode& inode);
    void add_plain(EntryName name, EntryInfo info, std::string damage);
    void spend_text(std::size_t bytes);
    void limit(std::string reason);
    void damage_directory(const Pending& directory, const std::string& damage);

    SquashfsImage& image_;
    SquashfsWalk walk_;
    std::vector<Pending> pending_;
    std::unordered_set<std::uint64_t> visited_;
    std::size_t entries_left_;
    std::size_t blocks_left_ = most_blocks;
    std::size_t text_left_ = most_text;
};

void Walker::limit(std::string reason) {
    walk_.limited = true;
    walk_.damage = std::move(reason);
}

void Walker::spend_text(std::size_t bytes) {
    if (bytes > text_left_)
        limit("more text in names and links than such an image can have; the rest is left out");
    text_left_ -= std::min(bytes, text_left_);
}

void Walker::add_plain(EntryName name, EntryInfo info, std::string damage) {
    spend_text(info.target.size() + damage.size());
    walk_.plain.push_back({std::move(name), std::move(info), std::move(damage)});
}

void Walker::damage_directory(const Pending& directory, const std::string& damage) {
    std::string& where = directory.index == 0 ? walk_.damage : walk_.plain[directory.plain].damage;
    if (where.empty())
        where = directory.index == 0 ? "root directory: " + damage : damage;
}

std::string Walker::take(const Pending& directory, const SquashfsEntry& entry) {
    if (std::string fault = name_fault(entry.name); !fault.empty())
        return "leaves out an entry with " + fault;
    if (directory.path_length + 1 + entry.name.size() > longest_path)
        return fmt::format("leaves out an entry whose path is longer than {} bytes", longest_path);
    EntryName name{directory.index, std::string(entry.name)};
    auto inode = image_.inode(entry.inode);
    if (!inode) {
        add_plain(std::move(name), {.kind = entry.kind}, inode.error().message);
        return {};
    }
    EntryInfo info{.kind = inode->kind, .mode = inode->mode, .uid = inode->uid, .gid = inode->gid,
                   .target = printable(inode->target), .modified = inode->modified};
    if (inode->kind == FileKind::directory)
        return take_directory(directory, entry, std::move(*inode));
    if (inode->kind == FileKind::regular)
        take_file(std::move(name), std::move(info), *inode);
    else
        add_plain(std::move(name), std::move(info), {});
    return {};
}

std::string Walker::take_directory(const Pending& parent, const SquashfsEntry& entry, SquashfsInode inode) {
    if (!visited_.insert(entry.inode).second)
        return fmt::format("leaves out \"{}\": this directory is listed elsewhere too", excerpt(entry.name, 60));
    if (parent.depth + 1 > deepest_directory)
        return fmt::format("leaves out what lies deeper than {} directories", deepest_directory);
    const EntryName name{parent.index, std::string(entry.name)};
    const EntryInfo info{.kind = inode.kind, .mode = inode.mode, .uid = inode.uid, .gid = inode.gid, .modified = inode.modified};
    pending_.push_back({.index = static_cast<std::uint32_t>(walk_.directories.size()),
                        .plain = static_cast<std::uint32_t>(walk_.plain.size()),
                        .depth = parent.depth + 1,
                        .path_length = parent.path_length + 1 + entry.name.size(),
                        .inode = std::move(inode)});
    walk_.directories.push_back(name);
    add_plain(name, info, {});
    return {};
}

/// Bytes that the file's own blocks take on disk. The size words must exist, so no file is longer than metadata can tell.
Result<std::uint64_t> Walker::stored_blocks(const SquashfsInode& inode) {
    const std::uint64_t block_size = image_.superblock().block_size;
    const bool has_tail = inode.fragment != no_squashfs_fragment;
    std::uint64_t blocks = inode.size / block_size + (!has_tail && inode.size % block_size != 0 ? 1 : 0);
    if (blocks > blocks_left_)
        return fail(Errc::limit, fmt::format("its {} blocks are more than are read of one image", blocks));
    std::uint64_t stored = 0;
    for (MetadataPlace place = inode.block_sizes; blocks > 0;) {
        const std::size_t batch = std::min<std::uint64_t>(blocks, block_batch);
        for (const std::uint32_t word : TRY(image_.size_words(place, batch)))
            stored += squashfs_block(0, word).size;
        blocks -= batch;
        blocks_left_ -= batch;
    }
    return stored;
}

void Walker::take_file(EntryName name, EntryInfo info, const SquashfsInode& inode) {
    const auto stored = stored_blocks(inode);
    if (!stored) {
        add_plain(std::move(name), std::move(info), stored.error().message);
        return;
    }
    SquashfsFile file{.name = std::move(name), .info = std::move(info), .size = inode.size, .start = inode.start,
                      .fragment = inode.fragment, .fragment_offset = inode.fragment_offset, .block_sizes = inode.block_sizes,
                      .stored = *stored, .order = inode.start};
    if (inode.fragment != no_squashfs_fragment) {
        const std::uint64_t block_size = image_.superblock().block_size;
        if (const auto fragment = image_.fragment(inode.fragment)) {  // a damaged table shows when the content is read
            file.stored += std::min<std::uint64_t>(fragment->size, block_size) * (inode.size % block_size) / block_size;
            if (*stored == 0)
                file.order = fragment->offset;
        }
    }
    walk_.files.push_back(std::move(file));
}

void Walker::read_directory(const Pending& directory) {
    std::string fault;
    const auto read = image_.listing(directory.inode, [&](const SquashfsEntry& entry) {
        if (entries_left_ == 0) {
            limit("more entries than such an image can have; the rest is left out");
            return false;
        }
        --entries_left_;
        spend_text(entry.name.size() * (entry.kind == FileKind::directory ? 2 : 1));  // a directory's name is held twice
        if (walk_.limited)
            return false;
        std::string wrong = take(directory, entry);
        if (fault.empty())
            fault = std::move(wrong);
        return true;
    });
    if (!read)
        damage_directory(directory, "its listing is damaged: " + read.error().message);
    if (!fault.empty())
        damage_directory(directory, fault);
}

SquashfsWalk Walker::run() {
    walk_.directories.emplace_back();
    const std::uint64_t root = image_.superblock().root_inode;
    auto inode = image_.inode(root);
    if (!inode || inode->kind != FileKind::directory) {
        walk_.damage = "root directory: " + (inode ? std::string("is not a directory") : inode.error().message);
        return std::move(walk_);
    }
    visited_.insert(root);
    pending_.push_back({.inode = std::move(*inode)});
    while (!pending_.empty() && !walk_.limited) {
        const Pending next = std::move(pending_.back());
        pending_.pop_back();
        read_directory(next);
    }
    std::ranges::sort(walk_.files, {}, [](const SquashfsFile& file) {  // links side by side: by inode before name
        return std::tuple(file.order, file.start, file.fragment, file.fragment_offset, file.block_sizes.block, file.block_sizes.offset,
                          file.size, file.name.directory, std::string_view(file.name.text));
    });
    return std::move(walk_);
}

}  // namespace

bool SquashfsFile::same_content(const SquashfsFile& other) const {
    return size == other.size && start == other.start && fragment == other.fragment && fragment_offset == other.fragment_offset &&
           block_sizes.block == other.block_sizes.block && block_sizes.offset == other.block_sizes.offset;
}

SquashfsWalk walk_squashfs(SquashfsImage& image) { return Walker(image).run(); }

}  // namespace shirushi::unpack
