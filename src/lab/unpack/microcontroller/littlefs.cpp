#include "unpack/microcontroller/small_file_systems.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint32_t kNoBlock = 0xffffffff;
constexpr std::uint32_t kSmallestBlock = 128;
constexpr std::uint32_t kLargestBlock = 1U << 20;
constexpr std::size_t kMostIds = 1023;          // of one metadata pair: ids have ten bits
constexpr std::size_t kMostPairs = 1 << 20;     // metadata pairs looked at; each is looked at once
constexpr std::uint32_t kDeletedSize = 0x3ff;
constexpr std::uint16_t kGlobal = 0x3ff;        // an id that belongs to no entry

// Types of tags (SPEC.md, "Metadata tags"): three bits of kind, eight of what the kind makes of them.
constexpr std::uint32_t kNameFile = 0x001, kNameFolder = 0x002, kNameSuperblock = 0x0ff;
constexpr std::uint32_t kFolder = 0x200, kInline = 0x201, kSkipList = 0x202;
constexpr std::uint32_t kCreate = 0x401, kDelete = 0x4ff;
constexpr std::uint32_t kSoftTail = 0x600, kHardTail = 0x601;

using Pair = std::array<std::uint32_t, 2>;

struct Tag {
    std::uint32_t type = 0;
    std::uint16_t id = 0;
    std::uint32_t size = 0;  // of what follows; a deletion has none

    explicit Tag(std::uint32_t raw) : type(raw >> 20U & 0x7ffU), id(static_cast<std::uint16_t>(raw >> 10U & 0x3ffU)), size((raw & 0x3ffU) == kDeletedSize ? 0 : raw & 0x3ffU) {}
    [[nodiscard]] bool is_checksum() const { return (type & 0x780U) == 0x500; }
    [[nodiscard]] bool is_name() const { return type >> 8U == 0; }
    [[nodiscard]] bool is_structure() const { return type >> 8U == 2; }
};

struct Node {
    std::uint32_t name_type = 0;
    std::string_view name;
    std::uint32_t structure = 0;
    Bytes content;  // of the structure
};

/// What a metadata pair says: the newer of its two blocks that can be read.
struct Metadata {
    std::uint32_t revision = 0;
    std::vector<Node> nodes;
    std::optional<Pair> tail;
    bool hard_tail = false;
};

std::uint32_t sum_of(std::uint32_t sum, Bytes bytes) {
    // zlib inverts at both ends, littlefs at none.
    return static_cast<std::uint32_t>(~crc32_z(~sum, bytes.data(), bytes.size()));
}

void apply(const Tag& tag, Bytes content, Metadata& to) {
    if (tag.type == kSoftTail || tag.type == kHardTail) {
        if (content.size() >= 8)
            to.tail = Pair{load_le<std::uint32_t>(content.data()), load_le<std::uint32_t>(content.data() + 4)};
        to.hard_tail = tag.type == kHardTail;
        return;
    }
    if (tag.id == kGlobal)
        return;
    if (tag.type == kCreate && tag.id <= to.nodes.size() && to.nodes.size() < kMostIds)
        to.nodes.insert(to.nodes.begin() + tag.id, Node{});
    else if (tag.type == kDelete && tag.id < to.nodes.size())
        to.nodes.erase(to.nodes.begin() + tag.id);
    if (!tag.is_name() && !tag.is_structure())
        return;
    if (tag.id >= to.nodes.size())
        to.nodes.resize(tag.id + std::size_t{1});
    Node& node = to.nodes[tag.id];
    if (tag.is_name()) {
        node.name_type = tag.type;
        node.name = as_text(content);
    } else {
        node.structure = tag.type;
        node.content = content;
    }
}

/// Walks over a block's log. `visit` sees each tag and its content; what it makes of a checksum ("go on") decides about the rest.
template <class Visit>
void walk_log(Bytes block, const Visit& visit) {
    std::uint32_t last = 0xffffffff;
    for (std::uint64_t at = 4; at + 4 <= block.size();) {
        const std::uint32_t raw = load_be<std::uint32_t>(block.data() + at) ^ last;
        const Tag tag(raw);
        const Bytes content = clipped(block, at + 4, tag.size);
        if ((raw >> 31U) != 0 || content.size() < tag.size || !visit(tag, at, content))
            return;
        at += 4 + tag.size;
        last = tag.is_checksum() ? raw ^ (tag.type & 1U) << 31U : raw;
    }
}

