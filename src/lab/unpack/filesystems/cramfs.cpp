#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/plain_tree.hpp"
#include "unpack/filesystems/small_filesystems.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::string_view signature = "Compressed ROMFS";
constexpr std::size_t superblock_size = 76;
constexpr std::size_t inode_size = 12;
constexpr std::size_t root_inode_at = 64;
constexpr std::uint64_t boot_code = 512;  // what may lie before the superblock

constexpr std::uint32_t fsid_version_2 = 0x1;  // the size and the check sum are real
constexpr std::uint32_t with_holes = 0x100;
constexpr std::uint32_t wrong_signature = 0x200;
constexpr std::uint32_t shifted_root = 0x400;
constexpr std::uint32_t extended_pointers = 0x800;
constexpr std::uint32_t known_flags = 0xff | with_holes | wrong_signature | shifted_root | extended_pointers;

constexpr std::uint32_t uncompressed_block = 1U << 31;
constexpr std::uint32_t direct_pointer = 1U << 30;
constexpr std::uint32_t longest_target = 4096;
// The page size of the machine it was made for, which nothing in it tells.
constexpr std::array<std::uint32_t, 5> block_sizes{4096, 8192, 16384, 32768, 65536};

struct Superblock {
    Endian endian = Endian::little;
    std::uint64_t at = 0;  ///< 0, or 512 behind boot code
    std::uint64_t size = 0;
    std::uint32_t flags = 0;
    std::uint32_t checksum = 0;
    std::uint32_t files = 0;
    std::uint64_t root_offset = 0;
    std::string name;
};

struct Inode {
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t size = 0;
    std::uint64_t name_length = 0;
    std::uint64_t offset = 0;
};

/// A word of two bit fields, of which the first lies low in little-endian images and high in big-endian ones.
std::pair<std::uint32_t, std::uint32_t> two_fields(std::uint32_t word, unsigned first_width, Endian endian) {
    if (endian == Endian::little)
        return {word & ((1U << first_width) - 1), word >> first_width};
    return {word >> (32 - first_width), word & ((1U << (32 - first_width)) - 1)};
}

Result<Inode> read_inode(Bytes image, std::uint64_t at, Endian endian) {
    Reader reader(TRY(slice(image, at, inode_size)), endian);
    Inode inode;
    std::tie(inode.mode, inode.uid) = two_fields(TRY(reader.u32()), 16, endian);
    std::tie(inode.size, inode.gid) = two_fields(TRY(reader.u32()), 24, endian);
    std::tie(inode.name_length, inode.offset) = two_fields(TRY(reader.u32()), 6, endian);
    inode.name_length *= 4;
    inode.offset *= 4;
    return inode;
}

Result<Superblock> read_superblock_at(Bytes image, std::uint64_t at) {
    const Bytes raw = TRY(slice(image, at, superblock_size));
    Superblock block;
    block.at = at;
    const std::string_view magic = as_text(raw.first(4));
    if (magic != "\x45\x3d\xcd\x28" && magic != "\x28\xcd\x3d\x45")
        return fail(Errc::bad_input, "no cramfs magic");
    block.endian = magic[0] == '\x45' ? Endian::little : Endian::big;
    if (as_text(raw.subspan(16, 16)) != signature)
        return fail(Errc::bad_input, "no cramfs signature");
    Reader reader(raw, block.endian);
    TRY(reader.skip(4));
    block.size = TRY(reader.u32());
    block.flags = TRY(reader.u32());
    TRY(reader.seek(32));
    block.checksum = TRY(reader.u32());
    TRY(reader.skip(8));
    block.files = TRY(reader.u32());
    block.name = TRY(reader.fixed_text(16));
    const Inode root = TRY(read_inode(image, at + root_inode_at, block.endian));
    block.root_offset = root.offset;
    if ((block.flags & fsid_version_2) == 0)
        block.size = 0;
    constexpr std::uint32_t type_mask = 0170000;
    constexpr std::uint32_t directory = 0040000;
    if ((root.mode & type_mask) != directory || (block.flags & ~known_flags) != 0)
        return fail(Errc::bad_input, "its root is no directory, or it has flags that nobody knows");
    if ((block.flags & fsid_version_2) != 0 && block.size < at + superblock_size)
        return fail(Errc::bad_input, "the size cannot be");
    // Offsets count from the boot code, if there is any: the root's tells whether there is.
    if (root.offset != 0 && root.offset < at + superblock_size)
        return fail(Errc::bad_input, "the root lies before its superblock");
    return block;
}

