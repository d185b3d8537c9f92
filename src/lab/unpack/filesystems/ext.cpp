#include "unpack/filesystems/ext.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/ext_memory.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file, beyond what the image could hold
constexpr std::uint64_t read_budget = std::uint64_t{8} << 30;  // plus eight times the image: directories that list themselves forever
constexpr std::uint64_t longest_target = 4096;                 // PATH_MAX
constexpr std::uint64_t piece_size = std::uint64_t{1} << 20;

struct Listed {
    std::string name;
    ext2_ino_t inode = 0;
};

struct Listing {
    std::vector<Listed> entries;
    std::size_t room = 0;  ///< for this many more
    std::size_t text = 0;  ///< and this many bytes of names
    bool full = false;
};

extern "C" int shirushi_ext_list(ext2_ino_t, int, struct ext2_dir_entry* entry, int, int, char*, void* private_data) {
    auto& listing = *static_cast<Listing*>(private_data);
    const std::string_view name(entry->name, static_cast<std::size_t>(ext2fs_dirent_name_len(entry)));
    if (entry->inode == 0 || name == "." || name == "..")
        return 0;
    if (listing.room == 0 || listing.text < name.size()) {
        listing.full = true;
        return DIRENT_ABORT;
    }
    --listing.room;
    listing.text -= name.size();
    listing.entries.push_back({std::string(name), entry->inode});
    return 0;
}

struct CloseFile {
    void operator()(ext2_file_t file) const { ext2fs_file_close(file); }
};
using OpenFile = std::unique_ptr<std::remove_pointer_t<ext2_file_t>, CloseFile>;

struct CloseExtents {
    void operator()(ext2_extent_handle_t extents) const { ext2fs_extent_free(extents); }
};
using OpenExtents = std::unique_ptr<std::remove_pointer_t<ext2_extent_handle_t>, CloseExtents>;

/// Bytes of a file that lie in one piece of the image. What lies between runs, and behind the last, are zeros.
struct Run {
    std::uint64_t at = 0;  ///< in the file
    Bytes content;
};

bool is_checksum_error(errcode_t code) {
    return code == EXT2_ET_INODE_CSUM_INVALID || code == EXT2_ET_DIR_CSUM_INVALID || code == EXT2_ET_EXTENT_CSUM_INVALID ||
           code == EXT2_ET_DIR_NO_SPACE_FOR_CSUM || code == EXT2_ET_EXT_ATTR_CSUM_INVALID;
}

FileKind kind_of(unsigned mode) {
    if (LINUX_S_ISDIR(mode))
        return FileKind::directory;
    if (LINUX_S_ISLNK(mode))
        return FileKind::symlink;
    if (LINUX_S_ISBLK(mode))
        return FileKind::block_device;
    if (LINUX_S_ISCHR(mode))
        return FileKind::character_device;
    if (LINUX_S_ISFIFO(mode))
        return FileKind::fifo;
    return LINUX_S_ISSOCK(mode) ? FileKind::socket : FileKind::regular;
}

struct Inode {
    ext2_inode_large raw{};
    EntryInfo info;
    std::uint64_t size = 0;
    std::string damage;
};

struct Pending {
    std::uint32_t index = 0;  ///< in directories_
    std::size_t depth = 0;
    std::size_t path_length = 0;
    ext2_ino_t inode = EXT2_ROOT_INO;
    EntryInfo info;
    std::string damage;
};

class ExtReader {
public:
    ExtReader(ext2_filsys file_system, Bytes image, Sink& sink)
        : file_system_(file_system), image_(image), sink_(sink),
          entries_left_(std::min<std::size_t>(most_entries, file_system->super->s_inodes_count * std::size_t{4} + extra_entries)) {}
    Result<void> run();

private:
    Result<Inode> inode(ext2_ino_t number);
    std::string target(ext2_ino_t number, Inode& inode);
    Result<void> directory(Pending directory);
    std::vector<Listed> list(ext2_ino_t number, std::string& damage);
    /// What is wrong with the entry as a member of this directory goes to `fault`.
    Result<void> entry(const Pending& directory, const Listed& listed, std::string& fault);
    Result<void> content(ext2_ino_t number, Inode& inode);
    /// Where the content lies, if extents say so without any fault.
    std::optional<std::vector<Run>> runs(ext2_ino_t number, Inode& inode) const;
    Result<void> write_runs(const std::vector<Run>& runs, std::uint64_t size);
    Result<void> pieces(ext2_file_t file, std::uint64_t size, std::string& damage);

