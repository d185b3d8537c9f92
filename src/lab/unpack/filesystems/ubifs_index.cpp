#include "unpack/filesystems/ubifs_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/text.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t branch_key = 12;     // behind block, offset and length of the child
constexpr std::uint64_t branch_size = 20;    // in authenticated images a hash follows
constexpr std::uint16_t deepest_index = 64;  // UBIFS_MAX_LEVELS is 512; eight children each reach 2^192 nodes
constexpr unsigned key_type_shift = 29;
constexpr std::uint64_t most_branches = 1U << 26U;  // of one index: 256 GiB of data

enum class KeyType : std::uint32_t { inode, data, dirent, attribute };

struct Branch {
    std::uint32_t block = 0;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t inode = 0;
    std::uint32_t low = 0;  // of the key: type, and a data block or a name's hash
    int level = 0;          // of the node it leads to; -1 when it is no index node
};

class Collector {
public:
    Collector(Bytes bytes, const UbifsSuperblock& superblock) : bytes_(bytes), superblock_(superblock), budget_(16 * bytes.size() + (1U << 20U)) {}

    UbifsContents run() && {
        const auto master = newest_master();
        std::string fault = master ? walk_index(*master) : "no master node can be read";
        if (fault.empty())
            fault = replay(*master);
        if (!fault.empty())
            scan_all(std::move(fault));
        settle();
        return std::move(contents_);
    }

private:
    [[nodiscard]] std::uint64_t place(std::uint64_t block, std::uint64_t offset) const { return block * superblock_.block_size + offset; }
    [[nodiscard]] std::optional<UbifsNode> node_at(const Branch& branch) const;
    std::optional<UbifsMaster> newest_master();
    std::string walk_index(const UbifsMaster& master);
    std::string push_children(const UbifsNode& node, int level, std::vector<Branch>& stack);
    void add_leaf(const Branch& branch);
    std::string replay(const UbifsMaster& master);
    void add(const UbifsNode& node);
    void scan_all(std::string why);
    void settle();
    void settle_inodes();
    void settle_data();
    void settle_names();

    Bytes bytes_;
    const UbifsSuperblock& superblock_;
    std::uint64_t budget_;
    UbifsContents contents_;
    std::unordered_map<std::uint32_t, std::vector<UbifsCut>> cuts_;
    std::unordered_set<std::uint32_t> gone_;
};

std::optional<UbifsNode> Collector::node_at(const Branch& branch) const {
    if (branch.block >= superblock_.blocks || branch.offset % 8 != 0 || branch.offset >= superblock_.block_size)
        return std::nullopt;
    auto node = ubifs_node(bytes_, place(branch.block, branch.offset), place(std::uint64_t{branch.block} + 1, 0));
    return node && node->bytes.size() == branch.length ? node : std::nullopt;
}

/// The master node is written to two LEBs in turn, each time behind its last copy.
std::optional<UbifsMaster> Collector::newest_master() {
    std::optional<UbifsNode> newest;
    for (const std::uint64_t block : {1, 2}) {
        walk_ubifs(bytes_, place(block, 0), place(block + 1, 0), budget_, [&](const UbifsNode& node) {
            if (node.type == UbifsType::master && (!newest || node.sequence >= newest->sequence))
                newest = node;
            return true;
        });
    }
    return newest ? std::optional(ubifs_master(*newest)) : std::nullopt;
}

std::string Collector::push_children(const UbifsNode& node, int level, std::vector<Branch>& stack) {
    const std::uint64_t count = load_le<std::uint16_t>(node.bytes.data() + 24);
    const Bytes branches = node.bytes.subspan(28);
    if (count == 0)
        return branches.empty() ? "" : "an index node without children has branches";
    const std::uint64_t size = branches.size() / count;  // the hash's length is in no other place of the node
    if (size < branch_size)
        return "an index node is too short for its children";
    for (std::uint64_t i = count; i-- > 0;) {  // the last child goes first to the stack's bottom: leaves come in order
        const std::uint8_t* at = branches.data() + i * size;
        stack.push_back({.block = load_le<std::uint32_t>(at), .offset = load_le<std::uint32_t>(at + 4), .length = load_le<std::uint32_t>(at + 8),
                         .inode = load_le<std::uint32_t>(at + branch_key), .low = load_le<std::uint32_t>(at + branch_key + 4), .level = level - 1});
    }
    return {};
}