Result<Superblock> read_superblock(Bytes image) {
    auto block = read_superblock_at(image, 0);
    return block ? block : read_superblock_at(image, boot_code);
}

/// Of everything from the superblock on, its own field taken as zero.
std::uint32_t checksum_of(Bytes image, std::uint64_t at) {
    constexpr std::array<std::uint8_t, 4> nothing{};
    uLong sum = crc32_z(0, image.data() + at, 32);
    sum = crc32_z(sum, nothing.data(), nothing.size());
    const Bytes rest = image.subspan(at + 36);
    return static_cast<std::uint32_t>(crc32_z(sum, rest.data(), rest.size()));
}

struct FreeDeflate {
    void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};

/// Where a block's bytes are.
struct Block {
    std::uint64_t start = 0;
    std::uint64_t size = 0;  ///< 0: a hole
    bool compressed = true;
};

class Cramfs : public PlainTree {
public:
    Cramfs(Bytes image, const Superblock& superblock)
        : image_(image), superblock_(superblock), deflate_(libdeflate_alloc_decompressor()), end_(superblock.at + superblock_size) {}

    Result<Node> node(std::uint64_t number) override;
    Result<void> listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) override;
    Result<std::string> content(std::uint64_t number, Sink& sink) override;
    /// How far it reaches, as far as was read.
    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }

private:
    Result<std::uint32_t> word(std::uint64_t at);
    Result<Block> block(const Inode& file, std::uint64_t index, std::uint32_t block_size);
    Result<std::uint64_t> behind(std::uint32_t pointer, std::uint32_t block_size);
    Result<void> unpack(const Block& block, std::span<std::uint8_t> output);
    void guess_block_size(const Inode& file);
    Result<std::string> target(const Inode& link);

    Bytes image_;
    Superblock superblock_;
    std::unique_ptr<libdeflate_decompressor, FreeDeflate> deflate_;
    std::uint64_t end_;
    std::uint32_t block_size_ = block_sizes[0];
    bool guessed_ = false;
    Buffer guess_;
};

Result<std::uint32_t> Cramfs::word(std::uint64_t at) {
    Reader reader(TRY(slice(image_, at, 4)), superblock_.endian);
    return reader.u32();
}

/// The first byte behind the block that a direct pointer leads to.
Result<std::uint64_t> Cramfs::behind(std::uint32_t pointer, std::uint32_t block_size) {
    const std::uint64_t start = std::uint64_t{pointer & (direct_pointer - 1)} << 2;
    if ((pointer & uncompressed_block) != 0)
        return start + block_size;
    Reader reader(TRY(slice(image_, start, 2)), superblock_.endian);
    return start + 2 + TRY(reader.u16());
}