/// Where the last commit whose checksum fits ends, of at most so many; 0 when there is none.
std::uint64_t end_of_log(Bytes block, std::uint64_t most_commits) {
    if (block.size() < 12)
        return 0;
    std::uint64_t end = 0;
    std::uint64_t commits = 0;
    std::uint32_t sum = sum_of(0xffffffff, block.first(4));
    walk_log(block, [&](const Tag& tag, std::uint64_t at, Bytes content) {
        sum = sum_of(sum, block.subspan(at, 4));
        if (!tag.is_checksum()) {
            sum = sum_of(sum, content);
            return true;
        }
        if (content.size() < 4 || load_le<std::uint32_t>(content.data()) != sum)
            return false;
        sum = 0xffffffff;
        end = at + 4 + tag.size;
        return ++commits < most_commits;
    });
    return end;
}

/// Replays one block's log as far as its checksums fit.
std::optional<Metadata> replay(Bytes block, std::uint64_t most_commits = UINT64_MAX) {
    const std::uint64_t end = end_of_log(block, most_commits);
    if (end == 0)
        return std::nullopt;
    Metadata metadata{.revision = load_le<std::uint32_t>(block.data())};
    walk_log(block.first(end), [&](const Tag& tag, std::uint64_t, Bytes content) {
        apply(tag, content, metadata);
        return true;
    });
    return metadata;
}

struct Superblock {
    std::uint32_t version = 0;
    std::uint32_t block = 0;
    std::uint32_t blocks = 0;
};

std::optional<Superblock> superblock_in(const Metadata& metadata) {
    if (metadata.nodes.empty() || metadata.nodes[0].name_type != kNameSuperblock || metadata.nodes[0].name != "littlefs" || metadata.nodes[0].content.size() < 24)
        return std::nullopt;
    const Bytes content = metadata.nodes[0].content;
    const Superblock superblock{.version = load_le<std::uint32_t>(content.data()), .block = load_le<std::uint32_t>(content.data() + 4), .blocks = load_le<std::uint32_t>(content.data() + 8)};
    if (superblock.version >> 16U != 2 || superblock.block < kSmallestBlock || superblock.block > kLargestBlock || superblock.blocks < 2)
        return std::nullopt;
    return superblock;
}

/// The first block tells its own size, once its log has been read to its first checksum.
std::optional<Superblock> superblock_of(Bytes bytes) {
    if (as_text(clipped(bytes, 8, 8)) != "littlefs")
        return std::nullopt;
    const auto metadata = replay(clipped(bytes, 0, kLargestBlock), 1);  // later commits never change what is needed here
    return metadata ? superblock_in(*metadata) : std::nullopt;
}

/// How much of a file lies in its n-th block: all but n's trailing zero bits and one pointers.
std::uint64_t room_in(std::uint32_t number, std::uint32_t block) {
    return number == 0 ? block : block - 4 * (static_cast<std::uint32_t>(std::countr_zero(number)) + std::uint64_t{1});
}

class LittlefsReader {
public:
    LittlefsReader(Bytes bytes, const Superblock& superblock, Sink& sink)
        : bytes_(clipped(bytes, 0, std::uint64_t{superblock.block} * superblock.blocks)), block_(superblock.block), sink_(sink) {}

    Result<void> read() {
        open_.push_back({root(), ""});
        while (!open_.empty()) {
            const auto [pair, path] = std::move(open_.front());
            open_.pop_front();
            TRY(read_folder(pair, path));
        }
        sink_.describe(fmt::format("{} files, {} directories", files_, folders_));
        if (!lost_.empty())
            return fail(Errc::bad_input, fmt::format("the directory \"{}\"{} cannot be read: what it held is lost", printable(lost_.front()), lost_.size() == 1 ? "" : fmt::format(" and {} more", lost_.size() - 1)));
        return {};
    }

private:
    [[nodiscard]] Bytes block_at(std::uint32_t number) const { return clipped(bytes_, std::uint64_t{number} * block_, block_); }

    [[nodiscard]] std::optional<Metadata> metadata_at(const Pair& pair) const {
        auto first = pair[0] == kNoBlock ? std::nullopt : replay(block_at(pair[0]));
        auto second = pair[1] == kNoBlock ? std::nullopt : replay(block_at(pair[1]));
        if (!first || !second)
            return first ? first : second;
        return static_cast<std::int32_t>(first->revision - second->revision) >= 0 ? first : second;  // revisions wrap
    }

    /// The last pair in the list from block 0 on that holds a copy of the superblock is the root.
    Pair root() const {
        Pair at{0, 1};
        Pair root = at;
        for (std::size_t i = 0; i < kMostSuperblocks; ++i) {
            const auto metadata = metadata_at(at);
            if (!metadata || !superblock_in(*metadata))
                break;
            root = at;
            if (!metadata->tail)
                break;
            at = *metadata->tail;
        }
        return root;
    }

