#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/android/android_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kGeometryAt = 4096;
constexpr std::uint64_t kGeometry = 4096;           // each of the two copies
constexpr std::uint64_t kMetadataAt = kGeometryAt + 2 * kGeometry;
constexpr std::uint64_t kSmallestHeader = 128;
constexpr std::uint64_t kLargestTables = 16U << 20;  // lpmake's default for all is 64 KiB
constexpr std::uint64_t kMostPartitions = 4096;
constexpr std::uint64_t kMostExtents = 65536;
constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kPartitionSize = 52;
constexpr std::uint64_t kExtentSize = 24;

struct Extent {
    std::uint64_t sectors = 0;
    std::uint32_t type = 0;    // 0 linear, 1 zeros
    std::uint64_t sector = 0;  // where it begins
    std::uint32_t device = 0;
};

struct Partition {
    std::string_view name;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

struct Super {
    std::uint32_t slots = 0;
    std::vector<Partition> partitions;
    std::vector<Extent> extents;
    std::uint64_t end = 0;  // behind what the extents reach, not clipped
};

/// A digest that was made with itself as zeros.
bool digest_fits(Bytes bytes, std::size_t at) {
    Buffer copy(bytes.begin(), bytes.end());
    std::ranges::fill(std::span(copy).subspan(at, 32), std::uint8_t{0});
    return std::ranges::equal(crypto::sha256(copy).bytes, bytes.subspan(at, 32));
}

struct TableOf {
    Bytes content;
    std::uint64_t count = 0;
    std::uint64_t entry = 0;
};

/// The table that the descriptor at `at` of the header names; nothing when it does not lie in the tables.
std::optional<TableOf> table_at(Bytes header, std::size_t at, Bytes tables, std::uint64_t smallest, std::uint64_t most) {
    const std::uint64_t offset = load_le<std::uint32_t>(header.data() + at);
    TableOf table{.count = load_le<std::uint32_t>(header.data() + at + 4), .entry = load_le<std::uint32_t>(header.data() + at + 8)};
    if (table.entry < smallest || table.entry > 4096 || table.count > most)
        return std::nullopt;
    table.content = clipped(tables, offset, table.count * table.entry);
    return table.content.size() == table.count * table.entry ? std::optional(table) : std::nullopt;
}

void read_tables(const TableOf& partitions, const TableOf& extents, Super& super) {
    for (std::uint64_t i = 0; i < extents.count; ++i) {
        const std::uint8_t* at = extents.content.data() + i * extents.entry;
        const Extent extent{.sectors = load_le<std::uint64_t>(at), .type = load_le<std::uint32_t>(at + 8), .sector = load_le<std::uint64_t>(at + 12), .device = load_le<std::uint32_t>(at + 20)};
        super.extents.push_back(extent);
        constexpr std::uint64_t kMostSectors = std::uint64_t{1} << 40;
        if (extent.type == 0 && extent.device == 0 && extent.sector < kMostSectors && extent.sectors < kMostSectors)
            super.end = std::max(super.end, (extent.sector + extent.sectors) * kSector);
    }
    for (std::uint64_t i = 0; i < partitions.count; ++i) {
        const Bytes entry = partitions.content.subspan(i * partitions.entry, kPartitionSize);
        const std::string_view name = as_text(entry.first(36));
        super.partitions.push_back({name.substr(0, name.find('\0')), load_le<std::uint32_t>(entry.data() + 40), load_le<std::uint32_t>(entry.data() + 44)});
    }
}

/// One copy of the metadata.
std::optional<Super> metadata_at(Bytes bytes, std::uint64_t offset, std::uint32_t slots) {
    const Bytes start = clipped(bytes, offset, kSmallestHeader);
    if (start.size() < kSmallestHeader || load_le<std::uint32_t>(start.data()) != 0x414c5030 || load_le<std::uint16_t>(start.data() + 4) != 10)
        return std::nullopt;
    const std::uint64_t header_size = load_le<std::uint32_t>(start.data() + 8);
    const std::uint64_t tables_size = load_le<std::uint32_t>(start.data() + 44);
    const Bytes header = clipped(bytes, offset, header_size);
    const Bytes tables = clipped(bytes, offset + header_size, tables_size);
    if (header_size < kSmallestHeader || header_size > 4096 || header.size() < header_size || tables_size > kLargestTables || tables.size() < tables_size)
        return std::nullopt;
    if (!digest_fits(header, 12) || !std::ranges::equal(crypto::sha256(tables).bytes, header.subspan(48, 32)))
        return std::nullopt;
    const auto partitions = table_at(header, 80, tables, kPartitionSize, kMostPartitions);
    const auto extents = table_at(header, 92, tables, kExtentSize, kMostExtents);
    if (!partitions || !extents)
        return std::nullopt;
    Super super{.slots = slots};
    super.end = offset + header_size + tables_size;
    read_tables(*partitions, *extents, super);
    return super;
}

std::optional<Super> super_of(Bytes bytes) {
    for (const std::uint64_t at : {kGeometryAt, kGeometryAt + kGeometry}) {
        const Bytes geometry = clipped(bytes, at, 52);
        if (geometry.size() < 52 || load_le<std::uint32_t>(geometry.data()) != 0x616c4467 || load_le<std::uint32_t>(geometry.data() + 4) != 52 || !digest_fits(geometry, 8))
            continue;
        const std::uint64_t room = load_le<std::uint32_t>(geometry.data() + 40);
        const auto slots = load_le<std::uint32_t>(geometry.data() + 44);
        // The copies of the first slot: the second lies behind those of all slots.
        for (const std::uint64_t copy : {kMetadataAt, kMetadataAt + room * std::min<std::uint32_t>(slots, 16)})
            if (auto super = metadata_at(bytes, copy, slots))
                return super;
    }
    return std::nullopt;
}

Result<void> read_extent(Bytes bytes, const Extent& extent, std::string& damage, Sink& sink) {
    if (extent.type > 1 || (extent.type == 0 && extent.device != 0)) {
        damage = "a part lies on another device";
        return {};
    }
    const std::uint64_t size = extent.sectors > UINT64_MAX / kSector ? UINT64_MAX : extent.sectors * kSector;
    if (extent.type == 1) {
        for (std::uint64_t left = size; left != 0; left -= std::min(left, kStreamChunk)) {
            const std::span<std::uint8_t> room = TRY(sink.reserve(std::min(left, kStreamChunk)));
            std::ranges::fill(room, std::uint8_t{0});
            sink.commit(std::min(left, kStreamChunk));
        }
        return {};
    }
    const Bytes content = extent.sector > UINT64_MAX / kSector ? Bytes() : clipped(bytes, extent.sector * kSector, size);
    TRY(sink.write(content));
    if (content.size() < size)
        damage = fmt::format("cut off: {} bytes are not there", size - content.size());
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_android_super(Bytes bytes) {
    const auto super = super_of(bytes);
    if (!super)
        return std::nullopt;
    std::string names;
    for (const Partition& partition : super->partitions)
        names += fmt::format("{} {}", names.empty() ? ":" : ",", printable(partition.name));
    FoundContainer found{.size = std::min<std::uint64_t>(super->end, bytes.size()), .description = fmt::format("{} logical partitions{}", super->partitions.size(), excerpt(names, 400)), .checked = true};
    if (super->end > bytes.size())
        found.description += ", " + cut_off(bytes.size(), super->end);
    return found;
}

Result<void> read_android_super(Bytes bytes, Share share, Sink& sink) {
    const auto super = super_of(bytes);
    if (!super)
        return fail(Errc::bad_input, "not a super partition after all");
    // Extents of no more than the bytes there are, taken together: they cannot lie on each other.
    std::uint64_t budget = super->extents.size() + super->partitions.size();
    for (std::size_t i = 0; i < super->partitions.size(); ++i) {
        const Partition& partition = super->partitions[i];
        if (i % share.count != share.index)
            continue;
        TRY(sink.begin_stream(partition.name.empty() ? "partition" : partition.name, fmt::format("logical partition, {} extents", partition.count)));
        std::string damage;
        for (std::uint64_t e = partition.first; e < std::uint64_t{partition.first} + partition.count; ++e) {
            if (e >= super->extents.size() || budget == 0) {
                damage = "its extents are not in the table";
                break;
            }
            --budget;
            TRY(read_extent(bytes, super->extents[e], damage, sink));
        }
        TRY(sink.end(damage));
    }
    return {};
}

}  // namespace shirushi::unpack
