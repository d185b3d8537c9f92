#include "unpack/filesystems/ntfs_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "unpack/entry_names.hpp"
#include "unpack/filesystems/ntfs.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::size_t sector = 512;             // the stride of the check numbers, whatever the disk's sectors are
constexpr std::size_t most_attributes = 4096;   // of one record; the smallest takes 24 bytes
constexpr std::uint64_t most_clusters = std::uint64_t{1} << 48;

/// A number of clusters, or, negative, of bytes as a power of two.
std::uint64_t shifted_size(std::uint8_t raw, std::uint64_t cluster_size) {
    if (raw < 0x80)
        return raw * cluster_size;
    const unsigned shift = 256U - raw;
    return shift < 32 ? std::uint64_t{1} << shift : 0;
}

std::uint64_t little(const std::uint8_t* at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= std::uint64_t{at[i]} << 8 * i;
    return value;
}

/// Pairs of a length and a distance from the last place, each as long as the byte before says.
void read_runs(Bytes raw, NtfsAttribute& to) {
    std::uint64_t next = to.first;
    std::int64_t cluster = 0;
    while (!raw.empty() && raw[0] != 0) {
        const std::size_t length_size = raw[0] & 0x0fU;
        const std::size_t offset_size = raw[0] >> 4U;
        if (length_size == 0 || length_size > 8 || offset_size > 8 || raw.size() < 1 + length_size + offset_size) {
            to.damaged = true;
            return;
        }
        const std::uint64_t count = little(raw.data() + 1, length_size);
        NtfsRun run{.first = next, .count = count, .cluster = {}};
        if (offset_size != 0) {
            std::uint64_t distance = little(raw.data() + 1 + length_size, offset_size);
            if (offset_size < 8 && (distance >> (8 * offset_size - 1) & 1U) != 0)
                distance |= ~std::uint64_t{0} << 8 * offset_size;
            cluster = static_cast<std::int64_t>(static_cast<std::uint64_t>(cluster) + distance);
            if (cluster < 0 || static_cast<std::uint64_t>(cluster) >= most_clusters) {
                to.damaged = true;
                return;
            }
            run.cluster = static_cast<std::uint64_t>(cluster);
        }
        if (count == 0 || count >= most_clusters || next >= most_clusters) {
            to.damaged = true;
            return;
        }
        to.runs.push_back(run);
        next += count;
        raw = raw.subspan(1 + length_size + offset_size);
    }
}

std::optional<NtfsAttribute> attribute(Bytes raw) {
    constexpr std::size_t resident_head = 24;
    constexpr std::size_t other_head = 64;
    const std::uint8_t* at = raw.data();
    NtfsAttribute found;
    found.type = static_cast<NtfsType>(load_le<std::uint32_t>(at));
    found.resident = at[8] == 0;
    found.flags = load_le<std::uint16_t>(at + 12);
    if (raw.size() < (found.resident ? resident_head : other_head))
        return std::nullopt;
    const auto name = slice(raw, load_le<std::uint16_t>(at + 10), std::uint64_t{at[9]} * 2);
    if (at[9] != 0 && !name)
        return std::nullopt;
    if (at[9] != 0)
        found.name = utf8_of_utf16(*name, Endian::little);
    if (found.resident) {
        const auto value = slice(raw, load_le<std::uint16_t>(at + 20), load_le<std::uint32_t>(at + 16));
        if (!value)
            return std::nullopt;
        found.value = *value;
        found.size = found.valid_size = value->size();
        return found;
    }
    found.first = load_le<std::uint64_t>(at + 16);
    found.size = load_le<std::uint64_t>(at + 48);
    found.valid_size = std::min(found.size, load_le<std::uint64_t>(at + 56));
    const unsigned unit = at[34];
    found.unit = unit != 0 && unit <= 8 ? std::uint64_t{1} << unit : 0;
    const std::size_t runs = load_le<std::uint16_t>(at + 32);
    if (runs > raw.size() || found.first >= most_clusters || found.size > UINT64_MAX / 4)
        return std::nullopt;
    read_runs(raw.subspan(runs), found);
    return found;
}

}  // namespace

