#include "unpack/filesystems/squashfs_inodes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t block_stored_as_is = 1U << 24;
constexpr std::uint32_t longest_target = 4096;      // PATH_MAX: Linux would not follow a longer one
constexpr std::uint32_t dots_in_listing_size = 3;   // a directory's size counts "." and ".." that are not stored
constexpr std::uint32_t entries_per_header = 256;   // SQUASHFS_DIR_COUNT
constexpr unsigned extended_types = 7;              // types 8 to 14 are 1 to 7 with more fields

std::optional<FileKind> kind_of(unsigned type) {
    switch (type) {
        case 1: return FileKind::directory;
        case 2: return FileKind::regular;
        case 3: return FileKind::symlink;
        case 4: return FileKind::block_device;
        case 5: return FileKind::character_device;
        case 6: return FileKind::fifo;
        case 7: return FileKind::socket;
        default: return std::nullopt;
    }
}

}  // namespace

SquashfsBlock squashfs_block(std::uint64_t offset, std::uint32_t size_word) {
    return {offset, size_word & (block_stored_as_is - 1), (size_word & block_stored_as_is) == 0};
}

SquashfsImage::SquashfsImage(Bytes bytes, const SquashfsSuperblock& superblock)
    : bytes_(bytes), superblock_(superblock), codec_(superblock.compression), metadata_(bytes, codec_) {}

Result<std::unique_ptr<SquashfsImage>> SquashfsImage::open(Bytes bytes) {
    const SquashfsSuperblock superblock = TRY_WITHIN("squashfs superblock", read_squashfs_superblock(bytes));
    if (!superblock.is_version_4())
        return fail(Errc::unsupported, fmt::format("SquashFS {}.{} is not read yet", superblock.major, superblock.minor));
    std::unique_ptr<SquashfsImage> image(new SquashfsImage(clipped(bytes, 0, superblock.bytes_used), superblock));
    if (auto owners = image->read_owners(); !owners) {
        image->owners_.clear();
        image->owners_damage_ = "owners of files are not known: " + owners.error().message;
    }
    return image;
}

Result<void> SquashfsImage::read_owners() {
    constexpr std::size_t per_block = squashfs_metadata_size / 4;
    for (std::size_t first = 0; first < superblock_.ids; first += per_block) {
        const Bytes pointer = TRY_WITHIN("id table", slice(bytes_, superblock_.id_table + first / per_block * 8, 8));
        MetadataPlace place{load_le<std::uint64_t>(pointer.data()), 0};
        Buffer raw(std::min(per_block, superblock_.ids - first) * 4);
        TRY_WITHIN("id table", metadata_.read(place, superblock_.bytes_used, raw));
        for (std::size_t i = 0; i < raw.size(); i += 4)
            owners_.push_back(load_le<std::uint32_t>(raw.data() + i));
    }
    return {};
}

std::uint32_t SquashfsImage::owner(std::size_t index) const { return index < owners_.size() ? owners_[index] : unknown_owner; }

/// The next `size` bytes of the inode table, valid until the next call.
Result<Reader> SquashfsImage::record(MetadataPlace& place, std::size_t size) {
    const auto room = std::span(record_).first(size);
    TRY(metadata_.read(place, superblock_.directory_table, room));
    return Reader(room);
}

Result<SquashfsInode> SquashfsImage::inode(std::uint64_t reference) {
    MetadataPlace place{superblock_.inode_table + (reference >> 16), static_cast<std::uint32_t>(reference & 0xffff)};
    Reader header = TRY_WITHIN("inode", record(place, 16));
    unsigned type = TRY(header.u16());
    const bool extended = type > extended_types;
    if (extended)
        type -= extended_types;
    SquashfsInode inode;
    inode.mode = TRY(header.u16()) & 07777U;
    inode.uid = owner(TRY(header.u16()));
    inode.gid = owner(TRY(header.u16()));
    inode.modified = TRY(header.u32());
    inode.number = TRY(header.u32());
    const auto kind = kind_of(type);
    if (!kind)
        return fail(Errc::bad_input, fmt::format("inode: its type {} does not exist", type));
    inode.kind = *kind;
    if (inode.kind == FileKind::directory)
        TRY_WITHIN("inode of a directory", directory_inode(inode, place, extended));
    else if (inode.kind == FileKind::regular)
        TRY_WITHIN("inode of a file", file_inode(inode, place, extended));
    else if (inode.kind == FileKind::symlink)
        TRY_WITHIN("inode of a link", link_inode(inode, place));
    return inode;
}

