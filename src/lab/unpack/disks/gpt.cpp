// GUID partition tables (UEFI specification 2.10, 5.3).

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/disks/between_parts.hpp"
#include "unpack/disks/partition_tables.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::array<std::uint64_t, 2> sector_sizes{512, 4096};
constexpr std::uint64_t header_size = 92;
constexpr std::uint64_t longest_header = 512;
constexpr std::uint64_t most_entry_bytes = std::uint64_t{256} << 10;  // the specification asks for 16 KiB; tools make up to 128
constexpr std::uint64_t name_offset = 56;
constexpr std::uint64_t name_size = 72;
constexpr std::uint64_t table_of_mbr = 446;
constexpr std::uint8_t protective = 0xee;
constexpr std::size_t most_described = 16;  // partitions named in the one line for people

struct Header {
    std::uint64_t sector = 512;
    std::uint64_t own = 0;        ///< in sectors
    std::uint64_t alternate = 0;
    std::uint64_t entries = 0;    ///< in sectors
    std::uint64_t count = 0;
    std::uint64_t entry_size = 128;
    bool entries_fit = false;     ///< their checksum holds
};

struct Gpt {
    Header header;  ///< the one that is believed
    std::string damage;
    std::uint64_t sectors = 0;  ///< of the whole disk
    std::vector<Taken> tables;
};

std::uint32_t checksum(Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

/// A header with a checksum that holds, at the sector where it says it is.
std::optional<Header> header_at(Bytes bytes, std::uint64_t sector, std::uint64_t number) {
    if (number > bytes.size() / sector)
        return std::nullopt;
    const Bytes raw = clipped(bytes, number * sector, longest_header);
    if (raw.size() < longest_header || as_text(raw.first(8)) != "EFI PART")
        return std::nullopt;
    const std::uint8_t* at = raw.data();
    const std::uint64_t size = load_le<std::uint32_t>(at + 12);
    if (size < header_size || size > longest_header)
        return std::nullopt;
    std::array<std::uint8_t, longest_header> copy{};
    std::ranges::copy(raw, copy.begin());
    std::ranges::fill(std::span(copy).subspan(16, 4), std::uint8_t{0});  // the checksum is made with itself as zero
    if (checksum(Bytes(copy).first(size)) != load_le<std::uint32_t>(at + 16))
        return std::nullopt;
    Header header{.sector = sector, .own = load_le<std::uint64_t>(at + 24), .alternate = load_le<std::uint64_t>(at + 32), .entries = load_le<std::uint64_t>(at + 72),
                  .count = load_le<std::uint32_t>(at + 80), .entry_size = load_le<std::uint32_t>(at + 84)};
    if (header.own != number || header.entry_size < 128 || header.entry_size > 4096 || header.count > most_entry_bytes / header.entry_size)
        return std::nullopt;
    const std::uint64_t most = UINT64_MAX / sector / 4;  // sums of positions do not overflow
    if (header.alternate > most || header.entries > most)
        return std::nullopt;
    const Bytes entries = clipped(bytes, header.entries * sector, header.count * header.entry_size);
    header.entries_fit = entries.size() == header.count * header.entry_size && checksum(entries) == load_le<std::uint32_t>(at + 88);
    return header;
}

/// The disk's last sector, as the protective entry of the master boot record has it.
std::optional<std::uint64_t> last_by_mbr(Bytes bytes) {
    if (bytes.size() < 512 || bytes[510] != 0x55 || bytes[511] != 0xaa)
        return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint8_t* at = bytes.data() + table_of_mbr + 16 * i;
        if (at[4] == protective && load_le<std::uint32_t>(at + 8) == 1)
            return load_le<std::uint32_t>(at + 12);
    }
    return std::nullopt;
}

void note_tables(const Header& header, std::vector<Taken>& tables) {
    tables.push_back({header.own * header.sector, header.sector});
    tables.push_back({header.entries * header.sector, header.count * header.entry_size});
}

std::optional<Header> backup_of(Bytes bytes, std::uint64_t sector, std::optional<std::uint64_t> alternate) {
    const auto by_mbr = last_by_mbr(bytes);
    for (const auto place : {alternate, by_mbr, std::optional(bytes.size() / sector - 1)})
        if (place && *place > 1)
            if (auto header = header_at(bytes, sector, *place))
                return header;
    return std::nullopt;
}

std::optional<Gpt> read_gpt(Bytes bytes, std::uint64_t sector) {
    if (bytes.size() < 2 * sector)
        return std::nullopt;
    const auto primary = header_at(bytes, sector, 1);
    if (!primary && !last_by_mbr(bytes))
        return std::nullopt;
    Gpt gpt;
    if (primary) {
        gpt.header = *primary;
        gpt.sectors = std::max(primary->alternate, primary->own) + 1;
        note_tables(*primary, gpt.tables);
    }
    const auto backup = backup_of(bytes, sector, primary ? std::optional(primary->alternate) : std::nullopt);
    if (!primary && !backup)
        return std::nullopt;
    if (backup) {
        note_tables(*backup, gpt.tables);
        gpt.sectors = std::max(gpt.sectors, backup->own + 1);
    }
    if (primary && primary->entries_fit) {
        if (!backup || !backup->entries_fit)
            gpt.damage = backup ? "the backup's entries do not fit their checksum" : "the backup at the disk's end is not there";
    } else if (backup && (backup->entries_fit || !primary)) {
        gpt.header = *backup;
        gpt.damage = primary ? "the entries do not fit their checksum; the backup's were taken" : "the header is damaged; the backup was taken";
        if (!backup->entries_fit)
            gpt.damage += ", whose entries do not fit their checksum";
    } else {
        gpt.damage = "the entries do not fit their checksum";
    }
    return gpt;
}

