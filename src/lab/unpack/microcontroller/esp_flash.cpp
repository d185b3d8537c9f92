#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/measure.hpp"
#include "unpack/microcontroller/esp_image.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kRow = 32;
constexpr std::uint64_t kTable = 0xc00;
constexpr std::uint64_t kSector = 4096;
constexpr std::array<std::uint64_t, 6> kTablePlaces{0x8000, 0x9000, 0xa000, 0xc000, 0xd000, 0x10000};
constexpr std::array<std::uint64_t, 3> kBootLoaderPlaces{0x1000, 0, 0x2000};
constexpr std::uint64_t kEntropySample = 65536;
constexpr double kLooksRandom = 7.5;  // compiled code stays below 7; what is compressed cannot be booted
constexpr std::size_t kMostNamed = 16;  // partitions in a description

std::optional<EspPartition> partition_at(Bytes row) {
    const std::string_view label = as_text(row.subspan(12, 16)).substr(0, as_text(row.subspan(12, 16)).find('\0'));
    EspPartition partition{.type = row[2], .subtype = row[3], .offset = load_le<std::uint32_t>(row.data() + 4), .size = load_le<std::uint32_t>(row.data() + 8),
                           .label = printable(label), .encrypted = (row[28] & 1U) != 0};
    const bool plain = std::ranges::all_of(label, [](char letter) { return letter >= 0x20 && letter < 0x7f; });
    if (!plain || partition.size == 0 || partition.offset % 0x1000 != 0 || std::uint64_t{partition.offset} + partition.size > std::uint64_t{1} << 32U)
        return std::nullopt;
    return partition;
}

bool all_are(Bytes bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == value; });
}

/// A whole flash: what its table says, and what lies where.
struct Flash {
    EspTable table;
    std::uint64_t table_at = 0;
    std::optional<EspImage> boot_loader;
    std::uint64_t boot_loader_at = 0;
    std::uint64_t size = 0;  // clipped to the bytes
};

std::optional<Flash> flash_of(Bytes bytes) {
    Flash flash;
    for (const std::uint64_t place : kBootLoaderPlaces)
        if (auto image = esp_header_of(clipped(bytes, place, 64)); image && image->boot_loader_offset == place && !flash.boot_loader) {
            flash.boot_loader = std::move(image);
            flash.boot_loader_at = place;
        }
    for (const std::uint64_t place : kTablePlaces) {
        auto table = esp_table_of(clipped(bytes, place, kTable));
        if (!table)
            continue;
        std::uint64_t lowest = UINT64_MAX;
        std::uint64_t end = place + table->size;
        for (const EspPartition& partition : table->partitions) {
            lowest = std::min<std::uint64_t>(lowest, partition.offset);
            end = std::max(end, std::uint64_t{partition.offset} + partition.size);
        }
        // Without a boot loader that can be read, only the usual place, and a table whose sum fits, tell where the flash begins.
        const bool fits = flash.boot_loader ? lowest > flash.boot_loader_at : place == kTablePlaces[0] && table->sum_fits && lowest >= place + kSector;
        if (!fits)
            continue;
        flash.table = std::move(*table);
        flash.table_at = place;
        flash.size = std::min<std::uint64_t>(end, bytes.size());
        return flash;
    }
    return std::nullopt;
}

/// Which application the boot loader would start: the entry with the highest number whose checksum fits.
std::string chosen_slot(Bytes bytes, const Flash& flash) {
    std::vector<std::string> slots;
    std::uint32_t best = 0;
    for (const EspPartition& partition : flash.table.partitions) {
        if (partition.is_app() && partition.subtype >= 0x10 && partition.subtype < 0x20)
            slots.push_back(partition.label);
        if (!partition.is_ota_choice())
            continue;
        for (const std::uint64_t sector : {std::uint64_t{0}, kSector}) {
            const Bytes entry = clipped(bytes, partition.offset + sector, kRow);
            if (entry.size() < kRow || load_le<std::uint32_t>(entry.data()) == UINT32_MAX)
                continue;
            if (static_cast<std::uint32_t>(crc32(0xffffffff, entry.data(), 4)) == load_le<std::uint32_t>(entry.data() + 28))
                best = std::max(best, load_le<std::uint32_t>(entry.data()));
        }
    }
    return best == 0 || slots.empty() ? "" : fmt::format(", starts {}", slots[(best - 1) % slots.size()]);
}

/// Where an image should be and none is: the bytes tell whether it is encrypted.
std::string how_encrypted(Bytes content) {
    if (content.size() < kSector || esp_header_of(content) || content[0] == 0xe9 || entropy(clipped(content, 0, kEntropySample)) < kLooksRandom)
        return "";
    return "flash encryption: no image begins here, and the bytes look random";
}

std::string listed(const EspTable& table) {
    std::string text = fmt::format("{} partitions:", table.partitions.size());
    for (std::size_t i = 0; i < std::min(table.partitions.size(), kMostNamed); ++i) {
        const EspPartition& partition = table.partitions[i];
        text += fmt::format("{} {} ({}, 0x{:x}, {} KiB{})", i == 0 ? "" : ",", partition.label, partition.kind(), partition.offset, partition.size / 1024,
                            partition.encrypted ? ", to be encrypted" : "");
    }
    if (table.partitions.size() > kMostNamed)
        text += ", ...";
    return text + (!table.has_sum ? "" : table.sum_fits ? ", MD5 fits" : ", MD5 does not match");
}