Result<void> SquashfsImage::directory_inode(SquashfsInode& inode, MetadataPlace& place, bool extended) {
    Reader fields = TRY(record(place, extended ? 24 : 16));
    std::uint32_t block = 0;
    if (extended) {
        TRY(fields.skip(4));
        inode.size = TRY(fields.u32());
        block = TRY(fields.u32());
        TRY(fields.skip(6));
    } else {
        block = TRY(fields.u32());
        TRY(fields.skip(4));
        inode.size = TRY(fields.u16());
    }
    inode.listing = {superblock_.directory_table + block, TRY(fields.u16())};
    inode.size = inode.size > dots_in_listing_size ? inode.size - dots_in_listing_size : 0;
    return {};
}

Result<void> SquashfsImage::file_inode(SquashfsInode& inode, MetadataPlace& place, bool extended) {
    Reader fields = TRY(record(place, extended ? 40 : 16));
    if (extended) {
        inode.start = TRY(fields.u64());
        inode.size = TRY(fields.u64());
        TRY(fields.skip(12));
    } else {
        inode.start = TRY(fields.u32());
    }
    inode.fragment = TRY(fields.u32());
    inode.fragment_offset = TRY(fields.u32());
    if (!extended)
        inode.size = TRY(fields.u32());
    inode.block_sizes = place;
    return {};
}

Result<void> SquashfsImage::link_inode(SquashfsInode& inode, MetadataPlace& place) {
    Reader fields = TRY(record(place, 8));
    TRY(fields.skip(4));
    const std::uint32_t length = TRY(fields.u32());
    if (length > longest_target)
        return fail(Errc::bad_input, fmt::format("its target is {} bytes long", length));
    Buffer target(length);
    TRY(metadata_.read(place, superblock_.directory_table, target));
    inode.target = as_text(target);
    return {};
}

Result<void> SquashfsImage::listing(const SquashfsInode& directory, const std::function<bool(const SquashfsEntry&)>& each) {
    MetadataPlace place = directory.listing;
    std::uint64_t left = directory.size;
    std::array<std::uint8_t, 12> raw{};
    std::array<std::uint8_t, 65536> name{};
    const auto take = [&](std::span<std::uint8_t> into) -> Result<void> {
        if (into.size() > left)
            return fail(Errc::bad_input, "the listing is cut off");
        left -= into.size();
        return metadata_.read(place, superblock_.directory_end(), into);
    };
    while (left > 0) {
        TRY(take(raw));
        const std::uint64_t count = load_le<std::uint32_t>(raw.data()) + std::uint64_t{1};
        const std::uint64_t block = load_le<std::uint32_t>(raw.data() + 4);
        if (count > entries_per_header)
            return fail(Errc::bad_input, fmt::format("{} entries under one header cannot be", count));
        for (std::uint64_t i = 0; i < count; ++i) {
            TRY(take(std::span(raw).first(8)));
            const std::size_t length = load_le<std::uint16_t>(raw.data() + 6) + std::size_t{1};
            const auto kind = kind_of(load_le<std::uint16_t>(raw.data() + 4));
            const std::uint64_t reference = (block << 16) | load_le<std::uint16_t>(raw.data());
            TRY(take(std::span(name).first(length)));
            if (!kind)
                return fail(Errc::bad_input, "an entry's type does not exist");
            if (!each({as_text(Bytes(name).first(length)), reference, *kind}))
                return {};
        }
    }
    return {};
}

Result<SquashfsBlock> SquashfsImage::fragment(std::uint32_t index) {
    constexpr std::uint32_t entry_size = 16;
    constexpr std::uint32_t per_block = squashfs_metadata_size / entry_size;
    if (index >= superblock_.fragments || superblock_.fragment_table == no_squashfs_table)
        return fail(Errc::bad_input, fmt::format("fragment {} of {} does not exist", index, superblock_.fragments));
    const Bytes pointer =
        TRY_WITHIN("fragment table", slice(bytes_, superblock_.fragment_table + std::uint64_t{index / per_block} * 8, 8));
    MetadataPlace place{load_le<std::uint64_t>(pointer.data()), index % per_block * entry_size};
    std::array<std::uint8_t, entry_size> raw{};
    TRY_WITHIN("fragment table", metadata_.read(place, superblock_.bytes_used, raw));
    return squashfs_block(load_le<std::uint64_t>(raw.data()), load_le<std::uint32_t>(raw.data() + 8));
}

Result<std::vector<std::uint32_t>> SquashfsImage::size_words(MetadataPlace& place, std::size_t count) {
    Buffer raw(count * 4);
    TRY_WITHIN("block list", metadata_.read(place, superblock_.directory_table, raw));
    std::vector<std::uint32_t> words(count);
    for (std::size_t i = 0; i < count; ++i)
        words[i] = load_le<std::uint32_t>(raw.data() + i * 4);
    return words;
}

}  // namespace shirushi::unpack
