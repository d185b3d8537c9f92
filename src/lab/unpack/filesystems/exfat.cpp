#include "unpack/filesystems/exfat.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/dos_time.hpp"
#include "unpack/filesystems/fat_volume.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t record_size = 32;
constexpr std::uint64_t longest_directory = std::uint64_t{256} << 20;  // the specification's bound
constexpr std::uint64_t boot_sectors = 11;    // what the boot region's checksum covers; itself follows
constexpr std::uint64_t backup_sector = 12;
constexpr std::size_t units_per_record = 15;  // of a name
constexpr std::uint8_t in_use = 0x80;
constexpr std::uint8_t type_label = 0x83;
constexpr std::uint8_t type_file = 0x85;
constexpr std::uint8_t type_stream = 0xc0;
constexpr std::uint8_t type_name = 0xc1;
constexpr std::uint16_t read_only = 0x01;
constexpr std::uint16_t directory_bit = 0x10;
constexpr std::uint64_t contiguous = 1;  // in ListedEntry::detail, below the valid length

struct Boot {
    FatVolume volume;
    bool checked = false;
};

std::uint32_t boot_checksum(Bytes sectors) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < sectors.size(); ++i)
        if (i != 106 && i != 107 && i != 112)  // flags and fill level, which change in use
            sum = (sum >> 1 | sum << 31) + sectors[i];
    return sum;
}

std::optional<Boot> boot_at(Bytes bytes, std::uint64_t offset) {
    const auto raw = slice(bytes, offset, 512);
    if (!raw || as_text(raw->subspan(3, 8)) != "EXFAT   " || (*raw)[510] != 0x55 || (*raw)[511] != 0xaa)
        return std::nullopt;
    const std::uint8_t* at = raw->data();
    const unsigned sector_shift = at[108];
    const unsigned cluster_shift = at[109];
    const bool legacy_is_zero = std::ranges::all_of(raw->subspan(11, 53), [](std::uint8_t byte) { return byte == 0; });
    if (!legacy_is_zero || sector_shift < 9 || sector_shift > 12 || cluster_shift > 25 - sector_shift || at[110] == 0 || at[110] > 2)
        return std::nullopt;
    Boot boot;
    FatVolume& volume = boot.volume;
    volume.bits = 32;
    volume.sector_size = std::uint64_t{1} << sector_shift;
    volume.cluster_size = volume.sector_size << cluster_shift;
    const auto sectors = load_le<std::uint64_t>(at + 72);
    if (sectors == 0 || sectors > UINT64_MAX >> 16U)
        return std::nullopt;
    volume.size = sectors * volume.sector_size;
    volume.table_offset = load_le<std::uint32_t>(at + 80) * volume.sector_size;
    volume.table_size = load_le<std::uint32_t>(at + 84) * volume.sector_size;
    volume.data_offset = load_le<std::uint32_t>(at + 88) * volume.sector_size;
    volume.clusters = load_le<std::uint32_t>(at + 92);
    volume.root_cluster = load_le<std::uint32_t>(at + 96);
    volume.tables = at[110];
    volume.active_table = volume.tables == 2 ? at[106] & 1U : 0;
    volume.from_backup = offset != 0;
    const bool places_fit = volume.table_offset >= 24 * volume.sector_size && volume.clusters <= 0x0ffffff5 &&
                            (std::uint64_t{volume.clusters} + 2) * 4 <= volume.table_size && volume.table_offset + volume.tables * volume.table_size <= volume.data_offset &&
                            volume.data_offset + volume.clusters * volume.cluster_size <= volume.size && volume.is_data(volume.root_cluster);
    if (!places_fit)
        return std::nullopt;
    const auto region = slice(bytes, offset, (boot_sectors + 1) * volume.sector_size);
    if (region) {
        const std::uint64_t covered = boot_sectors * volume.sector_size;
        boot.checked = boot_checksum(region->first(covered)) == load_le<std::uint32_t>(region->data() + covered);
    }
    return boot;
}

std::optional<Boot> boot_of(Bytes bytes) {
    auto boot = boot_at(bytes, 0);
    if (boot && boot->checked)
        return boot;
    for (const std::uint64_t sector : {512, 4096})
        if (auto backup = boot_at(bytes, backup_sector * sector); backup && backup->checked && backup->volume.sector_size == sector)
            return backup;
    return boot;
}

