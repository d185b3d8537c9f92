#include "unpack/filesystems/jffs2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "unpack/filesystems/inode_tree.hpp"
#include "unpack/filesystems/jffs2_codec.hpp"
#include "unpack/filesystems/jffs2_nodes.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t root_inode = 1;
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file, beyond what the image could hold
constexpr std::uint64_t most_node_data = std::uint64_t{1} << 20;     // nodes hold a page of memory; the largest pages are 64 KiB
constexpr std::uint64_t work_budget = std::uint64_t{8} << 30;        // plus 64 times the image: nodes that all cover the same bytes
constexpr std::uint64_t longest_target = 4096;                       // PATH_MAX
constexpr std::size_t most_foreign_text = 6;                         // compressors that are named

struct InodeNode {
    std::uint32_t number = 0;
    std::uint32_t version = 0;
    std::uint64_t at = 0;
    auto operator<=>(const InodeNode&) const = default;
};

struct DirentNode {
    std::uint32_t parent = 0;
    std::string_view name;
    std::uint32_t version = 0;
    std::uint64_t at = 0;
    std::uint32_t inode = 0;
    auto operator<=>(const DirentNode&) const = default;
};

class Jffs2Reader : public InodeSource {
public:
    Jffs2Reader(Bytes bytes, Endian endian) : bytes_(bytes), endian_(endian), budget_(work_budget + 64 * bytes.size()) {}

    Result<void> run(Sink& sink);

    InodeFacts inode(std::uint64_t number) override;
    std::vector<NamedInode> list(std::uint64_t number, std::string& damage) override;
    Result<void> content(std::uint64_t number, Sink& sink, std::string& damage) override;

private:
    void collect();
    void add_inode_node(const Jffs2Node& node);
    [[nodiscard]] std::span<const InodeNode> nodes_of(std::uint64_t number) const;
    [[nodiscard]] Jffs2Inode load(const InodeNode& node) const;
    [[nodiscard]] std::string target(const Jffs2Inode& latest, std::string& damage) const;
    void overlay(const Jffs2Inode& node, std::span<std::uint8_t> file, std::string& damage);
    Result<void> hand_out_lost(InodeTree& tree);
    [[nodiscard]] std::string description() const;
    [[nodiscard]] std::string losses() const;

    Bytes bytes_;
    Endian endian_;
    std::uint64_t budget_;
    std::vector<InodeNode> inodes_;
    std::vector<DirentNode> dirents_;                           // the last of each name only, after collect()
    std::unordered_set<std::uint32_t> named_;                   // by any dirent, even one that counts no more
    std::unordered_map<std::uint32_t, std::uint32_t> spoiled_;  // nodes with wrong data, by inode
    std::set<std::string> compressors_;
    std::uint64_t inode_count_ = 0;
    std::uint64_t damaged_ = 0;
    std::uint64_t cut_off_ = 0;
    std::uint64_t deleted_ = 0;
    std::uint64_t foreign_ = 0;
};

void Jffs2Reader::add_inode_node(const Jffs2Node& node) {
    const auto inode = jffs2_inode(node, endian_);
    if (!inode) {
        ++damaged_;
    } else if (!inode->data_fits()) {
        ++damaged_;
        ++spoiled_[inode->number];
    } else {
        inodes_.push_back({inode->number, inode->version, node.at});
        if (compressors_.size() < most_foreign_text && inode->data_size != 0)
            compressors_.insert(name_of_jffs2_compressor(inode->compressor));
    }
}

void Jffs2Reader::collect() {
    Jffs2Walk walk(bytes_, endian_, bytes_.size());
    while (const auto node = walk.next()) {
        if (node->obsolete)
            continue;
        if (!node->whole) {
            ++cut_off_;
        } else if (node->type == Jffs2Type::inode) {
            add_inode_node(*node);
        } else if (node->type == Jffs2Type::dirent) {
            const auto dirent = jffs2_dirent(*node, endian_);
            damaged_ += dirent ? 0 : 1;
            if (dirent)
                dirents_.push_back({dirent->parent, as_text(dirent->name), dirent->version, node->at, dirent->inode});
        }
    }
    foreign_ = walk.foreign();
    std::ranges::sort(inodes_);
    for (std::size_t i = 0; i < inodes_.size(); ++i)
        inode_count_ += i == 0 || inodes_[i].number != inodes_[i - 1].number ? 1 : 0;
    std::ranges::sort(dirents_);
    std::vector<DirentNode> last;
    for (std::size_t i = 0; i < dirents_.size(); ++i) {
        named_.insert(dirents_[i].inode);
        const bool superseded = i + 1 < dirents_.size() && dirents_[i + 1].parent == dirents_[i].parent && dirents_[i + 1].name == dirents_[i].name;
        if (!superseded && dirents_[i].inode != 0)
            last.push_back(dirents_[i]);
    }
    dirents_ = std::move(last);
}

