#include "unpack/filesystems/erofs.hpp"

#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <array>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/erofs_extents.hpp"
#include "unpack/filesystems/plain_tree.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t no_block = 0xffffffff;
constexpr std::uint64_t dirent_size = 12;
constexpr std::uint64_t longest_target = 4096;
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file: holes cost the image four bytes a chunk
constexpr std::uint64_t most_listed = std::uint64_t{256} << 20;      // bytes of all directories, which hostile ones may share
constexpr std::uint64_t piece_size = std::uint64_t{1} << 20;

/// CRC-32C with its start value and no final complement, as EROFS keeps it.
std::uint32_t crc32c(Bytes bytes, std::uint32_t sum) {
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> by_byte{};
        for (std::uint32_t byte = 0; byte < by_byte.size(); ++byte) {
            by_byte[byte] = byte;
            for (int i = 0; i < 8; ++i)
                by_byte[byte] = (by_byte[byte] >> 1) ^ ((by_byte[byte] & 1U) != 0 ? 0x82f63b78U : 0);
        }
        return by_byte;
    }();
    for (const std::uint8_t byte : bytes)
        sum = (sum >> 8) ^ table[(sum ^ byte) & 0xffU];
    return sum;
}

/// Over the superblock and the rest of its block, its own field taken as zero.
bool checksum_holds(Bytes image, const ErofsSuperblock& block) {
    constexpr std::uint64_t at = 1024;
    const std::uint64_t size = block.block_size() > at ? block.block_size() - at : block.block_size();
    const auto covered = slice(image, at, size);
    if (!covered)
        return false;
    constexpr std::array<std::uint8_t, 4> nothing{};
    const std::uint32_t sum = crc32c(nothing, crc32c(covered->first(4), ~std::uint32_t{0}));
    return crc32c(covered->subspan(8), sum) == block.checksum;
}

class Erofs : public PlainTree {
public:
    Erofs(Bytes image, const ErofsSuperblock& superblock) : image_(image), superblock_(superblock) {}

    Result<Node> node(std::uint64_t number) override;
    Result<void> listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) override;
    Result<std::string> content(std::uint64_t number, Sink& sink) override;

private:
    Result<Buffer> flat(const ErofsInode& inode, std::uint64_t limit) const;
    Result<void> block_entries(Bytes block, const std::function<bool(std::string_view, std::uint64_t)>& each, bool& goes_on) const;
    Result<std::string> flat_content(const ErofsInode& inode, Sink& sink) const;
    Result<std::string> chunked_content(const ErofsInode& inode, Sink& sink) const;
    Result<std::string> compressed_content(const ErofsInode& inode, Sink& sink) const;
    Result<void> unpack(const ErofsExtent& extent, std::span<std::uint8_t> output) const;
    Result<void> copy(const ErofsExtent& extent, Bytes stored, std::span<std::uint8_t> output) const;
    /// Where the inlined tail of a flat file begins in it; its size when there is none.
    [[nodiscard]] std::uint64_t inlined_from(const ErofsInode& inode) const;

    Bytes image_;
    ErofsSuperblock superblock_;
    std::uint64_t listed_left_ = most_listed;
};

std::uint64_t Erofs::inlined_from(const ErofsInode& inode) const {
    if (inode.layout != ErofsLayout::inlined || inode.size == 0)
        return inode.size;
    return (inode.size - 1) / superblock_.block_size() * superblock_.block_size();
}

/// All content of a directory or link, which no tool compresses.
Result<Buffer> Erofs::flat(const ErofsInode& inode, std::uint64_t limit) const {
    if (inode.layout != ErofsLayout::plain && inode.layout != ErofsLayout::inlined)
        return fail(Errc::unsupported, "compressed, or in chunks, which is read of files only");
    if (inode.size > std::min<std::uint64_t>(limit, image_.size()))
        return fail(Errc::bad_input, fmt::format("{} bytes cannot be", inode.size));
    const std::uint64_t whole = inlined_from(inode);
    const Bytes first = whole == 0 ? Bytes() : TRY(slice(image_, std::uint64_t{inode.data} << superblock_.block_bits, whole));  // no block: -1
    const Bytes tail = TRY(slice(image_, inode.behind, inode.size - whole));
    Buffer all(first.begin(), first.end());
    all.insert(all.end(), tail.begin(), tail.end());
    return all;
}

Result<PlainTree::Node> Erofs::node(std::uint64_t number) {
    const ErofsInode inode = TRY(read_erofs_inode(image_, superblock_, number));
    Node node{.info = {.kind = inode.kind, .mode = inode.mode, .uid = inode.uid, .gid = inode.gid, .modified = inode.modified}, .damage = {}, .size = inode.size};
    if (inode.kind == FileKind::symlink) {
        auto target = flat(inode, longest_target);
        if (target)
            node.info.target = printable(as_text(*target));
        else
            node.damage = "its target: " + target.error().message;
    }
    return node;
}

