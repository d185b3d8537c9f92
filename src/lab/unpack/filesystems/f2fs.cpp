#include "unpack/filesystems/f2fs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/filesystems/f2fs_layout.hpp"
#include "unpack/filesystems/inode_tree.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file, beyond what the image could hold
constexpr std::uint64_t piece_blocks = 256;                          // asked of the sink at a time
constexpr std::uint64_t longest_target = 4096;                       // PATH_MAX
constexpr std::size_t addresses_at = 360;                            // in an inode
constexpr std::size_t addresses_in_inode = 923;
constexpr std::size_t nodes_at = 4052;                               // in an inode: two direct, two indirect, one doubly indirect
constexpr std::size_t pointers_in_node = 1018;
constexpr std::size_t attribute_words = 50;                          // at the end of an inode's addresses, when it holds attributes
constexpr std::uint32_t compressed_address = 0xfffffffe;
constexpr std::uint32_t new_address = 0xffffffff;                    // reserved, never written
constexpr std::size_t entry_size = 11;
constexpr std::size_t name_slot = 8;
constexpr std::uint8_t inline_attributes = 0x01;
constexpr std::uint8_t inline_data = 0x02;
constexpr std::uint8_t inline_entries = 0x04;
constexpr std::uint8_t extra_attributes = 0x20;

struct Inode {
    Bytes block;
    std::uint32_t mode = 0;
    std::uint64_t size = 0;
    std::uint8_t inline_flags = 0;
    bool encrypted = false;
    bool compressed = false;
    std::size_t first_word = 0;  // of the addresses, in units of four bytes
    std::size_t words = 0;

    /// What an inode holds in the place of its addresses: one word is reserved.
    [[nodiscard]] Bytes inline_bytes() const {
        return words == 0 ? Bytes{} : block.subspan(addresses_at + (first_word + 1) * 4, (words - 1) * 4);
    }
};

class F2fsReader : public InodeSource {
public:
    F2fsReader(const F2fsNodes& nodes, const F2fsSuperblock& superblock, std::uint64_t image_size) : nodes_(nodes), superblock_(superblock), image_size_(image_size) {}

    Result<void> run(Sink& sink);

    InodeFacts inode(std::uint64_t number) override;
    std::vector<NamedInode> list(std::uint64_t number, std::string& damage) override;
    Result<void> content(std::uint64_t number, Sink& sink, std::string& damage) override;

private:
    [[nodiscard]] std::optional<Inode> load(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t bounded_size(const Inode& inode, std::string& damage) const;
    std::vector<std::uint32_t> addresses(const Inode& inode, std::uint64_t count, std::string& damage) const;
    void add_pointers(std::uint32_t node, int depth, std::uint64_t count, std::vector<std::uint32_t>& to, std::string& damage) const;
    [[nodiscard]] std::string target(const Inode& inode, std::string& damage) const;

    const F2fsNodes& nodes_;
    const F2fsSuperblock& superblock_;
    std::uint64_t image_size_;
};

std::optional<Inode> F2fsReader::load(std::uint64_t number) const {
    const auto block = nodes_.node(static_cast<std::uint32_t>(number));
    if (!block || load_le<std::uint32_t>(block->data() + 4076) != number)  // the node is its own inode
        return std::nullopt;
    const std::uint8_t* at = block->data();
    Inode inode{.block = *block, .mode = load_le<std::uint16_t>(at), .size = load_le<std::uint64_t>(at + 16), .inline_flags = at[3]};
    const auto flags = load_le<std::uint32_t>(at + 80);
    inode.encrypted = (at[2] & 0x04U) != 0;
    inode.compressed = superblock_.has_compression() && (flags & 0x4U) != 0;
    std::size_t reserved = 0;
    if ((inode.inline_flags & extra_attributes) != 0) {
        inode.first_word = load_le<std::uint16_t>(at + addresses_at) / 4U;
        if (superblock_.has_flexible_attributes())
            reserved = load_le<std::uint16_t>(at + addresses_at + 2);
    }
    if (!superblock_.has_flexible_attributes() && (inode.inline_flags & (inline_attributes | inline_entries)) != 0)
        reserved = attribute_words;
    if (inode.first_word + reserved > addresses_in_inode)
        return std::nullopt;
    inode.words = addresses_in_inode - inode.first_word - reserved;
    return inode;
}

void F2fsReader::add_pointers(std::uint32_t node, int depth, std::uint64_t count, std::vector<std::uint32_t>& to, std::string& damage) const {
    std::uint64_t covered = pointers_in_node;
    for (int i = 1; i < depth; ++i)
        covered *= pointers_in_node;
    const std::uint64_t end = std::min<std::uint64_t>(count, to.size() + covered);
    const auto block = node == 0 ? std::nullopt : nodes_.node(node);
    if (node != 0 && !block)
        note_damage(damage, fmt::format("the pointers from byte {} on cannot be read: zeros stand for what they lead to", to.size() * f2fs_block));
    for (std::size_t i = 0; block && i < pointers_in_node && to.size() < end; ++i) {
        const auto pointer = load_le<std::uint32_t>(block->data() + i * 4);
        if (depth == 1)
            to.push_back(pointer);
        else
            add_pointers(pointer, depth - 1, end, to, damage);  // at most three deep
    }
    to.resize(std::max<std::size_t>(to.size(), end));
}

std::vector<std::uint32_t> F2fsReader::addresses(const Inode& inode, std::uint64_t count, std::string& damage) const {
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < inode.words && found.size() < count; ++i)
        found.push_back(load_le<std::uint32_t>(inode.block.data() + addresses_at + (inode.first_word + i) * 4));
    constexpr std::array<int, 5> depths{1, 1, 2, 2, 3};
    for (std::size_t i = 0; i < depths.size() && found.size() < count; ++i)
        add_pointers(load_le<std::uint32_t>(inode.block.data() + nodes_at + i * 4), depths.at(i), count, found, damage);
    found.resize(count);
    return found;
}

