// The master boot record (UEFI specification 2.10, 5.2; the chain of extended boot records as every partitioning tool writes it).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "unpack/disks/between_parts.hpp"
#include "unpack/disks/partition_tables.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t sector = 512;
constexpr std::uint64_t boot_code = 440;      // a disk's signature and the table follow
constexpr std::uint64_t table_offset = 446;
constexpr std::uint64_t entry_size = 16;
constexpr std::size_t most_logical = 128;     // Linux numbers 60 at most
constexpr std::uint64_t kernel_magic = 0x202;  // "HdrS" of an x86 kernel, whose first sector ends with the same two bytes
constexpr std::uint8_t protective = 0xee;

struct Entry {
    std::uint8_t status = 0;
    std::uint8_t type = 0;
    std::uint64_t start = 0;    ///< in sectors
    std::uint64_t sectors = 0;
    [[nodiscard]] std::uint64_t end() const { return start + sectors; }
};

struct Named {
    std::uint8_t type;
    const char* name;
};
constexpr std::array type_names{Named{0x01, "FAT12"}, Named{0x04, "FAT16"}, Named{0x06, "FAT16"}, Named{0x07, "NTFS or exFAT"}, Named{0x0b, "FAT32"},
                                Named{0x0c, "FAT32"}, Named{0x0e, "FAT16"}, Named{0x27, "recovery"}, Named{0x82, "Linux swap"}, Named{0x83, "Linux"},
                                Named{0x8e, "Linux LVM"}, Named{0xa5, "FreeBSD"}, Named{0xa6, "OpenBSD"}, Named{0xa9, "NetBSD"}, Named{0xda, "raw data"},
                                Named{protective, "GPT's protective entry"}, Named{0xef, "EFI system"}, Named{0xfd, "Linux RAID"}};

std::string type_name(std::uint8_t type) {
    const auto* const found = std::ranges::find(type_names, type, &Named::type);
    return found == type_names.end() ? fmt::format("type 0x{:02x}", type) : std::string(found->name);
}

bool is_extended(const Entry& entry) { return entry.type == 0x05 || entry.type == 0x0f || entry.type == 0x85; }

using Table = std::array<Entry, 4>;

std::optional<Table> table_at(Bytes bytes, std::uint64_t offset) {
    const auto block = slice(bytes, offset, sector);
    if (!block || (*block)[510] != 0x55 || (*block)[511] != 0xaa)
        return std::nullopt;
    Table table;
    const std::uint8_t* at = block->data() + table_offset;
    for (Entry& entry : table) {
        entry = {at[0], at[4], load_le<std::uint32_t>(at + 8), load_le<std::uint32_t>(at + 12)};
        at += entry_size;
    }
    return table;
}

/// A first sector whose entries make sense together.
std::optional<Table> master_table(Bytes bytes) {
    auto table = table_at(bytes, 0);
    if (!table || as_text(clipped(bytes, kernel_magic, 4)) == "HdrS")
        return std::nullopt;
    std::vector<Entry> used;
    for (const Entry& entry : *table) {
        const bool empty = entry.type == 0 && entry.sectors == 0;
        if ((entry.status & 0x7f) != 0 || (!empty && (entry.type == 0 || entry.start == 0 || entry.sectors == 0)))
            return std::nullopt;
        if (!empty)
            used.push_back(entry);
    }
    std::ranges::sort(used, {}, &Entry::start);
    if (used.empty() || used.front().start >= bytes.size() / sector)
        return std::nullopt;
    for (std::size_t i = 1; i < used.size(); ++i)
        if (used[i].start < used[i - 1].end())
            return std::nullopt;
    return table;
}

struct Layout {
    std::vector<Part> parts;
    std::vector<std::string> types;
    std::vector<Taken> taken;
    std::string damage;
    std::size_t next_logical = 5;

    void add(std::size_t number, const Entry& entry, std::uint64_t base) {
        parts.push_back({.name = fmt::format("partition{}", number), .offset = (base + entry.start) * sector, .size = entry.sectors * sector});
        types.push_back(type_name(entry.type));
        taken.push_back({parts.back().offset, parts.back().size});
    }
};

/// Each extended boot record names one logical partition, counted from itself, and the next record, counted from the first.
void follow_chain(Bytes bytes, const Entry& extended, Layout& layout) {
    std::unordered_set<std::uint64_t> seen;
    std::uint64_t record = extended.start;
    while (true) {
        if (seen.size() >= most_logical || !seen.insert(record).second) {
            layout.damage = seen.size() >= most_logical ? fmt::format("more than {} logical partitions", most_logical) : "the chain of logical partitions leads back into itself";
            return;
        }
        const auto table = table_at(bytes, record * sector);
        if (!table) {
            layout.damage = fmt::format("the chain of logical partitions breaks at 0x{:x}", record * sector);
            return;
        }
        // The area before an extended record's own table is used by nobody; where it is, it is looked into.
        layout.taken.push_back({record * sector + boot_code, sector - boot_code});
        std::optional<std::uint64_t> next;
        for (const Entry& entry : *table) {
            if (entry.sectors == 0 || entry.type == 0)
                continue;
            if (is_extended(entry))
                next = next ? next : extended.start + entry.start;
            else if (entry.start != 0 && entry.sectors <= extended.sectors)
                layout.add(layout.next_logical++, entry, record);
            else
                layout.damage = fmt::format("a logical partition listed at 0x{:x} does not lie in the extended one", record * sector);
        }
        if (!next)
            return;
        record = *next;
    }
}

Layout layout_of(Bytes bytes, const Table& table) {
    Layout layout;
    layout.taken.push_back({boot_code, sector - boot_code});
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table.at(i).sectors != 0 && !is_extended(table.at(i)))
            layout.add(i + 1, table.at(i), 0);
    for (const Entry& entry : table)
        if (entry.sectors != 0 && is_extended(entry))
            follow_chain(bytes, entry, layout);
    return layout;
}

}  // namespace

std::optional<FoundContainer> identify_mbr(Bytes bytes) {
    const auto table = master_table(bytes);
    if (!table)
        return std::nullopt;
    std::uint64_t end = 1;
    for (const Entry& entry : *table)
        end = std::max(end, entry.sectors == 0 ? 0 : entry.end());
    const Layout layout = layout_of(bytes, *table);
    std::string description = fmt::format("master boot record, {} partition{}: {}", layout.parts.size(), layout.parts.size() == 1 ? "" : "s", fmt::join(layout.types, ", "));
    const std::uint64_t size = end * sector;
    if (size > bytes.size())
        description += ", " + cut_off(bytes.size(), size);
    return FoundContainer{.size = std::min<std::uint64_t>(size, bytes.size()), .description = std::move(description), .checked = false};
}

Result<Parts> split_mbr(Bytes bytes) {
    const auto table = master_table(bytes);
    if (!table)
        return fail(Errc::internal, "not a master boot record after all");
    Layout layout = layout_of(bytes, *table);
    Parts result{.parts = std::move(layout.parts), .damage = std::move(layout.damage)};
    leave_out_overlapping(bytes, result);
    add_unpartitioned(bytes, std::move(layout.taken), result.parts);
    return result;
}

std::vector<Part> partitions_of(Bytes bytes) {
    if (identify_gpt(bytes))
        if (auto parts = split_gpt(bytes)) {
            std::erase_if(parts->parts, [](const Part& part) { return part.name.starts_with("unpartitioned@"); });
            return std::move(parts->parts);
        }
    const auto table = table_at(bytes, 0);
    return table ? layout_of(bytes, *table).parts : std::vector<Part>();
}

}  // namespace shirushi::unpack