    /// Calls again without checksums where one does not hold, and says so in `damage`.
    template <class Call>
    errcode_t forgiving(std::string& damage, Call call);

    ext2_filsys file_system_;
    Bytes image_;
    Sink& sink_;
    std::size_t entries_left_;
    std::size_t text_left_ = most_text;
    bool limited_ = false;
    std::vector<EntryName> directories_{1};
    std::vector<Pending> pending_;
    std::unordered_set<ext2_ino_t> visited_;
    std::string root_damage_;
};

errcode_t read_at(ext2_file_t file, std::uint64_t offset, std::span<std::uint8_t> into, unsigned& count) {
    count = 0;
    if (const errcode_t code = ext2fs_file_llseek(file, offset, EXT2_SEEK_SET, nullptr); code != 0)
        return code;
    return ext2fs_file_read(file, into.data(), static_cast<unsigned>(into.size()), &count);
}

void note(std::string& damage, std::string more) {
    if (damage.empty())
        damage = std::move(more);
}

template <class Call>
errcode_t ExtReader::forgiving(std::string& damage, Call call) {
    errcode_t code = call();
    if (is_checksum_error(code)) {
        note(damage, ext_message(code));
        const auto flags = file_system_->flags;
        file_system_->flags |= EXT2_FLAG_IGNORE_CSUM_ERRORS;
        code = call();
        file_system_->flags = flags;
    }
    return code;
}

Result<Inode> ExtReader::inode(ext2_ino_t number) {
    Inode read;
    auto* const raw = reinterpret_cast<ext2_inode*>(&read.raw);
    const errcode_t code =
        forgiving(read.damage, [&] { return ext2fs_read_inode_full(file_system_, number, raw, static_cast<int>(sizeof read.raw)); });
    if (code != 0)
        return fail(Errc::bad_input, fmt::format("inode {}: {}", number, ext_message(code)));
    if (read.raw.i_links_count == 0)
        note(read.damage, "its inode is marked as deleted");
    std::int64_t modified = static_cast<std::int32_t>(read.raw.i_mtime);
    if (read.raw.i_extra_isize >= 12)  // the field reaches over i_mtime_extra, whose lowest bits extend the seconds
        modified += static_cast<std::int64_t>(read.raw.i_mtime_extra & 3) << 32;
    read.info = {.kind = kind_of(read.raw.i_mode), .mode = read.raw.i_mode & 07777U, .uid = inode_uid(read.raw),
                 .gid = inode_gid(read.raw), .modified = modified};
    read.size = EXT2_I_SIZE(&read.raw);
    if (read.info.kind == FileKind::symlink)
        read.info.target = printable(target(number, read));
    return read;
}

