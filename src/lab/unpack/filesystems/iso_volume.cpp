#include "unpack/filesystems/iso_volume.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/iso9660.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t first_descriptor = 16;
constexpr std::uint64_t most_descriptors = 32;  // real volumes have up to five
constexpr std::size_t most_boot_images = 64;
constexpr std::uint64_t catalogue_entry = 32;

/// A number stored in both byte orders, one behind the other.
std::optional<std::uint32_t> both_endian(const std::uint8_t* at) {
    const auto value = load_le<std::uint32_t>(at);
    return value == load_be<std::uint32_t>(at + 4) ? std::optional(value) : std::nullopt;
}

std::int64_t seconds_of(int year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second, std::int8_t zone) {
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    return Date{year, month, day}.days() * 86'400 + hour * 3600 + minute * 60 + second - zone * 15 * 60;
}

unsigned digits(const std::uint8_t* at, std::size_t count) { return to_integer<unsigned>(as_text(Bytes(at, count))).value_or(0); }

bool is_joliet(const std::uint8_t* descriptor) {
    const std::string_view escape = as_text(Bytes(descriptor + 88, 3));
    return escape == "%/@" || escape == "%/C" || escape == "%/E";
}

std::optional<IsoVolume> primary(Bytes descriptor) {
    const std::uint8_t* at = descriptor.data();
    IsoVolume volume;
    const auto blocks = both_endian(at + 80);
    volume.block_size = load_le<std::uint16_t>(at + 128);
    const auto root = IsoRecord::of(descriptor.subspan(156, 34));
    const bool block_fits = volume.block_size == 512 || volume.block_size == 1024 || volume.block_size == 2048;
    if (!blocks || *blocks == 0 || !block_fits || load_be<std::uint16_t>(at + 130) != volume.block_size || !root || !root->is_directory() || !both_endian(at + 156 + 2) ||
        !both_endian(at + 156 + 10))
        return std::nullopt;
    volume.size = *blocks * volume.block_size;
    volume.root = *root;
    volume.label = std::string(trimmed(printable(as_text(descriptor.subspan(40, 32)))));
    if (const std::int64_t made = iso_long_seconds(at + 813); made > 0)
        volume.made = Date::from_days(made / 86'400).text();
    return volume;
}

std::string platform_name(std::uint8_t platform) {
    switch (platform) {
    case 0: return "x86 BIOS";
    case 1: return "PowerPC";
    case 2: return "Mac";
    case 0xef: return "UEFI";
    default: return fmt::format("platform 0x{:02x}", platform);
    }
}

/// An initial or section entry of the catalogue.
std::optional<IsoBootImage> boot_image(const std::uint8_t* at, std::uint8_t platform) {
    constexpr std::uint64_t floppies[] = {1'228'800, 1'474'560, 2'949'120};
    const unsigned media = at[1] & 0x0fU;
    const std::uint64_t sectors = load_le<std::uint16_t>(at + 6);
    if (at[0] != 0x88 && at[0] != 0x00)
        return std::nullopt;
    IsoBootImage image{.offset = load_le<std::uint32_t>(at + 8) * iso_sector, .size = sectors * 512, .description = {}};
    if (image.offset == 0)
        return std::nullopt;
    if (media >= 1 && media <= 3)
        image.size = floppies[media - 1];
    image.description = fmt::format("El Torito boot image, {}, {}, {} sectors are loaded{}", platform_name(platform),
                                    media == 0 ? "no emulation" : media <= 3 ? "as a floppy disk" : "as a hard disk", sectors, at[0] == 0x88 ? "" : ", not bootable");
    return image;
}

}  // namespace

std::int64_t iso_seconds(const std::uint8_t* at) { return seconds_of(1900 + at[0], at[1], at[2], at[3], at[4], at[5], static_cast<std::int8_t>(at[6])); }

std::int64_t iso_long_seconds(const std::uint8_t* at) {
    return seconds_of(static_cast<int>(digits(at, 4)), digits(at + 4, 2), digits(at + 6, 2), digits(at + 8, 2), digits(at + 10, 2), digits(at + 12, 2),
                      static_cast<std::int8_t>(at[16]));
}