std::optional<Gpt> read_gpt(Bytes bytes) {
    for (const std::uint64_t sector : sector_sizes)
        if (auto gpt = read_gpt(bytes, sector))
            return gpt;
    return std::nullopt;
}

/// A GUID as it is written: the first three groups are little endian.
std::string guid_text(const std::uint8_t* at) {
    return fmt::format("{:08X}-{:04X}-{:04X}-{:02X}{:02X}-{:02X}{:02X}{:02X}{:02X}{:02X}{:02X}", load_le<std::uint32_t>(at), load_le<std::uint16_t>(at + 4),
                       load_le<std::uint16_t>(at + 6), at[8], at[9], at[10], at[11], at[12], at[13], at[14], at[15]);
}

struct Named {
    std::string_view guid;
    const char* name;
};
constexpr std::array type_names{
    Named{"C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "EFI system"}, Named{"21686148-6449-6E6F-744E-656564454649", "BIOS boot"},
    Named{"0FC63DAF-8483-4772-8E79-3D69D8477DE4", "Linux"}, Named{"0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", "Linux swap"},
    Named{"E6D6D379-F507-44C2-A23C-238F2A3DF928", "Linux LVM"}, Named{"69DAD710-2CE4-4E3C-B16C-21A1D49ABED3", "Linux root, arm"},
    Named{"B921B045-1DF0-41C3-AF44-4C6F280D3FAE", "Linux root, arm64"}, Named{"4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "Linux root, x86-64"},
    Named{"EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "basic data"}, Named{"E3C9E316-0B5C-4DB8-817D-F92DF00215AE", "Microsoft reserved"},
    Named{"FE3A2A5D-4F32-41A7-B725-ACCC3285A309", "ChromeOS kernel"}, Named{"3DE21764-95BD-54BD-A5C3-4ABE786F38A8", "U-Boot environment"}};

struct Partition {
    Part part;
    std::string type;
};

std::vector<Partition> partitions(Bytes bytes, const Header& header, std::string& damage) {
    std::vector<Partition> found;
    const std::uint64_t most = UINT64_MAX / header.sector / 4;
    std::size_t senseless = 0;
    for (std::uint64_t i = 0; i < header.count; ++i) {
        const auto raw = slice(bytes, header.entries * header.sector + i * header.entry_size, 128);
        if (!raw) {
            damage += fmt::format("{}the table of entries is cut off after {} of {}", damage.empty() ? "" : "; ", i, header.count);
            break;
        }
        if (std::ranges::all_of(raw->first(16), [](std::uint8_t byte) { return byte == 0; }))
            continue;
        const auto first = load_le<std::uint64_t>(raw->data() + 32);
        const auto last = load_le<std::uint64_t>(raw->data() + 40);
        if (last < first || last > most) {
            ++senseless;
            continue;
        }
        std::string name = utf8_until_nul(raw->subspan(name_offset, name_size), Endian::little);
        if (name.empty())
            name = fmt::format("partition{}", i + 1);
        const std::string guid = guid_text(raw->data());
        const auto* const type = std::ranges::find(type_names, std::string_view(guid), &Named::guid);
        found.push_back({{.name = std::move(name), .offset = first * header.sector, .size = (last - first + 1) * header.sector},
                         type == type_names.end() ? "type " + guid : std::string(type->name)});
    }
    if (senseless != 0)
        damage += fmt::format("{}{} entries end before they begin", damage.empty() ? "" : "; ", senseless);
    return found;
}

}  // namespace

std::optional<FoundContainer> identify_gpt(Bytes bytes) {
    const auto gpt = read_gpt(bytes);
    if (!gpt)
        return std::nullopt;
    std::string damage;
    const auto found = partitions(bytes, gpt->header, damage);
    std::string description = fmt::format("GPT, sectors of {} bytes, {} partition{}", gpt->header.sector, found.size(), found.size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < std::min(found.size(), most_described); ++i)
        description += fmt::format("{}{} ({})", i == 0 ? ": " : ", ", excerpt(found[i].part.name, 40), found[i].type);
    const std::uint64_t size = gpt->sectors * gpt->header.sector;
    if (size > bytes.size())
        description += ", " + cut_off(bytes.size(), size);
    return FoundContainer{.size = std::min<std::uint64_t>(size, bytes.size()), .description = std::move(description), .checked = true};
}

Result<Parts> split_gpt(Bytes bytes) {
    auto gpt = read_gpt(bytes);
    if (!gpt)
        return fail(Errc::internal, "not a GPT after all");
    Parts result{.parts = {}, .damage = gpt->damage};
    std::vector<Taken> taken = std::move(gpt->tables);
    taken.push_back({440, 72});  // the protective master boot record, without its code
    for (Partition& partition : partitions(bytes, gpt->header, result.damage)) {
        taken.push_back({partition.part.offset, partition.part.size});
        result.parts.push_back(std::move(partition.part));
    }
    leave_out_overlapping(bytes, result);
    add_unpartitioned(bytes, std::move(taken), result.parts);
    return result;
}

}  // namespace shirushi::unpack
