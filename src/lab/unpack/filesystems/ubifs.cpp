#include "unpack/filesystems/ubifs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "unpack/filesystems/inode_tree.hpp"
#include "unpack/filesystems/ubifs_index.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t root_inode = 1;
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file, beyond what the image could hold
constexpr std::uint64_t piece_size = std::uint64_t{1} << 20;         // what is asked of the sink at a time
constexpr std::uint64_t longest_target = 4096;                       // PATH_MAX
constexpr std::size_t most_compressors = 6;                          // that are named
constexpr std::uint32_t attribute_flag = 0x20;                       // of an inode: an extended attribute's value
constexpr std::uint32_t encrypted_flag = 0x40;

struct Inode {
    std::uint64_t size = 0;
    std::uint32_t flags = 0;
    std::uint32_t mode = 0;
    Bytes inline_data;

    [[nodiscard]] bool encrypted() const { return (flags & encrypted_flag) != 0; }
};

class UbifsReader : public InodeSource {
public:
    UbifsReader(Bytes bytes, const UbifsSuperblock& superblock) : bytes_(bytes), contents_(collect_ubifs(bytes, superblock)) {}

    Result<void> run(Sink& sink);

    InodeFacts inode(std::uint64_t number) override;
    std::vector<NamedInode> list(std::uint64_t number, std::string& damage) override;
    Result<void> content(std::uint64_t number, Sink& sink, std::string& damage) override;

private:
    [[nodiscard]] Bytes node_of(std::uint64_t at) const;
    [[nodiscard]] std::optional<Inode> load(std::uint64_t number) const;
    [[nodiscard]] std::span<const UbifsItem> data_of(std::uint64_t number) const;
    void spoiled(std::uint64_t number, std::string_view what, std::string& damage) const;
    void block(const UbifsItem& item, std::span<std::uint8_t> place, std::string& damage);
    Result<void> hand_out_lost(InodeTree& tree);
    [[nodiscard]] std::string description() const;

    Bytes bytes_;
    UbifsContents contents_;
    std::set<std::string> compressors_;
    std::uint64_t encrypted_ = 0;  // files and links
};

Bytes UbifsReader::node_of(std::uint64_t at) const {
    return bytes_.subspan(at, load_le<std::uint32_t>(bytes_.data() + at + 16));  // its length was checked when it was collected
}

std::optional<Inode> UbifsReader::load(std::uint64_t number) const {
    const auto item = std::ranges::lower_bound(contents_.inodes, number, {}, [](const UbifsItem& one) { return std::uint64_t{one.inode}; });
    if (item == contents_.inodes.end() || item->inode != number)
        return std::nullopt;
    const Bytes node = node_of(item->at);
    const std::uint8_t* at = node.data();
    return Inode{.size = load_le<std::uint64_t>(at + 48), .flags = load_le<std::uint32_t>(at + 108), .mode = load_le<std::uint32_t>(at + 104),
                 .inline_data = clipped(node, 160, load_le<std::uint32_t>(at + 112))};
}

std::span<const UbifsItem> UbifsReader::data_of(std::uint64_t number) const {
    const auto [first, last] = std::ranges::equal_range(contents_.data, number, {}, [](const UbifsItem& item) { return std::uint64_t{item.inode}; });
    return {first, last};
}

void UbifsReader::spoiled(std::uint64_t number, std::string_view what, std::string& damage) const {
    const auto lost = contents_.spoiled.find(static_cast<std::uint32_t>(number));
    if (lost != contents_.spoiled.end())
        note_damage(damage, fmt::format("{} {} cannot be read", lost->second, what));
}

