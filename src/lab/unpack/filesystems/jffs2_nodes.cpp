#include "unpack/filesystems/jffs2_nodes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <unordered_map>

#include "unpack/filesystems/flash_checksum.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t header_size = 12;
constexpr std::uint64_t dirent_size = 40;
constexpr std::uint64_t inode_size = 68;
constexpr std::uint64_t longest_node = std::uint64_t{4} << 20;  // none crosses an erase block, and the largest of those are this large
constexpr std::uint16_t magic = 0x1985;
constexpr unsigned accurate = 0x2000;  // the bit that is cleared in place when a node becomes obsolete
constexpr std::uint64_t smallest_block = 4096;
constexpr std::uint64_t assumed_block = std::uint64_t{128} << 10;
constexpr std::uint64_t foreign_blocks = 2;    // a bad block, and one that was written when the power failed
constexpr std::uint64_t trial_reach = std::uint64_t{4} << 20;  // a node that convinces comes before this or never
constexpr std::uint64_t trial_nodes = 64;
constexpr std::size_t most_tracked = std::size_t{1} << 18;  // nodes that are told from those of a second file system

template <class T>
T load(const std::uint8_t* at, Endian endian) {
    return endian == Endian::little ? load_le<T>(at) : load_be<T>(at);
}

std::uint64_t aligned(std::uint64_t size) { return (size + 3) / 4 * 4; }

struct Header {
    std::uint16_t type = 0;  // with the accurate bit as it stands
    std::uint32_t size = 0;
};

std::optional<Header> header_at(Bytes bytes, std::uint64_t at, Endian endian) {
    if (bytes.size() < header_size || at > bytes.size() - header_size)
        return std::nullopt;
    const std::uint8_t* from = bytes.data() + at;
    if (load<std::uint16_t>(from, endian) != magic)
        return std::nullopt;
    const Header header{load<std::uint16_t>(from + 2, endian), load<std::uint32_t>(from + 4, endian)};
    if (header.size < header_size || header.size > longest_node)
        return std::nullopt;
    std::array<std::uint8_t, 8> as_written{};
    std::copy_n(from, as_written.size(), as_written.begin());
    as_written[endian == Endian::little ? 3 : 2] |= accurate >> 8U;
    if (flash_checksum(0, as_written) != load<std::uint32_t>(from + 8, endian))
        return std::nullopt;
    return header;
}

bool fields_fit(Bytes node, std::uint64_t covered, std::uint64_t where, Endian endian) {
    return flash_checksum(0, node.first(covered)) == load<std::uint32_t>(node.data() + where, endian);
}

/// Tells where a second file system begins.
class Repeats {
public:
    /// A node with such numbers and such a checksum stands at `at`. True when the second is certain.
    bool add(std::uint64_t key, std::uint64_t checksum, std::uint64_t at) {
        if (known_.size() >= most_tracked && !known_.contains(key))
            return false;
        const auto [known, fresh] = known_.try_emplace(key, checksum);
        if (fresh) {
            run_start_ = no_run;
            return false;
        }
        if (run_start_ == no_run)
            run_start_ = at;
        if (known->second == checksum)
            return false;  // garbage collection copies nodes as they are
        if (cut_ == no_run)
            cut_ = run_start_;
        return ++conflicts_ >= 2;  // one may come from a write that the power failed in
    }
    [[nodiscard]] std::uint64_t cut() const { return cut_; }

private:
    static constexpr std::uint64_t no_run = ~std::uint64_t{0};
    std::unordered_map<std::uint64_t, std::uint64_t> known_;
    std::uint64_t run_start_ = no_run;  // of nodes that were there before, without another between
    std::uint64_t cut_ = no_run;
    unsigned conflicts_ = 0;
};

constexpr std::uint64_t dirent_key = std::uint64_t{1} << 63U;  // inode numbers do not become so large

std::uint64_t key_of(std::uint32_t inode, std::uint32_t version) { return std::uint64_t{inode} << 32U | version; }

class Measure {
public:
    Measure(Bytes bytes, Endian endian) : bytes_(bytes), endian_(endian), walk_(bytes, endian, foreign_blocks * assumed_block) {}

    /// Nothing when the first nodes do not convince.
    std::optional<Jffs2Extent> run(std::uint64_t most_nodes) {
        for (std::uint64_t count = 0; count < most_nodes; ++count) {
            const auto node = walk_.next();
            if (!node)
                break;
            ranges_.push_back({node->at, std::min<std::uint64_t>(bytes_.size(), node->at + aligned(node->bytes.size()))});
            if (ranges_.size() > 2 * kept_ranges)
                ranges_.erase(ranges_.begin(), ranges_.begin() + kept_ranges);
            if (second_begins(*node)) {
                end_at_cut();
                break;
            }
            extent_.end = ranges_.back().end;
        }
        if (extent_.dirents + extent_.inodes == 0 && extent_.erase_block == 0)
            return std::nullopt;
        finish_block();
        return extent_;
    }

private:
    struct Range {
        std::uint64_t at = 0;
        std::uint64_t end = 0;
    };
    static constexpr std::ptrdiff_t kept_ranges = 4096;

    bool second_begins(const Jffs2Node& node) {
        if (node.type == Jffs2Type::clean_marker)
            clean_marker(node.at);
        if (node.obsolete)
            return false;
        if (node.type == Jffs2Type::dirent) {
            const auto dirent = jffs2_dirent(node, endian_);
            (dirent ? extent_.dirents : extent_.damaged) += 1;
            return dirent && repeats_.add(key_of(dirent->parent, dirent->version) ^ dirent_key, both_checksums(node, 32, 36), node.at);
        }
        if (node.type == Jffs2Type::inode) {
            const auto inode = jffs2_inode(node, endian_);
            (inode ? extent_.inodes : extent_.damaged) += 1;
            return inode && repeats_.add(key_of(inode->number, inode->version), both_checksums(node, 64, 60), node.at);
        }
        return false;
    }