/// Pointers give the end of each block, and the next begins there; direct ones give the start.
Result<Block> Cramfs::block(const Inode& file, std::uint64_t index, std::uint32_t block_size) {
    const std::uint64_t count = (std::uint64_t{file.size} + block_size - 1) / block_size;
    const bool extended = (superblock_.flags & extended_pointers) != 0;
    const std::uint32_t pointer = TRY(word(file.offset + index * 4));
    const std::uint32_t flags = extended ? pointer & (uncompressed_block | direct_pointer) : 0;
    const std::uint64_t value = pointer & ~flags;
    if ((flags & direct_pointer) != 0) {
        const std::uint64_t start = value << 2;
        if ((flags & uncompressed_block) != 0)
            return Block{start, std::min<std::uint64_t>(block_size, file.size - index * block_size), false};
        return Block{start + 2, TRY(behind(pointer, block_size)) - start - 2, true};
    }
    std::uint64_t start = file.offset + count * 4;
    if (index > 0) {
        const std::uint32_t previous = TRY(word(file.offset + (index - 1) * 4));
        start = !extended                           ? previous
                : (previous & direct_pointer) != 0 ? TRY(behind(previous, block_size))
                                                   : previous & ~uncompressed_block;
    }
    if (value < start)
        return fail(Errc::bad_input, fmt::format("its block pointers run backwards at {:#x}", file.offset + index * 4));
    return Block{start, value - start, (flags & uncompressed_block) == 0};
}

Result<void> Cramfs::unpack(const Block& block, std::span<std::uint8_t> output) {
    const Bytes stored = TRY(slice(image_, block.start, block.size));
    end_ = std::max(end_, block.start + block.size);
    if (!block.compressed) {
        if (stored.size() != output.size())
            return fail(Errc::bad_input, fmt::format("{} bytes are stored where {} belong", stored.size(), output.size()));
        copy_bytes(stored, output);
        return {};
    }
    if (!deflate_)
        return fail(Errc::limit, "no memory for zlib");
    std::size_t size = 0;
    if (libdeflate_zlib_decompress(deflate_.get(), stored.data(), stored.size(), output.data(), output.size(), &size) != LIBDEFLATE_SUCCESS)
        return fail(Errc::bad_input, "zlib: damaged, or too large for its block");
    if (size != output.size())
        return fail(Errc::bad_input, fmt::format("yields {} of {} bytes", size, output.size()));
    return {};
}

/// The first block of a larger file fills a block of the right size and no other.
void Cramfs::guess_block_size(const Inode& file) {
    for (const std::uint32_t size : block_sizes) {
        const auto first = block(file, 0, size);
        if (!first || first->size == 0 || !first->compressed)
            continue;
        guess_.resize(std::min(file.size, size));
        if (unpack(*first, guess_)) {
            block_size_ = size;
            guessed_ = true;
            return;
        }
    }
}

Result<std::string> Cramfs::target(const Inode& link) {
    if (link.size > longest_target)
        return fail(Errc::bad_input, fmt::format("its target is {} bytes long", link.size));
    if (link.size == 0)
        return std::string();
    const Block first = TRY(block(link, 0, longest_target));
    Buffer text(link.size);
    TRY(unpack(first, text));
    return std::string(as_text(text));
}

Result<PlainTree::Node> Cramfs::node(std::uint64_t number) {
    const Inode inode = TRY(read_inode(image_, number, superblock_.endian));
    Node node{.info = {.mode = inode.mode & 07777, .uid = inode.uid, .gid = inode.gid}, .damage = {}};
    switch (inode.mode >> 12) {
        case 001: node.info.kind = FileKind::fifo; break;
        case 002: node.info.kind = FileKind::character_device; break;
        case 004: node.info.kind = FileKind::directory; break;
        case 006: node.info.kind = FileKind::block_device; break;
        case 010: node.info.kind = FileKind::regular; break;
        case 012: {
            node.info.kind = FileKind::symlink;
            auto text = target(inode);
            if (text)
                node.info.target = printable(*text);
            else
                node.damage = text.error().message;
            break;
        }
        case 014: node.info.kind = FileKind::socket; break;
        default: return fail(Errc::bad_input, fmt::format("its mode is {:o}, which is of no kind", inode.mode));
    }
    end_ = std::max(end_, number + inode_size + inode.name_length);
    return node;
}

