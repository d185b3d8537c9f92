#include "unpack/filesystems/squashfs_inodes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t block_stored_as_is = 1U << 24;
constexpr std::uint32_t longest_target = 4096;      // PATH_MAX: Linux would not follow a longer one
constexpr std::uint32_t entries_per_header = 256;   // SQUASHFS_DIR_COUNT
constexpr unsigned base_types = 5;  // of version 1: 1 to 5; 6 to 15 are the same with other owners

std::uint32_t owner(const std::vector<std::uint32_t>& owners, std::uint64_t index) { return index < owners.size() ? owners[index] : unknown_owner; }

/// Version 1 has 16 bits for a size of up to 32 KiB and the bit that says "stored as it is".
std::uint32_t widened(std::uint32_t word) {
    constexpr std::uint32_t stored_as_is = 0x8000;
    if (word == stored_as_is)
        return stored_as_is | block_stored_as_is;
    return (word & ~stored_as_is) | ((word & stored_as_is) != 0 ? block_stored_as_is : 0);
}

}  // namespace

SquashfsBlock squashfs_block(std::uint64_t offset, std::uint32_t size_word) {
    return {offset, size_word & (block_stored_as_is - 1), (size_word & block_stored_as_is) == 0};
}

SquashfsImage::SquashfsImage(Bytes bytes, const SquashfsSuperblock& superblock)
    : bytes_(bytes), superblock_(superblock), layout_(squashfs_layout(superblock.major)), codec_(superblock), metadata_(bytes, superblock, codec_) {}

Result<std::unique_ptr<SquashfsImage>> SquashfsImage::open(Bytes bytes) {
    const SquashfsSuperblock superblock = TRY_WITHIN("squashfs superblock", read_squashfs_superblock(bytes));
    std::unique_ptr<SquashfsImage> image(new SquashfsImage(clipped(bytes, 0, superblock.bytes_used), superblock));
    if (auto owners = image->read_owners(); !owners) {
        image->users_.clear();
        image->groups_.clear();
        image->owners_damage_ = "owners of files are not known: " + owners.error().message;
    }
    return image;
}

Result<void> SquashfsImage::read_owners() {
    const auto append = [&](std::vector<std::uint32_t>& to, Bytes raw) {
        for (std::size_t i = 0; i + 4 <= raw.size(); i += 4)
            to.push_back(static_cast<std::uint32_t>(squashfs_field(raw.data() + i, {0, 32}, superblock_.endian)));
    };
    if (!superblock_.is_version_4()) {
        append(users_, TRY_WITHIN("user table", slice(bytes_, superblock_.id_table, superblock_.ids * std::uint64_t{4})));
        if (superblock_.group_ids != 0)
            append(groups_, TRY_WITHIN("group table", slice(bytes_, superblock_.group_table, superblock_.group_ids * std::uint64_t{4})));
        return {};
    }
    constexpr std::size_t per_block = squashfs_metadata_size / 4;
    for (std::size_t first = 0; first < superblock_.ids; first += per_block) {
        const Bytes pointer = TRY_WITHIN("id table", slice(bytes_, superblock_.id_table + first / per_block * 8, 8));
        MetadataPlace place{squashfs_field(pointer.data(), {0, 64}, superblock_.endian), 0};
        Buffer raw(std::min(per_block, superblock_.ids - first) * 4);
        TRY_WITHIN("id table", metadata_.read(place, superblock_.bytes_used, raw));
        append(users_, raw);
    }
    groups_ = users_;
    return {};
}

/// The inode's bytes from `from` to `to`, the next ones of the inode table, for field().
Result<void> SquashfsImage::record(MetadataPlace& place, std::size_t from, std::size_t to) {
    return metadata_.read(place, superblock_.directory_table, std::span(record_).subspan(from, to - from));
}

/// Version 1 has four bits for an owner: the type says how many sixteens to add, or, for pipes and sockets, a byte of their own.
Result<void> SquashfsImage::version_1_type(MetadataPlace& place, unsigned& type, std::uint32_t& user, std::size_t& filled) {
    constexpr unsigned socket_type = 7;
    constexpr unsigned fifo_type = 6;
    if (type != 0) {
        user += (type - 1) / base_types * 16;
        type = (type - 1) % base_types + 1;
        return {};
    }
    TRY(record(place, filled, filled + 1));
    ++filled;
    type = field({24, 4}) == socket_type ? socket_type : fifo_type;
    user += static_cast<std::uint32_t>(field({28, 4})) * 16;
    return {};
}

