#include "unpack/filesystems/squashfs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/civil_time.hpp"
#include "unpack/filesystems/squashfs_content.hpp"
#include "unpack/filesystems/squashfs_walk.hpp"

namespace shirushi::unpack {

namespace {

// What a file costs beside its content, in bytes on disk: many empty files are work too.
constexpr std::uint64_t cost_of_file = 64;

/// Whether a metadata block lies at `offset` whole before `end`, by its header.
bool is_metadata(Bytes at, const SquashfsSuperblock& superblock, std::uint64_t offset, std::uint64_t end) {
    const std::size_t header_size = superblock.metadata_header();
    const auto header = slice(at, offset, header_size);
    if (!header || offset >= end)
        return false;
    const std::uint64_t size = Reader(*header, superblock.endian).u16().value_or(0) & 0x7fffU;
    return size > 0 && size <= squashfs_metadata_size && size + header_size <= end - offset;
}

/// The id table with its pointer; before version 4 the numbers themselves.
bool owners_hold(Bytes at, const SquashfsSuperblock& superblock) {
    if (!superblock.is_version_4())
        return superblock.id_table + superblock.ids * std::uint64_t{4} <= superblock.bytes_used;
    const auto pointer = slice(at, superblock.id_table, 8);
    return pointer && is_metadata(at, superblock, Reader(*pointer, superblock.endian).u64().value_or(0), superblock.id_table);
}

/// The start of the inode and directory tables and the owners: none of it can be so by chance.
bool tables_hold(Bytes at, const SquashfsSuperblock& superblock) {
    return owners_hold(at, superblock) && is_metadata(at, superblock, superblock.inode_table, superblock.directory_table) &&
           is_metadata(at, superblock, superblock.directory_table, superblock.directory_end());
}

std::string describe(const SquashfsSuperblock& superblock, std::uint64_t there) {
    std::string text = fmt::format("SquashFS {}.{}", superblock.major, superblock.minor);
    if (superblock.is_version_4())
        text += fmt::format(", {}", name_of(superblock.compression));
    if (superblock.endian == Endian::big)
        text += ", big-endian";
    if (superblock.vendor_magic)
        text += ", a vendor's magic";
    text += fmt::format(", {} inode{}, block {} KiB, made {}", with_commas(superblock.inodes), superblock.inodes == 1 ? "" : "s",
                        superblock.block_size / 1024, Date::from_days(superblock.made / 86'400).text());
    if (superblock.bytes_used > there)
        text += ", " + cut_off(there, superblock.bytes_used);
    return text;
}

Result<void> hand_out_plain(const SquashfsWalk& walk, Sink& sink) {
    for (const SquashfsPlainEntry& entry : walk.plain) {
        TRY(sink.begin(walk.path(entry.name), entry.info));
        TRY(sink.end(entry.damage));
    }
    return {};
}

/// Files of this share: those whose first byte falls into its part of all bytes. Links stay with the file they follow.
Result<void> hand_out_files(SquashfsImage& image, const SquashfsWalk& walk, Share share, Sink& sink) {
    std::uint64_t total = 0;
    for (const SquashfsFile& file : walk.files)
        total += file.stored + cost_of_file;
    SquashfsContent content(image, walk, sink);
    std::uint64_t before = 0;
    std::uint64_t owner = 0;
    for (std::size_t i = 0; i < walk.files.size(); ++i) {
        const SquashfsFile& file = walk.files[i];
        if (i == 0 || !walk.files[i - 1].same_content(file))
            owner = before * share.count / total;
        before += file.stored + cost_of_file;
        if (owner == share.index)
            TRY(content.hand_out(file, i + 1 < walk.files.size() && file.same_content(walk.files[i + 1])));
    }
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_squashfs(Bytes at) {
    const auto superblock = read_squashfs_superblock(at);
    if (!superblock)
        return std::nullopt;
    return FoundContainer{.size = std::min<std::uint64_t>(superblock->bytes_used, at.size()),
                          .description = describe(*superblock, at.size()),
                          .checked = tables_hold(at, *superblock)};
}

Result<void> read_squashfs(Bytes bytes, Share share, Sink& sink) {
    const auto image = TRY(SquashfsImage::open(bytes));
    const SquashfsWalk walk = walk_squashfs(*image);
    if (share.index == 0) {
        // As the metadata showed it: content would let it depend on how work is shared.
        if (const std::string guessed = image->codec().guessed(); !guessed.empty())
            sink.describe("compressed with " + guessed + ", found by trial");
        TRY(hand_out_plain(walk, sink));
    }
    TRY(hand_out_files(*image, walk, share, sink));
    if (!walk.damage.empty())
        return fail(walk.limited ? Errc::limit : Errc::bad_input, walk.damage);
    if (!image->owners_damage().empty())
        return fail(Errc::bad_input, image->owners_damage());
    return {};
}

}  // namespace shirushi::unpack