std::int64_t seconds_of(std::uint32_t stamp, std::uint8_t hundredths, std::uint8_t zone) {
    std::int64_t seconds = seconds_of_dos_time(static_cast<std::uint16_t>(stamp >> 16), static_cast<std::uint16_t>(stamp));
    if (seconds == 0)
        return 0;
    seconds += hundredths >= 100 ? 1 : 0;
    if ((zone & 0x80) == 0)
        return seconds;
    const int quarters = (zone & 0x40) != 0 ? (zone & 0x3f) - 64 : zone & 0x3f;
    return seconds - quarters * 15 * 60;
}

/// A file record with those that belong to it.
struct RecordSet {
    std::string name;
    EntryInfo info;
    std::uint32_t cluster = 0;
    std::uint64_t size = 0;
    std::uint64_t valid_size = 0;
    bool is_contiguous = false;
    std::string damage;
};

std::uint16_t set_checksum(Bytes records) {
    std::uint16_t sum = 0;
    for (std::size_t i = 0; i < records.size(); ++i)
        if (i != 2 && i != 3)
            sum = static_cast<std::uint16_t>(static_cast<std::uint16_t>(sum >> 1 | sum << 15) + records[i]);
    return sum;
}

/// `records` holds the file record and as many secondary ones as it names, or as many as there are.
std::optional<RecordSet> record_set(Bytes records) {
    const std::uint8_t* file = records.data();
    RecordSet set;
    const auto attributes = load_le<std::uint16_t>(file + 4);
    const bool is_directory = (attributes & directory_bit) != 0;
    set.info = {.kind = is_directory ? FileKind::directory : FileKind::regular, .mode = (attributes & read_only) != 0 && !is_directory ? 0555U : 0755U,
                .modified = seconds_of(load_le<std::uint32_t>(file + 12), file[21], file[23])};
    const bool whole = records.size() == (std::size_t{1} + file[1]) * record_size;
    if (!whole || set_checksum(records) != load_le<std::uint16_t>(file + 2))
        set.damage = whole ? "its records do not fit their checksum" : "its set of records is cut off";
    std::size_t name_units = 0;
    Buffer units;
    bool has_stream = false;
    for (std::size_t at = record_size; at + record_size <= records.size(); at += record_size) {
        const std::uint8_t* record = file + at;
        if (record[0] == type_stream && !has_stream) {
            has_stream = true;
            set.is_contiguous = (record[1] & 2U) != 0;
            name_units = record[3];
            set.valid_size = load_le<std::uint64_t>(record + 8);
            set.cluster = load_le<std::uint32_t>(record + 20);
            set.size = load_le<std::uint64_t>(record + 24);
        } else if (record[0] == type_name) {
            units.insert(units.end(), record + 2, record + 2 + 2 * units_per_record);
        }
    }
    if (!has_stream)
        return std::nullopt;
    set.name = utf8_until_nul(clipped(units, 0, 2 * name_units), Endian::little);
    return set;
}

class ExfatReader : public WalkedFileSystem {
public:
    ExfatReader(Bytes bytes, FatVolume volume) : bytes_(bytes), volume_(std::move(volume)), read_(volume_, bytes), listed_(volume_, bytes) {
        if (!volume_.table_begins_well(bytes_, volume_.active_table))
            damage_ = "the allocation table does not begin as it must";
    }
    void list(const ListedEntry& directory, Listing& listing) override;
    Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) override;
    [[nodiscard]] const std::string& label() const { return label_; }
    [[nodiscard]] const std::string& damage() const { return damage_; }

private:
    [[nodiscard]] FatChain chain(const ListedEntry& entry, std::uint64_t most) const;
    void records(Bytes all, bool in_root, Listing& listing);

    Bytes bytes_;
    FatVolume volume_;
    ClusterMarks read_;
    ClusterMarks listed_;
    std::string label_;
    std::string damage_;
};

FatChain ExfatReader::chain(const ListedEntry& entry, std::uint64_t most) const {
    const auto first = static_cast<std::uint32_t>(entry.place);
    if ((entry.detail & contiguous) != 0)
        return fat_run(volume_, first, most);
    return follow_fat_chain(bytes_, volume_, volume_.active_table, first, most);
}