/// A short target stands in the inode itself, a longer one is content.
std::string ExtReader::target(ext2_ino_t number, Inode& inode) {
    auto* const raw = reinterpret_cast<ext2_inode*>(&inode.raw);
    if (inode.size > longest_target) {
        note(inode.damage, fmt::format("its target is {} bytes long", inode.size));
        return {};
    }
    if ((inode.raw.i_flags & EXT4_INLINE_DATA_FL) == 0 && inode.size < sizeof inode.raw.i_block && ext2fs_is_fast_symlink(raw) != 0)
        return {reinterpret_cast<const char*>(inode.raw.i_block), inode.size};
    ext2_file_t opened = nullptr;
    std::string text(inode.size, '\0');
    unsigned count = 0;
    errcode_t code = ext2fs_file_open2(file_system_, number, raw, 0, &opened);
    if (code == 0) {
        const OpenFile file(opened);
        const std::span room(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
        code = forgiving(inode.damage, [&] { return read_at(opened, 0, room, count); });
    }
    if (code != 0)
        note(inode.damage, "its target: " + ext_message(code));
    text.resize(count);
    return text;
}

std::vector<Listed> ExtReader::list(ext2_ino_t number, std::string& damage) {
    Listing listing;
    const errcode_t code = forgiving(damage, [&] {
        listing = {.room = entries_left_, .text = text_left_};
        return ext2fs_dir_iterate2(file_system_, number, 0, nullptr, shirushi_ext_list, &listing);
    });
    if (code != 0)
        note(damage, "its listing: " + ext_message(code));
    if (listing.full) {
        limited_ = true;
        note(damage, "more entries than such an image can have");
    }
    entries_left_ = listing.room;
    text_left_ = listing.text;
    // Hash-tree order differs from image to image; by name is what people expect.
    std::ranges::sort(listing.entries, {}, &Listed::name);
    return std::move(listing.entries);
}

Result<void> ExtReader::entry(const Pending& directory, const Listed& listed, std::string& fault) {
    if (std::string wrong = name_fault(listed.name); !wrong.empty()) {
        note(fault, "leaves out an entry with " + wrong);
        return {};
    }
    const std::size_t path_length = directory.path_length + 1 + listed.name.size();
    if (path_length > longest_path) {
        note(fault, fmt::format("leaves out an entry whose path is longer than {} bytes", longest_path));
        return {};
    }
    const EntryName name{directory.index, listed.name};
    auto inode = this->inode(listed.inode);
    if (!inode) {
        TRY(sink_.begin(path_of(directories_, name), {}));
        return sink_.end(inode.error().message);
    }
    if (inode->info.kind != FileKind::directory) {
        TRY(sink_.begin(path_of(directories_, name), inode->info));
        if (inode->info.kind == FileKind::regular)
            TRY(content(listed.inode, *inode));
        return sink_.end(inode->damage);
    }
    if (directory.depth + 1 > deepest_directory) {
        note(fault, fmt::format("leaves out what lies deeper than {} directories", deepest_directory));
    } else if (!visited_.insert(listed.inode).second) {
        note(fault, fmt::format("leaves out \"{}\": this directory is listed elsewhere too", excerpt(listed.name, 60)));
    } else {
        pending_.push_back({static_cast<std::uint32_t>(directories_.size()), directory.depth + 1, path_length, listed.inode, inode->info,
                            inode->damage});
        directories_.push_back(name);
    }
    return {};
}

Result<void> ExtReader::directory(Pending directory) {
    for (const Listed& listed : list(directory.inode, directory.damage))
        TRY(entry(directory, listed, directory.damage));
    if (directory.index == 0) {
        root_damage_ = std::move(directory.damage);
        return {};
    }
    const EntryName& name = directories_[directory.index];
    TRY(sink_.begin(path_of(directories_, name), directory.info));
    return sink_.end(directory.damage);
}

Result<void> ExtReader::content(ext2_ino_t number, Inode& inode) {
    if (const std::uint64_t most = image_.size() + most_hole_bytes; inode.size > most) {
        note(inode.damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, inode.size));
        inode.size = most;
    }
    if (const auto found = runs(number, inode))
        return write_runs(*found, inode.size);
    ext2_file_t opened = nullptr;
    const errcode_t code = ext2fs_file_open2(file_system_, number, reinterpret_cast<ext2_inode*>(&inode.raw), 0, &opened);
    if (code != 0) {
        note(inode.damage, ext_message(code));
        return {};
    }
    const OpenFile file(opened);
    return pieces(opened, inode.size, inode.damage);
}

