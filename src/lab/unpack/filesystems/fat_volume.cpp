#include "unpack/filesystems/fat_volume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/fat.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t boot_sector = 512;
constexpr std::uint64_t backup_sector = 6;  // where FAT32's boot sector has its copy, in every tool
constexpr std::uint64_t entry_size = 32;
constexpr std::uint32_t most_fat12 = 4084;  // clusters; the specification's own bounds
constexpr std::uint32_t most_fat16 = 65524;
constexpr std::uint32_t most_fat32 = 0x0ffffff5;

bool is_jump(const std::uint8_t* at) { return (at[0] == 0xeb && at[1] >= 0x1e) || at[0] == 0xe9; }

std::string label_of(Bytes raw) { return std::string(trimmed(printable(as_text(raw)))); }

/// The fields that say where things are; the caller knows that a sector is there.
std::optional<FatVolume> fields(const std::uint8_t* at) {
    FatVolume volume;
    volume.sector_size = load_le<std::uint16_t>(at + 11);
    const std::uint64_t per_cluster = at[13];
    const std::uint64_t reserved = load_le<std::uint16_t>(at + 14);
    const std::uint64_t root_entries = load_le<std::uint16_t>(at + 17);
    volume.tables = at[16];
    volume.media = at[21];
    const bool sizes_fit = volume.sector_size >= 512 && volume.sector_size <= 4096 && std::has_single_bit(volume.sector_size) && std::has_single_bit(per_cluster);
    if (!sizes_fit || reserved == 0 || volume.tables == 0 || volume.tables > 4 || (volume.media != 0xf0 && volume.media < 0xf8))
        return std::nullopt;
    std::uint64_t table_sectors = load_le<std::uint16_t>(at + 22);
    const bool is_fat32 = table_sectors == 0;
    if (is_fat32)
        table_sectors = load_le<std::uint32_t>(at + 36);
    std::uint64_t sectors = load_le<std::uint16_t>(at + 19);
    if (sectors == 0)
        sectors = load_le<std::uint32_t>(at + 32);
    volume.cluster_size = per_cluster * volume.sector_size;
    volume.table_offset = reserved * volume.sector_size;
    volume.table_size = table_sectors * volume.sector_size;
    volume.root_offset = volume.table_offset + volume.tables * volume.table_size;
    volume.root_size = (root_entries * entry_size + volume.sector_size - 1) / volume.sector_size * volume.sector_size;
    volume.data_offset = volume.root_offset + volume.root_size;
    volume.size = sectors * volume.sector_size;
    if (table_sectors == 0 || (is_fat32 != (root_entries == 0)) || volume.data_offset + volume.cluster_size > volume.size)
        return std::nullopt;
    const std::uint64_t clusters = (volume.size - volume.data_offset) / volume.cluster_size;
    if (clusters > (is_fat32 ? most_fat32 : most_fat16))
        return std::nullopt;
    volume.clusters = static_cast<std::uint32_t>(clusters);
    volume.bits = is_fat32 ? 32 : clusters <= most_fat12 ? 12 : 16;
    if (is_fat32) {
        const std::uint16_t flags = load_le<std::uint16_t>(at + 40);
        volume.active_table = (flags & 0x80) != 0 ? flags & 0x0f : 0;
        volume.root_cluster = load_le<std::uint32_t>(at + 44);
        if (load_le<std::uint16_t>(at + 42) != 0 || !volume.is_data(volume.root_cluster) || volume.active_table >= volume.tables)
            return std::nullopt;
    }
    // The table has an entry for every cluster and the two reserved ones.
    if ((clusters + 2) * volume.bits > volume.table_size * 8)
        return std::nullopt;
    const std::uint8_t* extended = at + (is_fat32 ? 64 : 36);
    if (extended[2] == 0x29)
        volume.label = label_of(Bytes(extended + 7, 11));
    if (volume.label == "NO NAME")
        volume.label.clear();
    return volume;
}

/// The sector at `offset` as a boot sector.
std::optional<FatVolume> boot_sector_at(Bytes bytes, std::uint64_t offset) {
    const auto raw = slice(bytes, offset, boot_sector);
    if (!raw || !is_jump(raw->data()))
        return std::nullopt;
    auto volume = fields(raw->data());
    if (!volume)
        return std::nullopt;
    const bool is_signed = (*raw)[510] == 0x55 && (*raw)[511] == 0xaa;
    const std::string_view type = as_text(raw->subspan(volume->bits == 32 ? 82 : 54, 3));
    if (!is_signed && type != "FAT")  // old floppies end with whatever their code was
        return std::nullopt;
    volume->from_backup = offset != 0;
    return volume;
}

}  // namespace

bool FatVolume::table_begins_well(Bytes bytes, std::uint64_t table) const {
    const auto first = next(bytes, table, 0);
    const std::uint32_t ones = bits == 12 ? 0xf00 : bits == 16 ? 0xff00 : 0x0fffff00;
    return first && *first == (ones | media);
}

std::optional<FatVolume> FatVolume::of(Bytes bytes) {
    const auto believable = [&](const FatVolume& volume) {
        for (std::uint64_t table = 0; table < volume.tables; ++table)
            if (volume.table_begins_well(bytes, table))
                return true;
        // Both tables overwritten, or cut off before them: then the volume must begin plainly.
        const std::string_view type = as_text(clipped(bytes, volume.bits == 32 ? 82 : 54, 3));
        return type == "FAT" && !volume.from_backup;
    };
    if (auto volume = boot_sector_at(bytes, 0); volume && believable(*volume))
        return volume;
    // The copy's sector is not yet known to be of 512 bytes; other sizes are rare.
    if (auto volume = boot_sector_at(bytes, backup_sector * boot_sector); volume && volume->bits == 32 && volume->sector_size == boot_sector && believable(*volume))
        return volume;
    return std::nullopt;
}