std::optional<NtfsVolume> NtfsVolume::of(Bytes bytes) {
    const auto raw = slice(bytes, 0, sector);
    if (!raw || std::string_view(reinterpret_cast<const char*>(raw->data()) + 3, 8) != "NTFS    ")
        return std::nullopt;
    const std::uint8_t* at = raw->data();
    const std::uint64_t sector_size = load_le<std::uint16_t>(at + 11);
    const std::uint64_t per_cluster = at[13] <= 0x80 ? at[13] : shifted_size(at[13], 0);
    const bool old_fields_are_zero = std::all_of(at + 14, at + 21, [](std::uint8_t byte) { return byte == 0; }) && load_le<std::uint16_t>(at + 22) == 0;
    if (!std::has_single_bit(sector_size) || sector_size < 256 || sector_size > 4096 || !std::has_single_bit(per_cluster) || per_cluster > 8192 || !old_fields_are_zero)
        return std::nullopt;
    NtfsVolume volume;
    volume.cluster_size = sector_size * per_cluster;
    volume.record_size = shifted_size(at[64], volume.cluster_size);
    const auto sectors = load_le<std::uint64_t>(at + 40);
    const auto table = load_le<std::uint64_t>(at + 48);
    const auto mirror = load_le<std::uint64_t>(at + 56);
    if (volume.cluster_size > (std::uint64_t{2} << 20) || !std::has_single_bit(volume.record_size) || volume.record_size < sector || volume.record_size > 65536 ||
        sectors == 0 || sectors >= most_clusters || table == 0 || table > sectors / per_cluster || mirror > sectors / per_cluster)
        return std::nullopt;
    volume.size = (sectors + 1) * sector_size;  // a copy of the boot sector stands behind the last
    volume.table_offset = table * volume.cluster_size;
    volume.mirror_offset = mirror * volume.cluster_size;
    return volume;
}

std::optional<NtfsRecord> NtfsRecord::of(Bytes raw) {
    if (raw.size() < sector || std::string_view(reinterpret_cast<const char*>(raw.data()), 4) != "FILE")
        return std::nullopt;
    NtfsRecord record;
    record.bytes.assign(raw.begin(), raw.end());
    std::uint8_t* at = record.bytes.data();
    const std::size_t numbers_at = load_le<std::uint16_t>(at + 4);
    const std::size_t numbers = load_le<std::uint16_t>(at + 6);
    if (numbers != raw.size() / sector + 1 || numbers_at + 2 * numbers > sector - 2 || numbers_at < 40) {
        record.torn = true;
    } else {
        for (std::size_t i = 1; i < numbers; ++i) {
            std::uint8_t* end = at + i * sector - 2;
            record.torn = record.torn || load_le<std::uint16_t>(end) != load_le<std::uint16_t>(at + numbers_at);
            std::copy_n(at + numbers_at + 2 * i, 2, end);
        }
    }
    const unsigned flags = load_le<std::uint16_t>(at + 22);
    record.in_use = (flags & 1U) != 0;
    record.is_directory = (flags & 2U) != 0;
    record.sequence = load_le<std::uint16_t>(at + 16);
    record.is_extension = load_le<std::uint64_t>(at + 32) != 0;
    record.base = load_le<std::uint64_t>(at + 32) & ntfs_number_mask;
    record.attributes_at = load_le<std::uint16_t>(at + 20);
    return record;
}

std::vector<NtfsAttribute> NtfsRecord::attributes(std::string& damage) const {
    std::vector<NtfsAttribute> found;
    std::size_t at = attributes_at;
    if (torn)
        damage = "its record does not fit its check numbers";
    while (found.size() < most_attributes) {
        const Bytes rest = clipped(bytes, at, bytes.size());
        if (rest.size() >= 4 && load_le<std::uint32_t>(rest.data()) == static_cast<std::uint32_t>(NtfsType::end))
            return found;
        const std::uint64_t length = rest.size() >= 16 ? load_le<std::uint32_t>(rest.data() + 4) : 0;
        std::optional<NtfsAttribute> next;
        if (length >= 16 && length <= rest.size())
            next = attribute(rest.first(length));
        if (!next) {
            damage = "an attribute of its record makes no sense";
            return found;
        }
        found.push_back(std::move(*next));
        at += length;
    }
    return found;
}

std::int64_t ntfs_seconds(std::uint64_t time) {
    constexpr std::int64_t seconds_to_1970 = 11'644'473'600;
    return time == 0 ? 0 : static_cast<std::int64_t>(time / 10'000'000) - seconds_to_1970;
}

std::optional<FoundContainer> identify_ntfs(Bytes bytes) {
    const auto volume = NtfsVolume::of(bytes);
    if (!volume)
        return std::nullopt;
    std::string text = fmt::format("NTFS, clusters of {} bytes", with_commas(volume->cluster_size));
    if (volume->size > bytes.size())
        text += ", " + cut_off(bytes.size(), volume->size);
    const bool table_begins = NtfsRecord::of(clipped(bytes, volume->table_offset, volume->record_size)).has_value();
    return FoundContainer{.size = std::min<std::uint64_t>(volume->size, bytes.size()), .description = std::move(text), .checked = table_begins};
}

}  // namespace shirushi::unpack
