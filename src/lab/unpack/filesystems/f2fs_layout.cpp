#include "unpack/filesystems/f2fs_layout.hpp"

#include "base/text.hpp"
#include "unpack/filesystems/flash_checksum.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t superblock_at = 1024;
constexpr std::uint32_t magic = 0xf2f52010;
constexpr std::uint32_t entries_per_block = 455;  // of the node table, nine bytes each
constexpr std::uint64_t entry_size = 9;
constexpr std::uint64_t bitmap_at = 192;  // in the checkpoint
constexpr std::uint32_t unmounted_flag = 0x1;
constexpr std::uint32_t compact_flag = 0x4;
constexpr std::uint32_t large_bitmap_flag = 0x400;
constexpr std::uint64_t journal_at = 3584;  // in a summary block
constexpr std::uint64_t journal_entry = 13;
constexpr std::uint64_t most_journal = 38;
constexpr std::uint64_t footer_at = 4072;

std::string label_of(Bytes units) {
    std::string text;
    for (std::size_t at = 0; at + 2 <= units.size() && load_le<std::uint16_t>(units.data() + at) != 0; at += 2) {
        const auto unit = load_le<std::uint16_t>(units.data() + at);
        text += unit < 0x80 ? static_cast<char>(unit) : '?';
    }
    return printable(text);
}

}  // namespace

std::optional<F2fsSuperblock> f2fs_superblock(Bytes bytes) {
    const Bytes block = clipped(bytes, superblock_at, f2fs_block - superblock_at);
    if (block.size() < f2fs_block - superblock_at || load_le<std::uint32_t>(block.data()) != magic)
        return std::nullopt;
    const std::uint8_t* at = block.data();
    const auto number = [&](std::size_t offset) { return load_le<std::uint32_t>(at + offset); };
    F2fsSuperblock superblock{.major = load_le<std::uint16_t>(at + 4), .minor = load_le<std::uint16_t>(at + 6), .blocks = load_le<std::uint64_t>(at + 36),
                              .blocks_per_segment = 512, .checkpoint_start = number(76), .table_start = number(84), .summary_start = number(88),
                              .main_start = number(92), .root = number(96), .checkpoint_payload = number(1664), .features = number(2180),
                              .label = label_of(block.subspan(124, 1024))};
    const bool usual_sizes = number(16) == 12 && number(20) == 9;
    const std::uint32_t table_of_segments = number(80);
    const bool in_order = superblock.checkpoint_start >= 2 && superblock.checkpoint_start < table_of_segments && table_of_segments < superblock.table_start &&
                          superblock.table_start < superblock.summary_start && superblock.summary_start < superblock.main_start && superblock.main_start < superblock.blocks;
    if (!usual_sizes || !in_order || number(100) != 1 || number(104) != 2 || superblock.blocks > std::uint64_t{1} << 40U)
        return std::nullopt;
    return superblock;
}

/// Whole when its checksum fits and its last block is of the same version.
std::optional<F2fsNodes::Checkpoint> F2fsNodes::checkpoint(std::uint64_t start) const {
    const Bytes first = block(start);
    if (first.size() < f2fs_block)
        return std::nullopt;
    const std::uint64_t covered = load_le<std::uint32_t>(first.data() + 164);
    if (covered < bitmap_at || covered > f2fs_block - 4)
        return std::nullopt;
    std::uint32_t expected = flash_checksum(magic, first.first(covered));
    if (covered < f2fs_block - 4)  // with large bitmaps the checksum stands before what it covers
        expected = flash_checksum(expected, first.subspan(covered + 4));
    if (expected != load_le<std::uint32_t>(first.data() + covered))
        return std::nullopt;
    const Checkpoint found{.start = start, .version = load_le<std::uint64_t>(first.data()), .block = first};
    const Bytes last = block(start + load_le<std::uint32_t>(first.data() + 136) - 1);
    if (last.size() < f2fs_block || load_le<std::uint64_t>(last.data()) != found.version)
        return std::nullopt;
    return found;
}