std::span<const InodeNode> Jffs2Reader::nodes_of(std::uint64_t number) const {
    const auto [first, last] = std::ranges::equal_range(inodes_, number, {}, [](const InodeNode& node) { return std::uint64_t{node.number}; });
    return {first, last};
}

Jffs2Inode Jffs2Reader::load(const InodeNode& node) const {
    Jffs2Walk walk(bytes_.subspan(node.at), endian_, 0);
    const auto at = walk.next();
    return at ? jffs2_inode(*at, endian_).value_or(Jffs2Inode{}) : Jffs2Inode{};  // it was whole when it was collected
}

std::string Jffs2Reader::target(const Jffs2Inode& latest, std::string& damage) const {
    std::string text(std::min<std::uint64_t>(latest.data_size, longest_target), '\0');
    const std::span room(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
    if (latest.data_size > longest_target)
        note_damage(damage, fmt::format("its target is {} bytes long", latest.data_size));
    else if (const auto read = decompress_jffs2(latest.compressor, latest.data, room); !read)
        note_damage(damage, "its target: " + read.error().message);
    else
        return printable(text);
    return {};
}

InodeFacts Jffs2Reader::inode(std::uint64_t number) {
    InodeFacts facts;
    const auto nodes = nodes_of(number);
    if (const auto spoiled = spoiled_.find(static_cast<std::uint32_t>(number)); spoiled != spoiled_.end())
        note_damage(facts.damage, fmt::format("{} of its nodes {} a wrong checksum and {} left out", spoiled->second, spoiled->second == 1 ? "has" : "have",
                                              spoiled->second == 1 ? "is" : "are"));
    if (nodes.empty()) {
        note_damage(facts.damage, fmt::format("inode {} is named, but none of its nodes is here", number));
        const auto child = std::ranges::lower_bound(dirents_, number, {}, [](const DirentNode& dirent) { return std::uint64_t{dirent.parent}; });
        if (child != dirents_.end() && child->parent == number)
            facts.info.kind = FileKind::directory;
        return facts;
    }
    const Jffs2Inode latest = load(nodes.back());
    facts.info = {.kind = kind_of_mode(latest.mode), .mode = latest.mode & 07777U, .uid = latest.uid, .gid = latest.gid, .modified = latest.modified};
    if (facts.info.kind == FileKind::symlink)
        facts.info.target = target(latest, facts.damage);
    return facts;
}

std::vector<NamedInode> Jffs2Reader::list(std::uint64_t number, std::string& /*damage*/) {
    const auto [first, last] = std::ranges::equal_range(dirents_, number, {}, [](const DirentNode& node) { return std::uint64_t{node.parent}; });
    std::vector<NamedInode> listed;
    for (const DirentNode& dirent : std::ranges::subrange(first, last))
        listed.push_back({std::string(dirent.name), dirent.inode});
    return listed;
}

void Jffs2Reader::overlay(const Jffs2Inode& node, std::span<std::uint8_t> file, std::string& damage) {
    if (node.offset >= file.size() || node.data_size == 0)
        return;
    const std::uint64_t size = std::min<std::uint64_t>(node.data_size, file.size() - node.offset);
    const auto place = file.subspan(node.offset, size);
    if (node.data_size > most_node_data && node.compressor != 1)
        return note_damage(damage, fmt::format("a node of {} bytes at byte {}: no page is so large", node.data_size, node.offset));
    Result<void> read;
    if (size == node.data_size || node.compressor == 1) {
        read = decompress_jffs2(node.compressor, node.data, place);
    } else {  // the file was cut shorter after this was written
        Buffer all(node.data_size);
        read = decompress_jffs2(node.compressor, node.data, all);
        if (read)
            copy_bytes(std::span(all).first(size), place);
    }
    if (!read) {
        std::ranges::fill(place, std::uint8_t{0});
        note_damage(damage, fmt::format("zeros stand for {} bytes from byte {} on: {}", size, node.offset, read.error().message));
    }
}

/// The first range of [0, size) that none of these (offset, end) holds.
std::string gap_among(std::vector<std::pair<std::uint64_t, std::uint64_t>> held, std::uint64_t size) {
    std::ranges::sort(held);
    std::uint64_t known = 0;
    for (const auto& [offset, end] : held) {
        if (offset > known)
            return fmt::format("zeros stand for bytes {} to {}: no node holds them", known, std::min(offset, size) - 1);
        known = std::max(known, end);
    }
    return known < size ? fmt::format("zeros stand for bytes {} to {}: no node holds them", known, size - 1) : std::string();
}

Result<void> Jffs2Reader::content(std::uint64_t number, Sink& sink, std::string& damage) {
    const auto nodes = nodes_of(number);
    if (nodes.empty())
        return {};
    std::uint64_t size = load(nodes.back()).size;
    if (const std::uint64_t most = bytes_.size() + most_hole_bytes; size > most) {
        note_damage(damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, size));
        size = most;
    }
    if (size == 0)
        return {};
    const auto file = TRY(sink.reserve(size)).first(size);
    std::ranges::fill(file, std::uint8_t{0});
    std::vector<std::pair<std::uint64_t, std::uint64_t>> held;
    for (const InodeNode& node : nodes) {
        const Jffs2Inode part = load(node);
        const std::uint64_t reach = std::min<std::uint64_t>(part.data_size, size) + part.data.size();
        if (budget_ < reach)
            return fail(Errc::limit, "its nodes write more than such a file system could ever hold; the rest is left out");
        budget_ -= reach;
        overlay(part, file, damage);
        if (part.data_size != 0 && part.offset < size)
            held.emplace_back(part.offset, std::uint64_t{part.offset} + part.data_size);
    }
    note_damage(damage, gap_among(std::move(held), size));
    sink.commit(size);
    return {};
}