InodeFacts UbifsReader::inode(std::uint64_t number) {
    InodeFacts facts;
    const auto item = std::ranges::lower_bound(contents_.inodes, number, {}, [](const UbifsItem& one) { return std::uint64_t{one.inode}; });
    const auto inode = load(number);
    if (!inode) {
        spoiled(number, "of its nodes", facts.damage);
        note_damage(facts.damage, fmt::format("inode {} is named, but is not here", number));
        const auto child = std::ranges::lower_bound(contents_.names, number, {}, [](const UbifsName& name) { return std::uint64_t{name.parent}; });
        if (child != contents_.names.end() && child->parent == number)
            facts.info.kind = FileKind::directory;
        return facts;
    }
    const std::uint8_t* at = bytes_.data() + item->at;
    facts.info = {.kind = kind_of_mode(inode->mode), .mode = inode->mode & 07777U, .uid = load_le<std::uint32_t>(at + 96),
                  .gid = load_le<std::uint32_t>(at + 100), .modified = static_cast<std::int64_t>(load_le<std::uint64_t>(at + 72))};
    if (facts.info.kind == FileKind::symlink) {
        encrypted_ += inode->encrypted() ? 1 : 0;
        if (inode->encrypted())
            note_damage(facts.damage, "its target is encrypted (fscrypt): nobody can read it without the key");
        else
            facts.info.target = printable(as_text(clipped(inode->inline_data, 0, longest_target)));
    }
    return facts;
}

std::vector<NamedInode> UbifsReader::list(std::uint64_t number, std::string& damage) {
    spoiled(number, "of its entries", damage);
    const auto inode = load(number);
    const auto [first, last] = std::ranges::equal_range(contents_.names, number, {}, [](const UbifsName& name) { return std::uint64_t{name.parent}; });
    std::vector<NamedInode> listed;
    for (const UbifsName& name : std::ranges::subrange(first, last))
        listed.push_back({inode && inode->encrypted() ? fmt::format("encrypted-name-{}", name.inode) : std::string(name.name), name.inode});
    if (inode && inode->encrypted() && !listed.empty())
        note_damage(damage, "the names in it are encrypted (fscrypt): nobody can read them without the key");
    return listed;
}

void UbifsReader::block(const UbifsItem& item, std::span<std::uint8_t> place, std::string& damage) {
    const Bytes node = node_of(item.at);
    const auto compressor = load_le<std::uint16_t>(node.data() + 44);
    const std::uint64_t size = load_le<std::uint32_t>(node.data() + 40);
    if (compressors_.size() < most_compressors)
        compressors_.insert(name_of_ubifs_compressor(compressor));
    Result<void> read = fail(Errc::bad_input, fmt::format("a block of {} bytes", size));
    if (size <= place.size()) {
        read = decompress_ubifs(compressor, node.subspan(48), place.first(size));
    } else if (size <= ubifs_data_block) {  // the file was cut shorter after this was written
        std::array<std::uint8_t, ubifs_data_block> all{};
        read = decompress_ubifs(compressor, node.subspan(48), std::span(all).first(size));
        if (read)
            copy_bytes(std::span(all).first(place.size()), place);
    }
    if (!read) {
        std::ranges::fill(place, std::uint8_t{0});
        note_damage(damage, fmt::format("zeros stand for bytes {} to {}: {}", item.block * ubifs_data_block, item.block * ubifs_data_block + place.size() - 1, read.error().message));
    }
}

Result<void> UbifsReader::content(std::uint64_t number, Sink& sink, std::string& damage) {
    const auto inode = load(number);
    if (!inode)
        return {};
    if (inode->encrypted()) {
        ++encrypted_;
        note_damage(damage, fmt::format("encrypted (fscrypt): nobody can read its {} bytes without the key", inode->size));
        return {};
    }
    spoiled(number, "of its blocks (zeros stand for them)", damage);
    std::uint64_t size = inode->size;
    if (const std::uint64_t most = bytes_.size() + most_hole_bytes; size > most) {
        note_damage(damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, size));
        size = most;
    }
    const auto items = data_of(number);
    auto item = items.begin();
    for (std::uint64_t done = 0; done < size;) {
        const std::uint64_t piece = std::min(size - done, piece_size);
        const auto room = TRY(sink.reserve(piece)).first(piece);
        std::ranges::fill(room, std::uint8_t{0});
        for (std::uint64_t at = 0; at < piece; at += ubifs_data_block) {
            const std::uint64_t number_of_block = (done + at) / ubifs_data_block;
            if (item != items.end() && item->block == number_of_block)
                block(*item++, room.subspan(at, std::min(ubifs_data_block, piece - at)), damage);
            else if (!contents_.scanned.empty())
                note_damage(damage, fmt::format("zeros stand for what begins at byte {}: a hole, or lost with the index", done + at));
        }
        sink.commit(piece);
        done += piece;
    }
    return {};
}