/// A block of a directory: entries that say where names begin, then the names, each up to the next or the end.
Result<void> Erofs::block_entries(Bytes block, const std::function<bool(std::string_view, std::uint64_t)>& each, bool& goes_on) const {
    const std::uint64_t names = TRY(Reader(clipped(block, 8, 2)).u16());
    if (names < dirent_size || names % dirent_size != 0 || names > block.size())
        return fail(Errc::bad_input, fmt::format("names begin at {} of a block", names));
    for (std::uint64_t at = 0; at < names && goes_on; at += dirent_size) {
        const bool last = at + dirent_size == names;
        const std::uint64_t begins = load_le<std::uint16_t>(block.data() + at + 8);
        const std::uint64_t ends = last ? block.size() : load_le<std::uint16_t>(block.data() + at + dirent_size + 8);
        if (begins >= ends || ends > block.size())
            return fail(Errc::bad_input, "a name ends before it begins");
        const std::string_view padded = as_text(block.subspan(begins, ends - begins));
        const std::string_view name = padded.substr(0, last ? padded.find('\0') : std::string_view::npos);
        if (name != "." && name != "..")
            goes_on = each(name, load_le<std::uint64_t>(block.data() + at));
    }
    return {};
}

Result<void> Erofs::listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) {
    const ErofsInode inode = TRY(read_erofs_inode(image_, superblock_, number));
    const Buffer all = TRY(flat(inode, listed_left_));
    listed_left_ -= all.size();
    bool goes_on = true;
    for (std::uint64_t at = 0; at < all.size() && goes_on; at += superblock_.block_size())
        TRY(block_entries(clipped(all, at, superblock_.block_size()), each, goes_on));
    return {};
}

/// Hands out `size` bytes at `at`, as far as they exist; how many they were.
Result<std::uint64_t> hand_out_bytes(Bytes image, std::uint64_t at, std::uint64_t size, Sink& sink) {
    const Bytes there = clipped(image, at, size);
    for (std::uint64_t done = 0; done < there.size(); done += piece_size)
        TRY(sink.write(clipped(there, done, piece_size)));
    return there.size();
}

std::string ends_after(std::uint64_t done, std::uint64_t size, std::string_view why) { return fmt::format("ends after {} of {} bytes: {}", done, size, why); }

Result<std::string> Erofs::flat_content(const ErofsInode& inode, Sink& sink) const {
    const std::uint64_t whole = inlined_from(inode);
    std::uint64_t done = TRY(hand_out_bytes(image_, std::uint64_t{inode.data} << superblock_.block_bits, whole, sink));
    if (done == whole)
        done += TRY(hand_out_bytes(image_, inode.behind, inode.size - whole, sink));
    return done == inode.size ? std::string() : ends_after(done, inode.size, "the rest lies beyond the end of the image");
}

Result<std::string> Erofs::chunked_content(const ErofsInode& inode, Sink& sink) const {
    constexpr std::uint32_t bits_mask = 0x1f;
    constexpr std::uint32_t with_indexes = 0x20;
    const std::uint64_t entry_size = (inode.data & with_indexes) != 0 ? 8 : 4;
    const std::uint64_t chunk = superblock_.block_size() << (inode.data & bits_mask);
    std::uint64_t at = (inode.behind + entry_size - 1) / entry_size * entry_size;
    std::uint64_t holes = 0;
    std::uint64_t done = 0;
    for (; done < inode.size; at += entry_size) {
        const auto entry = slice(image_, at, entry_size);
        if (!entry)
            return ends_after(done, inode.size, "its list of chunks lies beyond the end of the image");
        const std::uint32_t block = load_le<std::uint32_t>(entry->data() + entry_size - 4);
        const unsigned device = entry_size == 8 ? load_le<std::uint16_t>(entry->data() + 2) : 0U;
        const std::uint64_t size = std::min(chunk, inode.size - done);
        if (device != 0)
            return ends_after(done, inode.size, fmt::format("the rest lies on another device, number {}", device));
        if (block != no_block) {
            const std::uint64_t got = TRY(hand_out_bytes(image_, std::uint64_t{block} << superblock_.block_bits, size, sink));
            done += got;
            if (got != size)
                return ends_after(done, inode.size, "the rest lies beyond the end of the image");
            continue;
        }
        holes += size;
        if (holes > most_hole_bytes)
            return ends_after(done, inode.size, "holes without end");
        for (std::uint64_t left = size; left > 0;) {
            const std::uint64_t step = std::min(left, piece_size);
            std::ranges::fill(TRY(sink.reserve(step)).first(step), std::uint8_t{0});
            sink.commit(step);
            left -= step;
        }
        done += size;
    }
    return std::string();
}

/// Content that is stored as it is.
Result<void> Erofs::copy(const ErofsExtent& extent, Bytes stored, std::span<std::uint8_t> output) const {
    if (stored.size() < output.size())
        return fail(Errc::bad_input, fmt::format("{} bytes are stored where {} belong", stored.size(), output.size()));
    const std::size_t shift = extent.interlaced ? extent.start % stored.size() : 0;
    for (std::size_t i = 0; i < output.size(); ++i)
        output[i] = stored[(shift + i) % stored.size()];
    return {};
}