    /// Of the fields, and of the name or data, which the first does not cover.
    [[nodiscard]] std::uint64_t both_checksums(const Jffs2Node& node, std::uint64_t fields, std::uint64_t rest) const {
        const std::uint8_t* at = node.bytes.data();
        return std::uint64_t{load<std::uint32_t>(at + fields, endian_)} << 32U | load<std::uint32_t>(at + rest, endian_);
    }

    void clean_marker(std::uint64_t at) {
        if (first_marker_)
            distances_ = std::gcd(distances_, at - *first_marker_);
        else
            first_marker_ = at;
        if (distances_ >= smallest_block && std::has_single_bit(distances_))
            extent_.erase_block = distances_;
    }

    /// The clean marker in front of the second's first node is the second's, too.
    void end_at_cut() {
        std::uint64_t cut = repeats_.cut();
        const auto first = std::ranges::find(ranges_, cut, &Range::at);
        if (first != ranges_.end() && first != ranges_.begin() && std::prev(first)->end == cut && cut - std::prev(first)->at == header_size)
            cut = std::prev(first)->at;
        extent_.end = std::min(cut, extent_.end);
        for (const Range& range : ranges_)
            if (range.at < cut)
                extent_.end = range.end;
    }

    void finish_block() {
        const std::uint64_t block = extent_.erase_block;
        if (block == 0)
            return;
        const std::uint64_t used = extent_.end - std::min(extent_.end, first_marker_.value_or(0));
        const Bytes rest = clipped(bytes_, extent_.end, (block - used % block) % block);
        if (is_erased(rest))
            extent_.end += rest.size();
    }

    Bytes bytes_;
    Endian endian_;
    Jffs2Walk walk_;
    Jffs2Extent extent_;
    std::vector<Range> ranges_;  // of the last nodes
    std::optional<std::uint64_t> first_marker_;
    std::uint64_t distances_ = 0;
    Repeats repeats_;
};

}  // namespace

bool Jffs2Inode::data_fits() const { return flash_checksum(0, data) == data_checksum; }

std::optional<Endian> jffs2_endian(Bytes at) {
    for (const Endian endian : {Endian::little, Endian::big})
        if (header_at(at, 0, endian))
            return endian;
    return std::nullopt;
}

std::optional<Jffs2Dirent> jffs2_dirent(const Jffs2Node& node, Endian endian) {
    const Bytes bytes = node.bytes;
    if (!node.whole || bytes.size() < dirent_size || !fields_fit(bytes, 32, 32, endian))
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    const Bytes name = clipped(bytes, dirent_size, at[28]);
    if (name.size() != at[28] || flash_checksum(0, name) != load<std::uint32_t>(at + 36, endian))
        return std::nullopt;
    return Jffs2Dirent{.parent = load<std::uint32_t>(at + 12, endian), .version = load<std::uint32_t>(at + 16, endian),
                       .inode = load<std::uint32_t>(at + 20, endian), .name = name};
}

std::optional<Jffs2Inode> jffs2_inode(const Jffs2Node& node, Endian endian) {
    const Bytes bytes = node.bytes;
    if (!node.whole || bytes.size() < inode_size || !fields_fit(bytes, 60, 64, endian))
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    const auto stored = load<std::uint32_t>(at + 48, endian);
    if (stored > bytes.size() - inode_size)
        return std::nullopt;
    return Jffs2Inode{.number = load<std::uint32_t>(at + 12, endian),
                      .version = load<std::uint32_t>(at + 16, endian),
                      .mode = load<std::uint32_t>(at + 20, endian),
                      .uid = load<std::uint16_t>(at + 24, endian),
                      .gid = load<std::uint16_t>(at + 26, endian),
                      .size = load<std::uint32_t>(at + 28, endian),
                      .modified = load<std::uint32_t>(at + 36, endian),
                      .offset = load<std::uint32_t>(at + 44, endian),
                      .data_size = load<std::uint32_t>(at + 52, endian),
                      .compressor = at[56],
                      .data = bytes.subspan(inode_size, stored),
                      .data_checksum = load<std::uint32_t>(at + 60, endian)};
}

std::optional<Jffs2Node> Jffs2Walk::next() {
    std::uint64_t foreign_run = 0;
    while (at_ + header_size <= bytes_.size() && foreign_run <= most_foreign_) {
        const auto word = load_le<std::uint32_t>(bytes_.data() + at_);
        if (word == 0xffffffffU) {
            at_ += 4;
            continue;
        }
        if (const auto header = header_at(bytes_, at_, endian_)) {
            const Bytes there = clipped(bytes_, at_, header->size);
            Jffs2Node node{.at = at_, .bytes = there, .type = static_cast<Jffs2Type>(header->type | accurate),
                           .obsolete = (header->type & accurate) == 0, .whole = there.size() == header->size};
            at_ += aligned(header->size);
            return node;
        }
        foreign_ += word != 0 ? 4 : 0;  // a page's end is filled with zeros
        foreign_run += 4;
        at_ += 4;
    }
    return std::nullopt;
}

std::optional<Jffs2Extent> measure_jffs2(Bytes bytes, Endian endian) {
    if (!Measure(clipped(bytes, 0, trial_reach), endian).run(trial_nodes))
        return std::nullopt;
    return Measure(bytes, endian).run(~std::uint64_t{0});
}

}  // namespace shirushi::unpack