Result<void> UbifsReader::hand_out_lost(InodeTree& tree) {
    constexpr std::string_view why = "no directory names it: it was deleted, or the entry is lost";
    for (const bool even_named : {false, true}) {  // what was named once keeps its name where its directory is found again
        for (std::size_t i = 0; i < contents_.names.size(); ++i)
            if ((i == 0 || contents_.names[i].parent != contents_.names[i - 1].parent) && (even_named || !contents_.named.contains(contents_.names[i].parent)))
                TRY(tree.hand_out_lost(contents_.names[i].parent, why));
        for (const UbifsItem& item : contents_.inodes) {
            if (contents_.named.contains(item.inode) || tree.seen(item.inode))
                continue;
            const auto inode = load(item.inode);
            if (inode && (inode->flags & attribute_flag) == 0)
                TRY(tree.hand_out_lost(item.inode, why));
        }
    }
    return {};
}

std::string UbifsReader::description() const {
    std::string text = fmt::format("{} inode{}", with_commas(contents_.inodes.size()), contents_.inodes.size() == 1 ? "" : "s");
    std::string separator = ", compressors ";
    for (const std::string& compressor : compressors_) {
        text += separator + compressor;
        separator = " ";
    }
    if (contents_.journal_nodes != 0)
        text += fmt::format(", {} nodes from the journal", with_commas(contents_.journal_nodes));
    if (encrypted_ != 0)
        text += fmt::format(", {} files encrypted with fscrypt", with_commas(encrypted_));
    return text;
}

Result<void> UbifsReader::run(Sink& sink) {
    InodeTree tree(*this, sink);
    TRY(tree.hand_out(root_inode));
    TRY(hand_out_lost(tree));
    sink.describe(description());
    if (!contents_.scanned.empty())
        return fail(Errc::bad_input, fmt::format("{}: all nodes were gathered instead, so deleted files may be among them", contents_.scanned));
    if (!tree.root_damage().empty())
        return fail(Errc::bad_input, "root directory: " + tree.root_damage());
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_ubifs(Bytes bytes) {
    const auto superblock = ubifs_superblock(bytes);
    if (!superblock)
        return std::nullopt;
    const std::uint64_t claimed = superblock->block_size * superblock->blocks;
    const std::uint64_t size = std::min<std::uint64_t>(claimed, bytes.size());
    std::string description = fmt::format("UBIFS format {}, {} blocks of {} bytes, {}", superblock->version, with_commas(superblock->blocks),
                                          with_commas(superblock->block_size), name_of_ubifs_compressor(superblock->compressor));
    if (superblock->authenticated)
        description += ", authenticated";
    if (superblock->encrypted)
        description += ", with encryption";
    // Of a volume, the last blocks may never have been written: UBI does not have those.
    if (claimed > size)
        description += fmt::format(", the first {} of {} bytes are there", with_commas(size), with_commas(claimed));
    return FoundContainer{.size = size, .description = std::move(description), .checked = true, .encrypted = {}};
}

Result<void> read_ubifs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto superblock = ubifs_superblock(bytes);
    if (!superblock)
        return fail(Errc::bad_input, "no UBIFS superblock lies here");
    return UbifsReader(bytes, *superblock).run(sink);
}

}  // namespace shirushi::unpack