/// What lies between the partitions and is not empty.
void add_rest(Bytes bytes, Parts& result) {
    std::ranges::stable_sort(result.parts, {}, &Part::offset);
    const std::vector<Part> known = result.parts;
    std::uint64_t at = 0;
    const auto add = [&](std::uint64_t end) {
        const Bytes between = clipped(bytes, at, end > at ? end - at : 0);
        if (!between.empty() && !all_are(between, 0xff) && !all_are(between, 0))
            result.parts.push_back({.name = fmt::format("outside 0x{:x}", at), .offset = at, .size = between.size(), .encrypted = {}});
    };
    for (const Part& part : known) {
        add(part.offset);
        at = std::max(at, part.offset + part.size);
    }
    add(bytes.size());
}

}  // namespace

std::string EspPartition::kind() const {
    constexpr std::array<const char*, 7> kData{"ota", "phy", "nvs", "coredump", "nvs_keys", "efuse", "undefined"};
    if (type == 0)
        return subtype == 0 ? "factory" : subtype == 0x20 ? "test" : subtype >= 0x10 && subtype < 0x20 ? fmt::format("ota_{}", subtype - 0x10) : fmt::format("app 0x{:02x}", subtype);
    if (type == 1 && subtype < kData.size())
        return kData.at(subtype);
    if (type == 1 && subtype >= 0x80 && subtype <= 0x83)
        return std::array<const char*, 4>{"esphttpd", "fat", "spiffs", "littlefs"}.at(subtype - 0x80U);
    return fmt::format("type 0x{:02x}, subtype 0x{:02x}", type, subtype);
}

std::optional<EspTable> esp_table_of(Bytes bytes) {
    bytes = clipped(bytes, 0, kTable);
    EspTable table;
    std::uint64_t at = 0;
    for (; at + kRow <= bytes.size(); at += kRow) {
        const Bytes row = bytes.subspan(at, kRow);
        if (row[0] == 0xeb && row[1] == 0xeb && all_are(row.subspan(2, 14), 0xff)) {
            table.has_sum = true;
            table.sum_fits = std::ranges::equal(crypto::md5({bytes.first(at)}), row.subspan(16));
            at += kRow;
            break;
        }
        if (row[0] != 0xaa || row[1] != 0x50)
            break;
        auto partition = partition_at(row);
        if (!partition)
            return std::nullopt;
        table.partitions.push_back(std::move(*partition));
    }
    const bool ended = at + kRow > bytes.size() || all_are(clipped(bytes, at, kRow), 0xff) || table.has_sum;
    if (table.partitions.empty() || !ended || (!table.sum_fits && table.partitions.size() < 2))
        return std::nullopt;
    table.size = all_are(bytes.subspan(at), 0xff) ? bytes.size() : at;
    return table;
}

std::optional<FoundContainer> identify_esp_partition_table(Bytes bytes) {
    const auto table = esp_table_of(bytes);
    if (!table)
        return std::nullopt;
    return FoundContainer{.size = table->size, .description = listed(*table), .checked = table->sum_fits};
}

std::optional<FoundContainer> identify_esp_flash(Bytes bytes) {
    const auto flash = flash_of(bytes);
    if (!flash)
        return std::nullopt;
    std::string description = fmt::format("{}, table at 0x{:x}, {}{}", flash->boot_loader ? flash->boot_loader->chip : "no readable boot loader", flash->table_at,
                                          listed(flash->table), chosen_slot(bytes, *flash));
    for (const EspPartition& partition : flash->table.partitions)
        if (partition.offset < flash->size && std::uint64_t{partition.offset} + partition.size > flash->size)
            description += fmt::format(", ends inside {}", partition.label);
        else if (partition.offset >= flash->size)
            description += fmt::format(", ends before {}", partition.label);
    return FoundContainer{.size = flash->size, .description = std::move(description), .checked = flash->table.sum_fits};
}

Result<Parts> split_esp_flash(Bytes bytes) {
    const auto flash = flash_of(bytes);
    if (!flash)
        return fail(Errc::internal, "not an Espressif flash after all");
    Parts result;
    const auto add = [&](std::string name, std::uint64_t offset, std::uint64_t size, bool image) {
        const Bytes content = clipped(bytes, offset, size);
        if (!content.empty())
            result.parts.push_back({.name = std::move(name), .offset = offset, .size = content.size(), .encrypted = image ? how_encrypted(content) : ""});
    };
    if (flash->boot_loader)
        add("bootloader", flash->boot_loader_at, flash->table_at - flash->boot_loader_at, true);
    add("partition-table", flash->table_at, flash->table.size, false);
    for (const EspPartition& partition : flash->table.partitions)
        if (partition.type < 2 || partition.type >= 0x40)  // 2 and 3 name the boot loader and the table themselves
            add(partition.label.empty() ? partition.kind() : partition.label, partition.offset, partition.size, partition.is_app());
    if (flash->table.has_sum && !flash->table.sum_fits)
        result.damage = "the partition table's MD5 does not match";
    add_rest(bytes, result);
    return result;
}

}  // namespace shirushi::unpack