    Result<void> read_folder(Pair pair, const std::string& path) {
        while (true) {
            if (!seen_.insert(std::minmax(pair[0], pair[1])).second || seen_.size() > kMostPairs) {
                lost_.push_back(path);
                return {};
            }
            const auto metadata = metadata_at(pair);
            if (!metadata) {
                lost_.push_back(path);
                return {};
            }
            for (const Node& node : metadata->nodes)
                TRY(read_node(node, path));
            if (!metadata->hard_tail || !metadata->tail)
                return {};
            pair = *metadata->tail;
        }
    }

    Result<void> read_node(const Node& node, const std::string& path) {
        if (node.name_type != kNameFile && node.name_type != kNameFolder)
            return {};
        const std::string full = path.empty() ? std::string(node.name) : fmt::format("{}/{}", path, node.name);
        if (node.name.empty() || full.size() > kLongestPath) {
            lost_.push_back(full);
            return {};
        }
        if (node.name_type == kNameFile)
            return read_file(node, full);
        ++folders_;
        TRY(sink_.begin(full, {.kind = FileKind::directory, .mode = 0755}));
        const bool there = node.structure == kFolder && node.content.size() >= 8;
        TRY(sink_.end(there ? "" : "where its entries lie is not told"));
        if (there)
            open_.push_back({{load_le<std::uint32_t>(node.content.data()), load_le<std::uint32_t>(node.content.data() + 4)}, full});
        return {};
    }

    Result<void> read_file(const Node& node, const std::string& path) {
        ++files_;
        TRY(sink_.begin(path, {.mode = 0644}));
        if (node.structure == kInline) {
            TRY(sink_.write(node.content));
            return sink_.end("");
        }
        if (node.structure == kSkipList && node.content.size() >= 8)
            return read_skip_list(load_le<std::uint32_t>(node.content.data()), load_le<std::uint32_t>(node.content.data() + 4));
        return sink_.end("where its content lies is not told");
    }

    /// Blocks point backwards only, so the list is gathered from its head, and the content written from its start.
    Result<void> read_skip_list(std::uint32_t head, std::uint32_t size) {
        if (size > bytes_.size())
            return sink_.end(fmt::format("a file of {} bytes does not fit", size));
        std::uint32_t count = 0;
        for (std::uint64_t covered = 0; covered < size; ++count)
            covered += room_in(count, block_);
        std::vector<std::uint32_t> blocks(count, kNoBlock);
        for (std::uint32_t i = count; i-- > 0;) {
            blocks[i] = head;
            const Bytes block = block_at(head);
            if (i != 0 && block.size() < 4)
                break;
            head = i == 0 ? 0 : load_le<std::uint32_t>(block.data());
        }
        std::uint64_t left = size;
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint64_t room = std::min(left, room_in(i, block_));
            const Bytes content = blocks[i] == kNoBlock ? Bytes() : clipped(block_at(blocks[i]), block_ - room_in(i, block_), room);
            TRY(sink_.write(content));
            if (content.size() < room)
                return sink_.end(cut_off(size - left + content.size(), size));
            left -= room;
        }
        return sink_.end("");
    }

    static constexpr std::size_t kMostSuperblocks = 64;   // each copy halves how often the one before is written
    static constexpr std::size_t kLongestPath = 4096;

    Bytes bytes_;
    std::uint32_t block_;
    Sink& sink_;
    std::deque<std::pair<Pair, std::string>> open_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;
    std::vector<std::string> lost_;
    std::uint64_t files_ = 0;
    std::uint64_t folders_ = 0;
};

}  // namespace

std::optional<FoundContainer> identify_littlefs(Bytes bytes) {
    const auto superblock = superblock_of(bytes);
    if (!superblock)
        return std::nullopt;
    const std::uint64_t size = std::uint64_t{superblock->block} * superblock->blocks;
    FoundContainer found{.size = std::min<std::uint64_t>(size, bytes.size()), .checked = true};
    found.description = fmt::format("version {}.{}, {} blocks of {} bytes", superblock->version >> 16U, superblock->version & 0xffffU, superblock->blocks, superblock->block);
    if (size > bytes.size())
        found.description += ", " + cut_off(bytes.size(), size);
    return found;
}

Result<void> read_littlefs(Bytes bytes, Share share, Sink& sink) {
    const auto superblock = superblock_of(bytes);
    if (!superblock)
        return fail(Errc::bad_input, "not a littlefs after all");
    if (share.index != 0)
        return {};
    return LittlefsReader(bytes, *superblock, sink).read();
}

}  // namespace shirushi::unpack