std::optional<std::vector<Run>> ExtReader::runs(ext2_ino_t number, Inode& inode) const {
    if ((inode.raw.i_flags & (EXT4_EXTENTS_FL | EXT4_INLINE_DATA_FL | EXT4_ENCRYPT_FL)) != EXT4_EXTENTS_FL)
        return std::nullopt;
    ext2_extent_handle_t opened = nullptr;
    if (ext2fs_extent_open2(file_system_, number, reinterpret_cast<ext2_inode*>(&inode.raw), &opened) != 0)
        return std::nullopt;
    const OpenExtents extents(opened);
    const std::uint64_t block = file_system_->blocksize;
    std::vector<Run> found;
    std::uint64_t end = 0;  // in the file
    ext2fs_extent extent{};
    errcode_t code = ext2fs_extent_get(opened, EXT2_EXTENT_ROOT, &extent);
    for (; code == 0; code = ext2fs_extent_get(opened, EXT2_EXTENT_NEXT, &extent)) {
        if ((extent.e_flags & EXT2_EXTENT_FLAGS_LEAF) == 0)
            continue;
        const std::uint64_t at = extent.e_lblk * block;
        const std::uint64_t size = extent.e_len * block;
        if (at < end || found.size() > image_.size() / block)
            return std::nullopt;
        end = at + size;
        if ((extent.e_flags & EXT2_EXTENT_FLAGS_UNINIT) != 0)
            continue;  // set aside, never written: zeros
        const auto content = slice(image_, extent.e_pblk * block, size);
        if (!content)
            return std::nullopt;
        found.push_back({at, *content});
    }
    return code == EXT2_ET_EXTENT_NO_NEXT ? std::optional(std::move(found)) : std::nullopt;
}

Result<void> ExtReader::write_runs(const std::vector<Run>& runs, std::uint64_t size) {
    std::uint64_t done = 0;
    for (const Run& run : runs) {
        if (run.at >= size)
            break;
        TRY(write_zeros(run.at - done, sink_));
        const Bytes content = clipped(run.content, 0, size - run.at);
        TRY(write_in_steps(content, sink_));
        done = run.at + content.size();
    }
    return write_zeros(size - done, sink_);
}

/// Zeros stand for a block that cannot be read, and the next is tried.
Result<void> ExtReader::pieces(ext2_file_t file, std::uint64_t size, std::string& damage) {
    for (std::uint64_t done = 0; done < size;) {
        const std::uint64_t wanted = std::min(size - done, piece_size);
        const auto room = TRY(sink_.reserve(wanted)).first(wanted);
        unsigned got = 0;
        const errcode_t code = forgiving(damage, [&] { return read_at(file, done, room, got); });
        std::uint64_t filled = std::min<std::uint64_t>(got, wanted);
        if (code == EXT2_ET_CANCEL_REQUESTED || (code == 0 && filled == 0)) {
            note(damage, fmt::format("ends after {} of {} bytes", done, size));
            return {};
        }
        if (code != 0) {
            note(damage, fmt::format("zeros stand for what cannot be read from byte {} on: {}", done + filled, ext_message(code)));
            const std::uint64_t block = file_system_->blocksize;
            const std::uint64_t next = std::min(((done + filled) / block + 1) * block - done, wanted);
            std::ranges::fill(room.subspan(filled, next - filled), std::uint8_t{0});
            filled = next;
        }
        sink_.commit(filled);
        done += filled;
    }
    return {};
}

Result<void> ExtReader::run() {
    visited_.insert(EXT2_ROOT_INO);
    pending_.emplace_back();
    while (!pending_.empty() && !limited_) {
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

Result<void> read_ext(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto found = identify_ext(bytes);
    if (!found)
        return fail(Errc::bad_input, "no ext file system starts here");
    initialize_ext2_error_table();  // without it the library's errors are numbers
    ExtMemory memory{.bytes = bytes.first(found->size), .budget = read_budget + 8 * found->size};
    auto file_system = open_ext(memory, 0);
    std::string damage;
    if (!file_system && file_system.error().code == Errc::bad_input) {
        damage = file_system.error().message;
        file_system = open_ext(memory, EXT2_FLAG_IGNORE_CSUM_ERRORS);
    }
    if (!file_system)
        return std::unexpected(std::move(file_system).error());
    TRY(ExtReader(file_system->get(), memory.bytes, sink).run());
    if (!damage.empty())
        return fail(Errc::bad_input, damage);
    return {};
}

}  // namespace shirushi::unpack