Result<void> Erofs::unpack(const ErofsExtent& extent, std::span<std::uint8_t> output) const {
    constexpr std::array<std::string_view, 4> names{"LZ4", "MicroLZMA", "DEFLATE", "Zstandard"};
    if (extent.fragment)
        return fail(Errc::unsupported, "lies in the packed inode (fragments), which is not read");
    Bytes stored = TRY(slice(image_, extent.at, extent.stored));
    if (!extent.compressed)
        return copy(extent, stored, output);
    if (extent.algorithm != 0)
        return fail(Errc::unsupported, fmt::format("is compressed with {}, which is not read",
                                                   extent.algorithm < names.size() ? names[extent.algorithm] : "an unknown compressor"));
    if (superblock_.pads_in_front()) {
        const Bytes first = stored.first(std::min<std::uint64_t>(stored.size(), superblock_.block_size()));
        stored = stored.subspan(static_cast<std::size_t>(std::ranges::find_if(first, [](std::uint8_t byte) { return byte != 0; }) - first.begin()));
    }
    const int got = LZ4_decompress_safe_partial(reinterpret_cast<const char*>(stored.data()), reinterpret_cast<char*>(output.data()),
                                                static_cast<int>(stored.size()), static_cast<int>(output.size()), static_cast<int>(output.size()));
    if (got < 0)
        return fail(Errc::bad_input, "lz4: damaged, or too large for its block");
    if (static_cast<std::size_t>(got) != output.size())
        return fail(Errc::bad_input, fmt::format("yields {} of {} bytes", got, output.size()));
    return {};
}

Result<std::string> Erofs::compressed_content(const ErofsInode& inode, Sink& sink) const {
    auto extents = ErofsExtents::open(image_, superblock_, inode);
    if (!extents)
        return ends_after(0, inode.size, extents.error().message);
    std::string damage;
    std::uint64_t done = 0;
    while (!extents->at_end()) {
        const auto extent = extents->next();
        if (!extent)
            return ends_after(done, inode.size, extent.error().message);
        // Behind a cut nothing is left: no zeros are made up for it.
        if (extent->at >= image_.size() && !extent->fragment)
            return ends_after(done, inode.size, "the rest lies beyond the end of the image");
        const std::span<std::uint8_t> room = TRY(sink.reserve(extent->size)).first(extent->size);
        if (const auto unpacked = unpack(*extent, room); !unpacked) {
            std::ranges::fill(room, std::uint8_t{0});
            if (damage.empty())
                damage = fmt::format("zeros stand for bytes {} to {}: {}", done, done + extent->size - 1, unpacked.error().message);
        }
        sink.commit(extent->size);
        done += extent->size;
    }
    return damage;
}

Result<std::string> Erofs::content(std::uint64_t number, Sink& sink) {
    const auto inode = read_erofs_inode(image_, superblock_, number);
    if (!inode)
        return inode.error().message;
    switch (inode->layout) {
        case ErofsLayout::plain:
        case ErofsLayout::inlined: return flat_content(*inode, sink);
        case ErofsLayout::chunks: return chunked_content(*inode, sink);
        case ErofsLayout::compressed_full:
        case ErofsLayout::compressed_compact: return compressed_content(*inode, sink);
    }
    return std::string("its layout is not known");
}

std::string describe(const ErofsSuperblock& block, std::uint64_t there) {
    const std::uint64_t days = std::min<std::uint64_t>(block.made, UINT32_MAX) / 86'400;
    std::string text = fmt::format("EROFS, {} inode{}, block {} bytes, made {}", with_commas(block.inodes), block.inodes == 1 ? "" : "s",
                                   with_commas(block.block_size()), Date::from_days(static_cast<std::int64_t>(days)).text());
    if (!block.volume.empty())
        text += fmt::format(", volume \"{}\"", excerpt(block.volume, 16));
    if (block.size() > there)
        text += ", " + cut_off(there, block.size());
    return text;
}

}  // namespace

std::optional<FoundContainer> identify_erofs(Bytes at) {
    const auto block = read_erofs_superblock(at);
    if (!block)
        return std::nullopt;
    const bool checked = block->has_checksum() && checksum_holds(at, *block);
    // Without a sum that holds, the root must at least be a directory.
    const auto root = read_erofs_inode(at, *block, block->root);
    if (!checked && (!root || root->kind != FileKind::directory))
        return std::nullopt;
    return FoundContainer{.size = std::min<std::uint64_t>(block->size(), at.size()), .description = describe(*block, at.size()), .checked = checked};
}

Result<void> read_erofs(Bytes bytes, Share share, Sink& sink) {
    const ErofsSuperblock block = TRY_WITHIN("EROFS superblock", read_erofs_superblock(bytes));
    Erofs image(clipped(bytes, 0, block.size()), block);
    return hand_out_tree(image, block.root, sink, share);
}

}  // namespace shirushi::unpack