std::uint64_t F2fsReader::bounded_size(const Inode& inode, std::string& damage) const {
    const std::uint64_t most = image_size_ + most_hole_bytes;
    if (inode.size > most)
        note_damage(damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, inode.size));
    return std::min(inode.size, most);
}

std::string F2fsReader::target(const Inode& inode, std::string& damage) const {
    if (inode.encrypted) {
        note_damage(damage, "its target is encrypted (fscrypt): nobody can read it without the key");
        return {};
    }
    const std::uint64_t size = std::min(inode.size, longest_target);
    if ((inode.inline_flags & inline_data) != 0)
        return printable(as_text(clipped(inode.inline_bytes(), 0, size)));
    const auto block = nodes_.data(addresses(inode, 1, damage).front());
    if (!block)
        note_damage(damage, "its target is not there");
    return block ? printable(as_text(block->first(size))) : std::string();
}

InodeFacts F2fsReader::inode(std::uint64_t number) {
    InodeFacts facts;
    const auto inode = load(number);
    if (!inode) {
        facts.damage = fmt::format("inode {} is not there", number);
        return facts;
    }
    const std::uint8_t* at = inode->block.data();
    facts.info = {.kind = kind_of_mode(inode->mode), .mode = inode->mode & 07777U, .uid = load_le<std::uint32_t>(at + 4), .gid = load_le<std::uint32_t>(at + 8),
                  .modified = static_cast<std::int64_t>(load_le<std::uint64_t>(at + 48))};
    if (facts.info.kind == FileKind::symlink)
        facts.info.target = target(*inode, facts.damage);
    return facts;
}

/// One table of entries: a bitmap of slots in use, the entries, and their names in slots of eight bytes.
void add_entries(Bytes table, std::size_t slots, std::size_t entries_at, std::vector<NamedInode>& to) {
    const std::size_t names_at = entries_at + slots * entry_size;
    for (std::size_t slot = 0; slot < slots;) {
        const bool used = (table[slot / 8] >> slot % 8 & 1U) != 0;
        const std::uint8_t* entry = table.data() + entries_at + slot * entry_size;
        const std::size_t length = load_le<std::uint16_t>(entry + 8);
        if (!used || length == 0) {
            ++slot;
            continue;
        }
        const std::string_view name = as_text(clipped(table, names_at + slot * name_slot, length));
        if (name != "." && name != "..")
            to.push_back({std::string(name), load_le<std::uint32_t>(entry + 4)});
        slot += (length + name_slot - 1) / name_slot;
    }
}