std::optional<IsoRecord> IsoRecord::of(Bytes raw) {
    constexpr std::size_t fixed = 33;
    if (raw.size() < fixed + 1 || raw[0] < fixed + 1 || raw[0] > raw.size() || fixed + raw[32] > raw[0])
        return std::nullopt;
    const std::uint8_t* at = raw.data();
    IsoRecord record;
    record.block = std::uint64_t{load_le<std::uint32_t>(at + 2)} + at[1];
    record.size = load_le<std::uint32_t>(at + 10);
    record.modified = iso_seconds(at + 18);
    record.flags = at[25];
    record.is_interleaved = at[26] != 0 || at[27] != 0;
    record.name = raw.subspan(fixed, raw[32]);
    const std::size_t behind = (fixed + raw[32] + 1) / 2 * 2;
    if (behind < raw[0])
        record.system_use = raw.subspan(behind, raw[0] - behind);
    return record;
}

std::optional<IsoVolume> IsoVolume::of(Bytes bytes) {
    std::optional<IsoVolume> volume;
    std::optional<IsoRecord> joliet;
    std::optional<std::uint64_t> catalogue;
    for (std::uint64_t i = 0; i < most_descriptors; ++i) {
        const auto raw = slice(bytes, (first_descriptor + i) * iso_sector, iso_sector);
        if (!raw || as_text(raw->subspan(1, 5)) != "CD001")
            break;
        const std::uint8_t type = raw->front();
        if (type == 255)
            break;
        if (type == 1 && !volume)
            volume = primary(*raw);
        else if (type == 2 && is_joliet(raw->data()) && !joliet)
            joliet = IsoRecord::of(raw->subspan(156, 34));
        else if (type == 0 && as_text(raw->subspan(7, 23)) == "EL TORITO SPECIFICATION")
            catalogue = load_le<std::uint32_t>(raw->data() + 71);
        if (i == 0 && !volume && type == 1)
            return std::nullopt;
    }
    if (volume) {
        volume->joliet_root = joliet;
        volume->boot_catalogue = catalogue;
    }
    return volume;
}

std::vector<IsoBootImage> iso_boot_images(Bytes bytes, std::uint64_t catalogue_sector, std::string& damage) {
    std::vector<IsoBootImage> images;
    const Bytes catalogue = clipped(bytes, catalogue_sector * iso_sector, most_boot_images * catalogue_entry);
    std::uint16_t sum = 0;
    for (std::size_t i = 0; i + 1 < std::min<std::size_t>(catalogue.size(), catalogue_entry); i += 2)
        sum = static_cast<std::uint16_t>(sum + load_le<std::uint16_t>(catalogue.data() + i));
    if (catalogue.size() < 2 * catalogue_entry || catalogue[0] != 1 || sum != 0) {
        damage = catalogue.size() < 2 * catalogue_entry ? "the catalogue of boot images is cut off" : "the catalogue of boot images does not fit its checksum";
        return images;
    }
    std::uint8_t platform = catalogue[1];
    std::size_t left = 1;  // entries of the section
    for (std::size_t at = catalogue_entry; at + catalogue_entry <= catalogue.size(); at += catalogue_entry) {
        const std::uint8_t* entry = catalogue.data() + at;
        if (left == 0 && (entry[0] == 0x90 || entry[0] == 0x91)) {
            platform = entry[1];
            left = load_le<std::uint16_t>(entry + 2);
        } else if (left != 0 && entry[0] != 0x44) {  // which extends the entry before
            --left;
            if (auto image = boot_image(entry, platform))
                images.push_back(std::move(*image));
        } else if (left == 0) {
            break;
        }
    }
    return images;
}

std::optional<FoundContainer> identify_iso9660(Bytes bytes) {
    const auto volume = IsoVolume::of(bytes);
    if (!volume)
        return std::nullopt;
    std::string text = fmt::format("ISO 9660{}{}", volume->joliet_root ? " with Joliet" : "", volume->boot_catalogue ? ", bootable (El Torito)" : "");
    if (!volume->label.empty())
        text += fmt::format(", label \"{}\"", volume->label);
    if (!volume->made.empty())
        text += ", made " + volume->made;
    if (volume->size > bytes.size())
        text += ", " + cut_off(bytes.size(), volume->size);
    return FoundContainer{.size = std::min<std::uint64_t>(volume->size, bytes.size()), .description = std::move(text), .checked = true};
}

}  // namespace shirushi::unpack