Result<SquashfsInode> SquashfsImage::inode(std::uint64_t reference) {
    MetadataPlace place{superblock_.inode_table + (reference >> 16), static_cast<std::uint32_t>(reference & 0xffff)};
    std::size_t filled = layout_.inode_header;
    TRY_WITHIN("inode", record(place, 0, filled));
    auto type = static_cast<unsigned>(field(layout_.type));
    auto user = static_cast<std::uint32_t>(field(layout_.uid));
    const std::uint64_t group = field(layout_.gid);
    if (superblock_.major == 1)
        TRY_WITHIN("inode", version_1_type(place, type, user, filled));
    if (type == 0 || type > layout_.inodes.size())
        return fail(Errc::bad_input, fmt::format("inode: its type {} does not exist", type));
    const SquashfsInodeLayout& fields = layout_.inodes[type - 1];
    TRY_WITHIN("inode", record(place, filled, fields.bytes));
    SquashfsInode inode;
    inode.kind = fields.kind;
    inode.mode = static_cast<std::uint32_t>(field(layout_.mode)) & 07777U;
    inode.uid = owner(users_, user);
    inode.gid = group == layout_.gid_as_uid ? inode.uid : owner(groups_, group);
    const SquashfsField modified = fields.modified.width != 0 ? fields.modified : layout_.modified;
    // Before version 3, links and devices have no time of their own: Linux shows the file system's.
    inode.modified = modified.width != 0 ? static_cast<std::uint32_t>(field(modified)) : superblock_.made;
    inode.number = static_cast<std::uint32_t>(field(layout_.number));
    inode.size = field(fields.size);
    if (inode.kind == FileKind::directory) {
        inode.listing = {superblock_.directory_table + field(fields.start), static_cast<std::uint32_t>(field(fields.offset))};
        inode.size -= std::min<std::uint64_t>(inode.size, layout_.uncounted);
    } else if (inode.kind == FileKind::regular) {
        inode.start = field(fields.start);
        inode.fragment = fields.fragment.width != 0 ? static_cast<std::uint32_t>(field(fields.fragment)) : no_squashfs_fragment;
        inode.fragment_offset = static_cast<std::uint32_t>(field(fields.offset));
        inode.block_sizes = place;
    } else if (inode.kind == FileKind::symlink) {
        TRY_WITHIN("inode of a link", link_target(inode, place));
    }
    return inode;
}

Result<void> SquashfsImage::link_target(SquashfsInode& inode, MetadataPlace& place) {
    if (inode.size > longest_target)
        return fail(Errc::bad_input, fmt::format("its target is {} bytes long", inode.size));
    Buffer target(inode.size);
    TRY(metadata_.read(place, superblock_.directory_table, target));
    inode.target = as_text(target);
    return {};
}

Result<void> SquashfsImage::listing(const SquashfsInode& directory, const std::function<bool(const SquashfsEntry&)>& each) {
    MetadataPlace place = directory.listing;
    std::uint64_t left = directory.size;
    std::array<std::uint8_t, 16> raw{};
    std::array<std::uint8_t, 65536> name{};
    const auto take = [&](std::span<std::uint8_t> into) -> Result<void> {
        if (into.size() > left)
            return fail(Errc::bad_input, "the listing is cut off");
        left -= into.size();
        return metadata_.read(place, superblock_.directory_end(), into);
    };
    const auto value = [&](SquashfsField field) { return squashfs_field(raw.data(), field, superblock_.endian); };
    while (left > 0) {
        TRY(take(std::span(raw).first(layout_.listing_header)));
        const std::uint64_t count = value(layout_.entries) + 1;
        const std::uint64_t block = value(layout_.block);
        if (count > entries_per_header)
            return fail(Errc::bad_input, fmt::format("{} entries under one header cannot be", count));
        for (std::uint64_t i = 0; i < count; ++i) {
            TRY(take(std::span(raw).first(layout_.listing_entry)));
            const std::size_t length = value(layout_.name) + 1;
            const std::uint64_t type = value(layout_.kind);
            const std::uint64_t reference = (block << 16) | value(layout_.offset);
            TRY(take(std::span(name).first(length)));
            if (type > 7 || (type == 0 && superblock_.major != 1))
                return fail(Errc::bad_input, "an entry's type does not exist");
            const FileKind kind = type == 0 ? FileKind::fifo : layout_.inodes[type - 1].kind;  // 0: version 1's pipes and sockets
            if (!each({as_text(Bytes(name).first(length)), reference, kind}))
                return {};
        }
    }
    return {};
}

Result<SquashfsBlock> SquashfsImage::fragment(std::uint32_t index) {
    if (index >= superblock_.fragments || superblock_.fragment_table == no_squashfs_table)
        return fail(Errc::bad_input, fmt::format("fragment {} of {} does not exist", index, superblock_.fragments));
    const std::uint32_t per_block = static_cast<std::uint32_t>(squashfs_metadata_size) / layout_.fragment_entry;
    const std::uint64_t at = superblock_.fragment_table + std::uint64_t{index / per_block} * layout_.pointer;
    const Bytes pointer = TRY_WITHIN("fragment table", slice(bytes_, at, layout_.pointer));
    const auto width = static_cast<std::uint8_t>(layout_.pointer * 8);
    MetadataPlace place{squashfs_field(pointer.data(), {0, width}, superblock_.endian), index % per_block * layout_.fragment_entry};
    std::array<std::uint8_t, 16> raw{};
    TRY_WITHIN("fragment table", metadata_.read(place, superblock_.bytes_used, std::span(raw).first(layout_.fragment_entry)));
    return squashfs_block(squashfs_field(raw.data(), layout_.fragment_start, superblock_.endian),
                          static_cast<std::uint32_t>(squashfs_field(raw.data(), layout_.fragment_size, superblock_.endian)));
}

Result<std::vector<std::uint32_t>> SquashfsImage::size_words(MetadataPlace& place, std::size_t count) {
    const std::size_t bytes = layout_.size_word;
    Buffer raw(count * bytes);
    TRY_WITHIN("block list", metadata_.read(place, superblock_.directory_table, raw));
    std::vector<std::uint32_t> words(count);
    const SquashfsField word{0, static_cast<std::uint8_t>(bytes * 8)};
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = static_cast<std::uint32_t>(squashfs_field(raw.data() + i * bytes, word, superblock_.endian));
        if (bytes == 2)
            words[i] = widened(words[i]);
    }
    return words;
}

}  // namespace shirushi::unpack