std::vector<NamedInode> F2fsReader::list(std::uint64_t number, std::string& damage) {
    std::vector<NamedInode> listed;
    const auto inode = load(number);
    if (!inode)
        return listed;
    if ((inode->inline_flags & inline_entries) != 0) {
        const Bytes table = inode->inline_bytes();
        const std::size_t slots = table.size() * 8 / ((entry_size + name_slot) * 8 + 1);
        if (slots != 0)
            add_entries(table, slots, table.size() - slots * (entry_size + name_slot), listed);
    } else {
        constexpr std::size_t slots_in_block = 214;
        constexpr std::size_t entries_in_block = 30;
        const std::uint64_t count = (bounded_size(*inode, damage) + f2fs_block - 1) / f2fs_block;
        for (const std::uint32_t address : addresses(*inode, count, damage)) {
            if (address == 0 || address == new_address)
                continue;  // buckets of the hash table that nothing fell into
            const auto block = nodes_.data(address);
            if (block && listed.size() < most_entries)
                add_entries(*block, slots_in_block, entries_in_block, listed);
            else
                note_damage(damage, "a block of its entries is not there");
        }
    }
    if (inode->encrypted && !listed.empty()) {
        note_damage(damage, "the names in it are encrypted (fscrypt): nobody can read them without the key");
        for (NamedInode& one : listed)
            one.name = fmt::format("encrypted-name-{}", one.number);
    }
    std::ranges::sort(listed, {}, &NamedInode::name);
    return listed;
}

Result<void> F2fsReader::content(std::uint64_t number, Sink& sink, std::string& damage) {
    const auto inode = load(number);
    if (!inode)
        return {};
    if (inode->encrypted) {
        note_damage(damage, fmt::format("encrypted (fscrypt): nobody can read its {} bytes without the key", inode->size));
        return {};
    }
    const std::uint64_t size = bounded_size(*inode, damage);
    if ((inode->inline_flags & inline_data) != 0) {
        const Bytes there = clipped(inode->inline_bytes(), 0, size);
        if (there.size() < size)
            note_damage(damage, fmt::format("ends after {} of {} bytes", there.size(), size));
        return sink.write(there);
    }
    const auto blocks = addresses(*inode, (size + f2fs_block - 1) / f2fs_block, damage);
    for (std::size_t first = 0; first < blocks.size(); first += piece_blocks) {
        const std::uint64_t piece = std::min(size - first * f2fs_block, piece_blocks * f2fs_block);
        const auto room = TRY(sink.reserve(piece)).first(piece);
        std::ranges::fill(room, std::uint8_t{0});
        for (std::uint64_t at = 0; at < piece; at += f2fs_block) {
            const std::uint32_t address = blocks[first + at / f2fs_block];
            const auto block = nodes_.data(address);
            if (inode->compressed && address == compressed_address)
                note_damage(damage, fmt::format("compressed by the file system from byte {} on, which is not read: zeros stand for it", first * f2fs_block + at));
            else if (block)
                copy_bytes(block->first(std::min(f2fs_block, piece - at)), room.subspan(at));
            else if (address != 0 && address != new_address)
                note_damage(damage, fmt::format("zeros stand for what is not there from byte {} on", first * f2fs_block + at));
        }
        sink.commit(piece);
    }
    return {};
}

Result<void> F2fsReader::run(Sink& sink) {
    if (!load(superblock_.root))
        return fail(Errc::bad_input, "the root directory is not there");
    InodeTree tree(*this, sink);
    TRY(tree.hand_out(superblock_.root));
    if (!tree.root_damage().empty())
        return fail(Errc::bad_input, "root directory: " + tree.root_damage());
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_f2fs(Bytes bytes) {
    const auto superblock = f2fs_superblock(bytes);
    if (!superblock)
        return std::nullopt;
    const std::uint64_t claimed = superblock->blocks * f2fs_block;
    std::string description = fmt::format("F2FS {}.{}, {} MiB", superblock->major, superblock->minor, claimed >> 20U);
    if (!superblock->label.empty())
        description += fmt::format(", label \"{}\"", superblock->label);
    if (superblock->has_encryption())
        description += ", may have encrypted files";
    if (superblock->has_compression())
        description += ", may have compressed files";
    if (claimed > bytes.size())
        description += ", " + cut_off(bytes.size(), claimed);
    const bool whole = F2fsNodes::open(bytes, *superblock).has_value();
    return FoundContainer{.size = std::min<std::uint64_t>(claimed, bytes.size()), .description = std::move(description), .checked = whole, .encrypted = {}};
}

Result<void> read_f2fs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto superblock = f2fs_superblock(bytes);
    if (!superblock)
        return fail(Errc::bad_input, "no F2FS starts here");
    const auto nodes = TRY(F2fsNodes::open(bytes, *superblock));
    return F2fsReader(nodes, *superblock, bytes.size()).run(sink);
}

}  // namespace shirushi::unpack