Result<void> Cramfs::listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) {
    const Inode directory = TRY(read_inode(image_, number, superblock_.endian));
    for (std::uint64_t at = directory.offset, end = directory.offset + directory.size; at < end;) {
        const Inode inode = TRY(read_inode(image_, at, superblock_.endian));
        const Bytes name = TRY(slice(image_, at + inode_size, inode.name_length));
        const std::string_view padded = as_text(name);
        if (!each(padded.substr(0, padded.find_last_not_of('\0') + 1), at))
            return {};
        at += inode_size + inode.name_length;
    }
    return {};
}

Result<std::string> Cramfs::content(std::uint64_t number, Sink& sink) {
    const auto inode = read_inode(image_, number, superblock_.endian);
    if (!inode)
        return inode.error().message;
    if (!guessed_ && inode->size > block_sizes[0])
        guess_block_size(*inode);
    std::string damage;
    for (std::uint64_t done = 0; done < inode->size;) {
        const std::size_t size = std::min<std::uint64_t>(block_size_, inode->size - done);
        const auto where = block(*inode, done / block_size_, block_size_);
        if (where ? where->start > image_.size() : inode->offset + done / block_size_ * 4 >= image_.size()) {
            if (damage.empty())
                damage = fmt::format("ends after {} of {} bytes: the rest lies beyond the end of the image", done, inode->size);
            return damage;
        }
        const std::span<std::uint8_t> room = TRY(sink.reserve(size)).first(size);
        std::ranges::fill(room, std::uint8_t{0});
        const auto got = !where ? std::unexpected(where.error()) : where->size == 0 ? Result<void>() : unpack(*where, room);
        if (!got) {
            std::ranges::fill(room, std::uint8_t{0});
            if (damage.empty())
                damage = fmt::format("zeros stand for bytes {} to {}: {}", done, done + size - 1, got.error().message);
        }
        sink.commit(size);
        done += size;
    }
    return damage;
}

std::string describe(const Superblock& block, std::uint64_t there) {
    std::string text = block.endian == Endian::big ? "cramfs, big-endian" : "cramfs";
    if ((block.flags & fsid_version_2) != 0)
        text += fmt::format(", {} file{}", with_commas(block.files), block.files == 1 ? "" : "s");
    else
        text += ", the old kind without a size";
    if ((block.flags & extended_pointers) != 0)
        text += ", extended block pointers";
    if (block.at != 0)
        text += ", behind boot code";
    if (!block.name.empty() && block.name != "Compressed")
        text += fmt::format(", name \"{}\"", excerpt(block.name, 16));
    if (block.size > there)
        text += ", " + cut_off(there, block.size);
    return text;
}

}  // namespace

std::optional<FoundContainer> identify_cramfs(Bytes at) {
    const auto block = read_superblock(at);
    if (!block)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(block->size, at.size()), .description = describe(*block, at.size())};
    if (block->size != 0 && block->size <= at.size()) {
        found.checked = checksum_of(at.first(block->size), block->at) == block->checksum;
        if (!found.checked)
            found.description += ", its check sum does not hold";
    }
    // An image with something else between superblock and root: only the check sum tells that it begins before the superblock.
    if (block->at != 0 && block->root_offset != block->at + superblock_size && !found.checked)
        return std::nullopt;
    return found;
}

Result<void> read_cramfs(Bytes bytes, Share share, Sink& sink) {
    const Superblock block = TRY_WITHIN("cramfs superblock", read_superblock(bytes));
    if (share.index != 0)
        return {};
    Cramfs image(block.size != 0 ? clipped(bytes, 0, block.size) : bytes, block);
    const auto done = hand_out_tree(image, block.at + root_inode_at, sink);
    if (image.block_size() != block_sizes[0])
        sink.describe(fmt::format("blocks of {} KiB", image.block_size() / 1024));
    if (block.size == 0)
        sink.consumed(std::min<std::uint64_t>(image.end(), bytes.size()));
    return done;
}

}  // namespace shirushi::unpack