/// First what nothing ever named, so that what lies in it keeps its name there; then directories in a circle.
Result<void> Jffs2Reader::hand_out_lost(InodeTree& tree) {
    constexpr std::string_view why = "no directory names it: it was deleted, or the entry is lost";
    for (std::size_t i = 0; i < dirents_.size(); ++i)
        if ((i == 0 || dirents_[i].parent != dirents_[i - 1].parent) && !named_.contains(dirents_[i].parent))
            TRY(tree.hand_out_lost(dirents_[i].parent, why));
    for (std::size_t i = 0; i < inodes_.size(); ++i)
        if ((i == 0 || inodes_[i].number != inodes_[i - 1].number) && !named_.contains(inodes_[i].number))
            TRY(tree.hand_out_lost(inodes_[i].number, why));
    for (std::size_t i = 0; i < dirents_.size(); ++i)
        if (i == 0 || dirents_[i].parent != dirents_[i - 1].parent)
            TRY(tree.hand_out_lost(dirents_[i].parent, why));
    for (std::size_t i = 0; i < inodes_.size(); ++i)
        if ((i == 0 || inodes_[i].number != inodes_[i - 1].number) && !tree.seen(inodes_[i].number))
            ++deleted_;
    return {};
}

std::string Jffs2Reader::description() const {
    std::string text = fmt::format("{} inode{}", with_commas(inode_count_), inode_count_ == 1 ? "" : "s");
    std::string separator = ", compressors ";
    for (const std::string& compressor : compressors_) {
        text += separator + compressor;
        separator = " ";
    }
    if (deleted_ != 0)
        text += fmt::format(", {} deleted", with_commas(deleted_));
    return text;
}

std::string Jffs2Reader::losses() const {
    std::string text;
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count != 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_commas(count), what);
    };
    add(damaged_, "nodes with wrong checksums left out");
    add(cut_off_, "nodes cut off");
    add(foreign_, "bytes between the nodes are none of it");
    return text;
}

Result<void> Jffs2Reader::run(Sink& sink) {
    collect();
    InodeTree tree(*this, sink);
    TRY(tree.hand_out(root_inode));
    TRY(hand_out_lost(tree));
    sink.describe(description());
    if (!tree.root_damage().empty())
        return fail(Errc::bad_input, "root directory: " + tree.root_damage());
    if (const std::string lost = losses(); !lost.empty())
        return fail(Errc::bad_input, lost);
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_jffs2(Bytes bytes) {
    const auto endian = jffs2_endian(bytes);
    if (!endian)
        return std::nullopt;
    const auto extent = measure_jffs2(bytes, *endian);
    if (!extent)
        return std::nullopt;
    std::string description = fmt::format("JFFS2, {}-endian", *endian == Endian::little ? "little" : "big");
    if (extent->erase_block != 0)
        description += fmt::format(", erase blocks of {} KiB", extent->erase_block / 1024);
    description += extent->dirents + extent->inodes == 0 ? ", empty" : fmt::format(", {} nodes", with_commas(extent->dirents + extent->inodes));
    return FoundContainer{.size = extent->end, .description = std::move(description), .checked = true};
}

Result<void> read_jffs2(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto endian = jffs2_endian(bytes);
    if (!endian)
        return fail(Errc::bad_input, "no JFFS2 node starts here");
    return Jffs2Reader(bytes, *endian).run(sink);
}

}  // namespace shirushi::unpack