std::string Collector::walk_index(const UbifsMaster& master) {
    std::vector<Branch> stack{{.block = master.root_block, .offset = master.root_offset, .length = master.root_length, .level = deepest_index}};
    std::unordered_set<std::uint64_t> seen;
    std::uint64_t left = std::min<std::uint64_t>(most_branches, bytes_.size());
    bool root = true;
    while (!stack.empty()) {
        const Branch branch = stack.back();
        stack.pop_back();
        if (left-- == 0)
            return "the index has more branches than there can be";
        if (branch.level < 0) {
            add_leaf(branch);
            continue;
        }
        const auto node = node_at(branch);
        if (!node || node->type != UbifsType::index)
            return fmt::format("the index node in block {} at {} cannot be read", branch.block, branch.offset);
        const int level = load_le<std::uint16_t>(node->bytes.data() + 26);
        if (level > branch.level || (!root && level != branch.level) || !seen.insert(node->at).second)
            return "the index leads in a circle";
        root = false;
        if (std::string fault = push_children(*node, level, stack); !fault.empty())
            return fault;
    }
    return {};
}

void Collector::add_leaf(const Branch& branch) {
    const auto type = static_cast<KeyType>(branch.low >> key_type_shift);
    if (type == KeyType::attribute)
        return;
    const auto node = node_at(branch);
    const bool right = node && load_le<std::uint32_t>(node->bytes.data() + ubifs_header) == branch.inode &&
                       ((type == KeyType::inode && node->type == UbifsType::inode) || (type == KeyType::data && node->type == UbifsType::data) ||
                        (type == KeyType::dirent && node->type == UbifsType::dirent));
    if (right)
        add(*node);
    else
        ++contents_.spoiled[branch.inode];
}

/// What was written after the last commit: the log names the erase blocks.
std::string Collector::replay(const UbifsMaster& master) {
    if (master.log_block < 3 || master.log_block >= 3 + superblock_.log_blocks)
        return "the master node leads to no log";
    std::map<std::uint32_t, std::uint32_t> journal;  // from which offset on, by block
    std::optional<std::uint64_t> commit;             // its sequence number
    bool old = false;
    bool foreign = false;
    for (std::uint32_t i = 0; i < superblock_.log_blocks && !old && !foreign; ++i) {
        const std::uint64_t block = 3 + (master.log_block - 3 + std::uint64_t{i}) % superblock_.log_blocks;
        bool any = false;
        walk_ubifs(bytes_, place(block, 0), place(block + 1, 0), budget_, [&](const UbifsNode& node) {
            if (node.type == UbifsType::padding)
                return true;  // has no sequence number
            any = true;
            const bool starts = node.type == UbifsType::commit_start;
            if (!commit && (!starts || load_le<std::uint64_t>(node.bytes.data() + 24) != master.commit))
                foreign = true;
            else if (!commit)
                commit = node.sequence;
            old = commit && node.sequence < *commit;
            if (foreign || old)
                return false;
            if (node.type == UbifsType::reference) {
                const auto offset = load_le<std::uint32_t>(node.bytes.data() + 28);
                const auto [known, fresh] = journal.try_emplace(load_le<std::uint32_t>(node.bytes.data() + 24), offset);
                known->second = std::min(known->second, offset);
            }
            return true;
        });
        old = old || !any;
    }
    if (!commit)
        return "the log does not start with the last commit";
    for (const auto& [block, offset] : journal) {
        if (block < superblock_.main_start || block >= superblock_.blocks || offset > superblock_.block_size)
            return "the log leads out of the file system";
        walk_ubifs(bytes_, place(block, (offset + 7) / 8 * 8), place(std::uint64_t{block} + 1, 0), budget_, [&](const UbifsNode& node) {
            add(node);
            ++contents_.journal_nodes;
            return true;
        });
    }
    return {};
}