std::optional<std::uint32_t> FatVolume::next(Bytes bytes, std::uint64_t table, std::uint32_t cluster) const {
    const std::uint64_t base = table_offset + table * table_size;
    const std::uint64_t at = base + std::uint64_t{cluster} * bits / 8;
    const std::uint64_t width = bits == 32 ? 4 : 2;
    if (bytes.size() < width || at > bytes.size() - width)
        return std::nullopt;
    const std::uint8_t* raw = bytes.data() + at;
    if (bits == 32)
        return load_le<std::uint32_t>(raw) & 0x0fffffff;
    const std::uint32_t value = load_le<std::uint16_t>(raw);
    if (bits == 16)
        return value;
    return (cluster & 1) != 0 ? value >> 4 : value & 0xfff;
}

bool FatVolume::is_end(std::uint32_t value) const { return value >= (bits == 12 ? 0xff8U : bits == 16 ? 0xfff8U : 0x0ffffff8U); }

FatChain follow_fat_chain(Bytes bytes, const FatVolume& volume, std::uint64_t table, std::uint32_t first, std::uint64_t most) {
    FatChain chain;
    std::uint32_t cluster = first;
    // A chain of more clusters than there are leads back into itself.
    for (std::uint64_t steps = 0; chain.size < most; ++steps) {
        if (steps >= volume.clusters) {
            chain.damage = "its chain of clusters leads back into itself";
            return chain;
        }
        if (!volume.is_data(cluster)) {
            chain.damage = cluster == 0 ? "its chain of clusters leads to a free one" : fmt::format("its chain of clusters leads to number {}, which is none", cluster);
            return chain;
        }
        const std::uint64_t offset = volume.offset_of(cluster);
        if (!chain.extents.empty() && chain.extents.back().offset + chain.extents.back().size == offset)
            chain.extents.back().size += volume.cluster_size;
        else
            chain.extents.push_back({offset, volume.cluster_size});
        chain.size += volume.cluster_size;
        if (offset >= bytes.size() || bytes.size() - offset < volume.cluster_size)
            return chain;  // whoever reads it sees that it is cut off
        const auto value = volume.next(bytes, table, cluster);
        if (!value && chain.size < most) {
            chain.damage = "the allocation table is cut off";
            return chain;
        }
        if (!value || volume.is_end(*value)) {
            chain.ended = value.has_value();
            return chain;
        }
        cluster = *value;
    }
    return chain;
}

FatChain fat_run(const FatVolume& volume, std::uint32_t first, std::uint64_t size) {
    FatChain chain;
    if (!volume.is_data(first)) {
        chain.damage = fmt::format("it begins in cluster {}, which is none", first);
        return chain;
    }
    const std::uint64_t left = (std::uint64_t{volume.clusters} - (first - 2)) * volume.cluster_size;
    chain.size = size > left ? left : (size + volume.cluster_size - 1) / volume.cluster_size * volume.cluster_size;
    chain.extents.push_back({volume.offset_of(first), chain.size});
    if (size > left)
        chain.damage = "it reaches beyond the volume";
    chain.ended = true;
    return chain;
}

ClusterMarks::ClusterMarks(const FatVolume& volume, Bytes bytes) : marks_(std::size_t{1} + std::min<std::uint64_t>(volume.clusters, bytes.size() / volume.cluster_size)) {}

std::uint64_t ClusterMarks::mark(const FatVolume& volume, const FatChain& chain) {
    std::uint64_t unmarked = 0;
    bool shared = false;
    for (const Extent& extent : chain.extents) {
        const std::uint64_t first = (extent.offset - volume.data_offset) / volume.cluster_size;
        for (std::uint64_t i = first; i < first + extent.size / volume.cluster_size && i < marks_.size(); ++i) {
            shared = shared || marks_[i];
            unmarked += shared ? 0 : volume.cluster_size;
            marks_[i] = true;
        }
    }
    return shared ? unmarked : UINT64_MAX;
}

Result<void> write_fat_chain(Bytes bytes, const FatChain& chain, std::uint64_t size, Sink& sink, std::string& damage) {
    std::uint64_t done = 0;
    for (const Extent& extent : chain.extents) {
        const std::uint64_t step = std::min(extent.size, size - done);
        if (!TRY(write_extent(bytes, {extent.offset, step}, done, size, sink, damage)))
            return {};
        done += step;
    }
    if (done < size)
        add_damage(damage, fmt::format("ends after {} of {} bytes: {}", done, size, chain.damage.empty() ? "its chain of clusters is too short" : chain.damage));
    return {};
}

std::optional<FoundContainer> identify_fat(Bytes bytes) {
    const auto volume = FatVolume::of(bytes);
    if (!volume)
        return std::nullopt;
    std::string text = fmt::format("FAT{}, {} clusters of {} bytes", volume->bits, with_commas(volume->clusters), with_commas(volume->cluster_size));
    if (!volume->label.empty())
        text += fmt::format(", label \"{}\"", volume->label);
    if (volume->from_backup)
        text += ", boot sector damaged: its copy was taken";
    if (volume->size > bytes.size())
        text += ", " + cut_off(bytes.size(), volume->size);
    bool checked = false;
    for (std::uint64_t table = 0; table < volume->tables; ++table)
        checked = checked || volume->table_begins_well(bytes, table);
    return FoundContainer{.size = std::min<std::uint64_t>(volume->size, bytes.size()), .description = std::move(text), .checked = checked};
}

}  // namespace shirushi::unpack