void ExfatReader::records(Bytes all, bool in_root, Listing& listing) {
    std::size_t lost = 0;
    for (std::uint64_t at = 0; at + record_size <= all.size();) {
        const std::uint8_t* record = all.data() + at;
        if (record[0] == 0)
            break;
        std::uint64_t taken = record_size;
        if (record[0] == type_label && in_root) {
            label_ = utf8_of_utf16(Bytes(record + 2, 2 * std::min<std::size_t>(record[1], 11)), Endian::little);
        } else if (record[0] == type_file) {
            // As many secondary records as there are, in use, of those it names: a damaged count must not swallow what follows.
            while (taken < (std::uint64_t{1} + record[1]) * record_size && at + taken + record_size <= all.size() && (record[taken] & 0xc0U) == 0xc0U)
                taken += record_size;
            const auto set = record_set(all.subspan(at, taken));
            if (!set) {
                ++lost;
            } else if (!listing.add({.name = set->name, .info = set->info, .place = set->cluster, .size = set->size,
                                     .detail = std::min(set->valid_size, set->size) << 1U | (set->is_contiguous ? contiguous : 0), .damage = set->damage})) {
                return;
            }
        } else if ((record[0] & in_use) != 0 && (record[0] & 0x40U) != 0) {
            ++lost;  // a secondary record without its file record
        }
        at += taken;
    }
    if (lost != 0)
        add_damage(listing.damage, fmt::format("{} record{} belong to no file; what they named is left out", lost, lost == 1 ? "" : "s"));
}

void ExfatReader::list(const ListedEntry& directory, Listing& listing) {
    const bool is_root = directory.size == UINT64_MAX;
    const FatChain chain = this->chain(directory, std::min(directory.size, longest_directory));
    const std::uint64_t left = listed_.mark(volume_, chain);  // no cluster is listed twice, so that the walk ends
    if (left != UINT64_MAX)
        add_damage(listing.damage, "it shares clusters with another directory; the rest is left out");
    Buffer all;  // a set of records may lie across two clusters
    for (const Extent& extent : chain.extents) {
        const Bytes there = clipped(bytes_, extent.offset, std::min({extent.size, left - all.size(), directory.size - all.size()}));
        all.insert(all.end(), there.begin(), there.end());
        if (all.size() >= left || all.size() >= directory.size)
            break;
        if (there.size() < extent.size) {
            add_damage(listing.damage, "its listing is cut off");
            break;
        }
    }
    if (!chain.damage.empty())
        add_damage(listing.damage, chain.damage);
    records(all, is_root, listing);
}

Result<void> ExfatReader::content(const ListedEntry& file, Sink& sink, std::string& damage) {
    const std::uint64_t valid = file.detail >> 1U;
    if (file.size == 0)
        return {};
    const FatChain chain = this->chain(file, valid == 0 ? 0 : file.size);
    if (read_.mark(volume_, chain) != UINT64_MAX)
        add_damage(damage, "it shares clusters with another entry");
    TRY(write_fat_chain(bytes_, chain, valid, sink, damage));
    if (!damage.empty() || valid == file.size)
        return {};
    if (file.size > volume_.size) {
        add_damage(damage, fmt::format("ends after {} of {} bytes: the volume could not hold more", valid, file.size));
        return {};
    }
    return write_zeros(file.size - valid, sink);
}

}  // namespace

std::optional<FoundContainer> identify_exfat(Bytes bytes) {
    const auto boot = boot_of(bytes);
    if (!boot)
        return std::nullopt;
    const FatVolume& volume = boot->volume;
    std::string text = fmt::format("exFAT, {} clusters of {} bytes", with_commas(volume.clusters), with_commas(volume.cluster_size));
    if (volume.from_backup)
        text += ", boot region damaged: its copy was taken";
    else if (!boot->checked)
        text += ", the boot region does not fit its checksum";
    if (volume.size > bytes.size())
        text += ", " + cut_off(bytes.size(), volume.size);
    return FoundContainer{.size = std::min<std::uint64_t>(volume.size, bytes.size()), .description = std::move(text), .checked = boot->checked};
}

Result<void> read_exfat(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto boot = boot_of(bytes);
    if (!boot)
        return fail(Errc::bad_input, "no exFAT volume starts here");
    const FatVolume& volume = boot->volume;
    ExfatReader reader(clipped(bytes, 0, volume.size), volume);
    const auto walked = walk_directories(reader, {.place = volume.root_cluster, .size = UINT64_MAX}, sink);
    if (!reader.label().empty())
        sink.describe(fmt::format("label \"{}\"", printable(reader.label())));
    TRY(walked);
    if (!reader.damage().empty())
        return fail(Errc::bad_input, reader.damage());
    return {};
}

}  // namespace shirushi::unpack