void Collector::add(const UbifsNode& node) {
    const std::uint8_t* at = node.bytes.data();
    const auto inode = load_le<std::uint32_t>(at + ubifs_header);
    const auto low = load_le<std::uint32_t>(at + ubifs_header + 4);
    switch (node.type) {
        case UbifsType::inode: contents_.inodes.push_back({inode, 0, node.sequence, node.at}); break;
        case UbifsType::data: contents_.data.push_back({inode, low & ((1U << key_type_shift) - 1), node.sequence, node.at}); break;
        case UbifsType::truncation: cuts_[inode].push_back({node.sequence, load_le<std::uint64_t>(at + 48)}); break;
        case UbifsType::dirent: {
            const Bytes name = clipped(node.bytes, 56, load_le<std::uint16_t>(at + 50));
            contents_.names.push_back({inode, as_text(name), node.sequence, load_le<std::uint32_t>(at + 40)});
            break;
        }
        default: break;
    }
}

void Collector::scan_all(std::string why) {
    contents_ = {};
    cuts_.clear();
    contents_.scanned = std::move(why);
    for (std::uint64_t block = superblock_.main_start; block < superblock_.blocks && place(block, 0) < bytes_.size(); ++block) {
        walk_ubifs(bytes_, place(block, 0), place(block + 1, 0), budget_, [&](const UbifsNode& node) {
            add(node);
            return true;
        });
    }
}

void Collector::settle_inodes() {
    std::vector<UbifsItem>& inodes = contents_.inodes;
    std::ranges::sort(inodes);
    std::vector<UbifsItem> newest;
    for (std::size_t i = 0; i < inodes.size(); ++i) {
        if (i + 1 < inodes.size() && inodes[i + 1].inode == inodes[i].inode)
            continue;
        const bool deleted = load_le<std::uint32_t>(bytes_.data() + inodes[i].at + 92) == 0;  // no links any more
        if (deleted)
            gone_.insert(inodes[i].inode);
        else
            newest.push_back(inodes[i]);
    }
    contents_.deleted = gone_.size();
    inodes = std::move(newest);
}

void Collector::settle_data() {
    std::vector<UbifsItem>& data = contents_.data;
    std::ranges::sort(data);
    for (auto& [inode, cuts] : cuts_) {  // newest first, each with the smallest size since: one lookup a block
        std::ranges::sort(cuts, std::greater{}, &UbifsCut::sequence);
        for (std::size_t i = 1; i < cuts.size(); ++i)
            cuts[i].size = std::min(cuts[i].size, cuts[i - 1].size);
    }
    const auto is_cut = [&](const UbifsItem& item) {
        const auto cuts = cuts_.find(item.inode);
        if (cuts == cuts_.end())
            return false;
        const auto older = std::ranges::lower_bound(cuts->second, item.sequence, std::greater{}, &UbifsCut::sequence);
        return older != cuts->second.begin() && std::prev(older)->size <= item.block * ubifs_data_block;
    };
    std::vector<UbifsItem> newest;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const bool superseded = i + 1 < data.size() && data[i + 1].inode == data[i].inode && data[i + 1].block == data[i].block;
        if (!superseded && !gone_.contains(data[i].inode) && !is_cut(data[i]))
            newest.push_back(data[i]);
    }
    data = std::move(newest);
}

void Collector::settle_names() {
    std::vector<UbifsName>& names = contents_.names;
    std::ranges::sort(names);
    std::vector<UbifsName> newest;
    for (std::size_t i = 0; i < names.size(); ++i) {
        contents_.named[names[i].inode] = true;
        const bool superseded = i + 1 < names.size() && names[i + 1].parent == names[i].parent && names[i + 1].name == names[i].name;
        if (!superseded && names[i].inode != 0)
            newest.push_back(names[i]);
    }
    names = std::move(newest);
}

void Collector::settle() {
    settle_inodes();
    settle_data();
    settle_names();
}

}  // namespace

UbifsContents collect_ubifs(Bytes bytes, const UbifsSuperblock& superblock) { return Collector(bytes, superblock).run(); }

}  // namespace shirushi::unpack