Result<F2fsNodes> F2fsNodes::open(Bytes bytes, const F2fsSuperblock& superblock) {
    F2fsNodes nodes(bytes, superblock);
    const auto first = nodes.checkpoint(superblock.checkpoint_start);
    const auto second = nodes.checkpoint(std::uint64_t{superblock.checkpoint_start} + superblock.blocks_per_segment);
    if (!first && !second)
        return fail(Errc::bad_input, "neither checkpoint is whole");
    const Checkpoint& newest = second && (!first || second->version > first->version) ? *second : *first;
    nodes.read_bitmap(newest);
    nodes.read_journal(newest);
    return nodes;
}

void F2fsNodes::read_bitmap(const Checkpoint& checkpoint) {
    const std::uint8_t* at = checkpoint.block.data();
    const std::uint64_t segments_size = load_le<std::uint32_t>(at + 156);
    const std::uint64_t size = load_le<std::uint32_t>(at + 160);
    const bool large = (load_le<std::uint32_t>(at + 132) & large_bitmap_flag) != 0;
    std::uint64_t start = bitmap_at;
    if (large)
        start += 4;  // behind a checksum, and before the other bitmap
    else if (superblock_.checkpoint_payload == 0)
        start += segments_size;
    // Larger ones go on in the blocks behind.
    bitmap_ = clipped(bytes_, checkpoint.start * f2fs_block + start, size);
}

void F2fsNodes::read_journal(const Checkpoint& checkpoint) {
    const std::uint8_t* at = checkpoint.block.data();
    const auto flags = load_le<std::uint32_t>(at + 132);
    const std::uint64_t total = load_le<std::uint32_t>(at + 136);
    Bytes journal;
    if ((flags & compact_flag) != 0) {
        journal = block(checkpoint.start + load_le<std::uint32_t>(at + 140));
    } else {  // in the summary of hot data, the first of six or of three before the last block
        const std::uint64_t behind = (flags & unmounted_flag) != 0 ? 7 : 4;
        journal = total >= behind ? clipped(block(checkpoint.start + total - behind), journal_at, f2fs_block) : Bytes{};
    }
    if (journal.size() < 2)
        return;
    const std::uint64_t count = std::min<std::uint64_t>(load_le<std::uint16_t>(journal.data()), most_journal);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Bytes entry = clipped(journal, 2 + i * journal_entry, journal_entry);
        if (entry.size() == journal_entry)
            journal_[load_le<std::uint32_t>(entry.data())] = load_le<std::uint32_t>(entry.data() + 9);
    }
}

std::uint32_t F2fsNodes::address_of(std::uint32_t number) const {
    if (const auto newer = journal_.find(number); newer != journal_.end())
        return newer->second;
    const std::uint64_t index = number / entries_per_block;
    const std::uint64_t segment = index / superblock_.blocks_per_segment;
    std::uint64_t address = superblock_.table_start + segment * 2 * superblock_.blocks_per_segment + index % superblock_.blocks_per_segment;
    if (index / 8 < bitmap_.size() && (bitmap_[index / 8] >> (7 - index % 8) & 1U) != 0)
        address += superblock_.blocks_per_segment;
    if (address >= superblock_.summary_start)
        return 0;
    const Bytes entry = clipped(block(address), number % entries_per_block * entry_size, entry_size);
    return entry.size() == entry_size ? load_le<std::uint32_t>(entry.data() + 5) : 0;
}

std::optional<Bytes> F2fsNodes::data(std::uint32_t address) const {
    if (address < superblock_.main_start || address >= superblock_.blocks)
        return std::nullopt;
    const Bytes found = block(address);
    return found.size() == f2fs_block ? std::optional(found) : std::nullopt;
}

std::optional<Bytes> F2fsNodes::node(std::uint32_t number) const {
    auto found = data(address_of(number));
    return found && load_le<std::uint32_t>(found->data() + footer_at) == number ? found : std::nullopt;
}

}  // namespace shirushi::unpack
