#include "unpack/filesystems/erofs_extents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shirushi::unpack {

namespace {

// Kinds of clusters.
constexpr unsigned plain = 0;
constexpr unsigned head_1 = 1;
constexpr unsigned no_head = 2;
constexpr unsigned head_2 = 3;

// Advice in the index's header.
constexpr unsigned two_bytes = 0x1;
constexpr unsigned large_1 = 0x2;
constexpr unsigned large_2 = 0x4;
constexpr unsigned inlined_tail = 0x8;
constexpr unsigned interlaced_plain = 0x10;
constexpr unsigned fragment_tail = 0x20;
constexpr unsigned known_advice = 0x3f;

constexpr std::uint32_t says_blocks = 1U << 11;  // in a distance: it is the number of blocks that the extent takes
constexpr std::uint64_t largest_extent = std::uint64_t{12} << 20;  // Z_EROFS_PCLUSTER_MAX_DSIZE
constexpr std::uint64_t header_size = 8;
constexpr unsigned two_byte_pack = 16;

std::uint64_t aligned(std::uint64_t offset, std::uint64_t to) { return (offset + to - 1) / to * to; }

}  // namespace

Result<ErofsExtents> ErofsExtents::open(Bytes image, const ErofsSuperblock& superblock, const ErofsInode& inode) {
    ErofsExtents extents(image, superblock, inode);
    TRY_WITHIN("index", extents.read_header());
    extents.at_end_ = inode.size == 0;
    if (extents.at_end_)
        return extents;
    extents.head_cluster_ = TRY_WITHIN("index", extents.load(0));
    if (extents.head_cluster_.type == no_head || extents.head_cluster_.offset != 0)
        return fail(Errc::bad_input, "index: nothing begins where the file begins");
    if ((extents.advice_ & inlined_tail) != 0)
        extents.inlined_at_ = TRY_WITHIN("index", extents.load(extents.clusters_ - 1)).behind;
    return extents;
}

Result<void> ErofsExtents::read_header() {
    const std::uint64_t at = aligned(inode_.behind, header_size);
    Reader reader(TRY(slice(image_, at, header_size)));
    TRY(reader.skip(2));
    inlined_size_ = TRY(reader.u16());
    advice_ = TRY(reader.u16());
    algorithms_ = TRY(reader.u8());
    const unsigned bits = TRY(reader.u8());
    cluster_bits_ = superblock_.block_bits + (bits & 7U);
    index_ = at + header_size + (inode_.layout == ErofsLayout::compressed_full ? header_size : 0);
    if ((advice_ & ~known_advice) != 0)
        return fail(Errc::unsupported, fmt::format("advice {:#x} is not known", advice_));
    if ((bits & 0x80U) != 0)
        return fail(Errc::unsupported, "the whole file lies in the packed inode (fragments), which is not read");
    clusters_ = (inode_.size >> cluster_bits_) + ((inode_.size & ((std::uint64_t{1} << cluster_bits_) - 1)) != 0 ? 1 : 0);
    return {};
}

Result<ErofsExtents::Cluster> ErofsExtents::load(std::uint64_t cluster) const {
    return inode_.layout == ErofsLayout::compressed_full ? load_full(cluster) : load_compact(cluster);
}

Result<ErofsExtents::Cluster> ErofsExtents::load_full(std::uint64_t cluster) const {
    constexpr std::uint64_t entry_size = 8;
    if (cluster > image_.size() / entry_size)
        return fail(Errc::bad_input, "lies beyond the end of the image");
    const std::uint64_t at = index_ + cluster * entry_size;
    const Bytes raw = TRY(slice(image_, at, entry_size));
    Cluster found{.type = load_le<std::uint16_t>(raw.data()) & 3U, .behind = at + entry_size};
    if (found.type == no_head) {
        const std::uint32_t distance = load_le<std::uint16_t>(raw.data() + 4);
        found.blocks = (distance & says_blocks) != 0 ? distance & ~says_blocks : 0;
        return found;
    }
    found.offset = load_le<std::uint16_t>(raw.data() + 2);
    found.block = load_le<std::uint32_t>(raw.data() + 4);
    if (found.offset >> cluster_bits_ != 0)
        return fail(Errc::bad_input, fmt::format("an extent begins outside of its cluster {}", cluster));
    return found;
}

/// Packs of two four-byte entries up to a multiple of 32 bytes, then of sixteen two-byte ones where they are used, then the rest.
Result<ErofsExtents::Cluster> ErofsExtents::load_compact(std::uint64_t cluster) const {
    const std::uint64_t first = index_ % 32 == 0 ? 0 : (32 - index_ % 32) / 4;
    const std::uint64_t in_twos = (advice_ & two_bytes) != 0 && first < clusters_ ? (clusters_ - first) / two_byte_pack * two_byte_pack : 0;
    std::uint64_t at = index_;
    std::uint64_t entry_size = 4;
    if (cluster < first) {
        at += cluster * 4;
    } else if (cluster < first + in_twos) {
        entry_size = 2;
        at += first * 4 + (cluster - first) * 2;
    } else {
        at += first * 4 + in_twos * 2 + (cluster - first - in_twos) * 4;
    }
    if (cluster > image_.size() || (entry_size == 2 && cluster_bits_ != 12) || cluster_bits_ > 14)
        return fail(Errc::bad_input, "compacted for clusters that cannot be");
    Pack pack{.count = entry_size == 2 ? two_byte_pack : 2};
    const std::uint64_t pack_size = pack.count * entry_size;
    const std::uint64_t start = at / pack_size * pack_size;
    pack.bytes = TRY(slice(image_, start, pack_size));
    pack.bits = static_cast<unsigned>((pack_size - 4) * 8 / pack.count);
    return from_pack(pack, static_cast<unsigned>((at - start) / entry_size), start + pack_size);
}

/// Type and value of one cluster.
std::pair<unsigned, std::uint32_t> ErofsExtents::packed(const Pack& pack, unsigned index) const {
    const unsigned bit = index * pack.bits;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4 && bit / 8 + i < pack.bytes.size(); ++i)
        value |= std::uint32_t{pack.bytes[bit / 8 + i]} << 8 * i;
    value >>= bit % 8;
    return {(value >> cluster_bits_) & 3U, value & ((1U << cluster_bits_) - 1)};
}

Result<ErofsExtents::Cluster> ErofsExtents::from_pack(const Pack& pack, unsigned index, std::uint64_t behind) const {
    const auto [type, value] = packed(pack, index);
    Cluster found{.type = type, .behind = behind};
    if (type == no_head) {
        found.blocks = (value & says_blocks) != 0 ? value & ~says_blocks : 0;
        return found;
    }
    found.offset = value;
    found.block = TRY(block_in_pack(pack, index));
    return found;
}

/// The pack has the block before its first extent; those that begin or go on before `index` are counted.
Result<std::uint64_t> ErofsExtents::block_in_pack(const Pack& pack, unsigned index) const {
    const bool large = (advice_ & large_1) != 0;
    std::uint64_t blocks = large ? 0 : 1;
    for (auto i = static_cast<std::int64_t>(index); i > 0;) {
        --i;
        const auto [type, value] = packed(pack, static_cast<unsigned>(i));
        if (type != no_head) {
            ++blocks;
        } else if (!large) {
            i -= value;
            if (i >= 0)
                ++blocks;
        } else if ((value & says_blocks) != 0) {
            --i;
            blocks += value & ~says_blocks;
        } else if (value <= 1) {
            return fail(Errc::bad_input, "a distance of one cluster that should be a number of blocks");
        } else {
            i -= value - 2;
        }
    }
    return load_le<std::uint32_t>(pack.bytes.data() + pack.bytes.size() - 4) + blocks;
}

Result<ErofsExtent> ErofsExtents::next() {
    const std::uint64_t size = inode_.size;
    const Cluster head = head_cluster_;
    const unsigned large = head.type == head_1 ? large_1 : head.type == head_2 ? large_2 : 0U;
    ErofsExtent extent{.start = (head_ << cluster_bits_) + head.offset,
                       .at = head.block << superblock_.block_bits,
                       .stored = std::uint64_t{1} << cluster_bits_};
    std::uint64_t end = size;
    at_end_ = true;
    for (std::uint64_t cluster = head_ + 1; cluster < clusters_; ++cluster) {
        const Cluster found = TRY_WITHIN("index", load(cluster));
        if (((cluster - head_) << cluster_bits_) > largest_extent)
            break;
        if (found.type == no_head) {
            if (found.blocks != 0 && cluster == head_ + 1 && (advice_ & large) != 0)
                extent.stored = std::uint64_t{found.blocks} << superblock_.block_bits;
            continue;
        }
        const std::uint64_t begins = (cluster << cluster_bits_) + found.offset;
        if (begins >= size)
            continue;
        at_end_ = false;
        end = begins;
        head_ = cluster;
        head_cluster_ = found;
        break;
    }
    extent.size = end - extent.start;
    extent.compressed = head.type != plain;
    extent.algorithm = head.type == head_2 ? algorithms_ >> 4 : algorithms_ & 15U;
    extent.interlaced = !extent.compressed && (advice_ & interlaced_plain) != 0;
    if (at_end_ && (advice_ & inlined_tail) != 0) {
        extent.at = inlined_at_;
        extent.stored = inlined_size_;
    }
    extent.fragment = at_end_ && (advice_ & fragment_tail) != 0;
    if (end <= extent.start || extent.size > largest_extent)
        return fail(Errc::bad_input, fmt::format("index: an extent at {} that ends at {} cannot be", extent.start, end));
    return extent;
}

}  // namespace shirushi::unpack
