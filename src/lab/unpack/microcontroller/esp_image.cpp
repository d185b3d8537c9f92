#include "unpack/microcontroller/esp_image.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint8_t kMagic = 0xe9;
constexpr std::uint8_t kSecondMagic = 0xea;  // ESP8266, version 2: code in flash first
constexpr std::uint64_t kShortHeader = 8;    // ESP8266
constexpr std::uint64_t kHeader = 24;
constexpr std::uint64_t kSegmentHeader = 8;
constexpr std::uint64_t kMostImageSegments = 16;
constexpr std::uint32_t kLargestSegment = 64U << 20;
constexpr std::uint64_t kSector = 4096;
constexpr std::uint64_t kDigest = 32;

struct Chip {
    std::uint16_t number;
    const char* name;
    std::uint64_t boot_loader_offset;
};
// ESP-IDF: esp_chip_id_t, and CONFIG_BOOTLOADER_OFFSET_IN_FLASH of each.
constexpr std::array kChips{Chip{0, "ESP32", 0x1000}, Chip{2, "ESP32-S2", 0x1000}, Chip{5, "ESP32-C3", 0},  Chip{9, "ESP32-S3", 0},
                            Chip{12, "ESP32-C2", 0},  Chip{13, "ESP32-C6", 0},     Chip{16, "ESP32-H2", 0}, Chip{18, "ESP32-P4", 0x2000},
                            Chip{20, "ESP32-C61", 0}, Chip{23, "ESP32-C5", 0x2000}, Chip{25, "ESP32-H21", 0}, Chip{28, "ESP32-H4", 0x2000}};

/// Flash mappings and memories of the ESP32 family; padding is loaded to 0.
bool plausible_address(std::uint32_t address) {
    return address == 0 || (address >= 0x3c000000 && address < 0x51000000) || (address >= 0x600fe000 && address < 0x60100000);
}

bool plausible_short_address(std::uint32_t address) {
    return (address >= 0x3ffe8000 && address < 0x40000000) || (address >= 0x40100000 && address < 0x40110000) || (address >= 0x40200000 && address < 0x40300000);
}

/// Follows the chain of segments from `at`; false when one of them cannot be one. Stops where the bytes end.
bool read_segments(Bytes bytes, std::uint64_t at, unsigned count, bool (*plausible)(std::uint32_t), EspImage& image) {
    for (unsigned i = 0; i < count; ++i) {
        const Bytes header = clipped(bytes, at, kSegmentHeader);
        if (header.size() < kSegmentHeader) {
            image.claimed = at + kSegmentHeader;
            return !image.segments.empty();
        }
        const EspSegment segment{.address = load_le<std::uint32_t>(header.data()), .offset = at + kSegmentHeader, .size = load_le<std::uint32_t>(header.data() + 4)};
        if (!plausible(segment.address) || segment.size % 4 != 0 || segment.size > kLargestSegment)
            return false;
        image.segments.push_back(segment);
        at = segment.offset + segment.size;
    }
    image.claimed = (at | 15U) + 1;  // the checksum is the last byte of sixteen
    return true;
}

bool checksum_fits(Bytes bytes, const EspImage& image, std::uint64_t checksum_at) {
    std::uint8_t sum = 0xef;
    for (const EspSegment& segment : image.segments)
        sum = std::accumulate(bytes.begin() + static_cast<std::ptrdiff_t>(segment.offset), bytes.begin() + static_cast<std::ptrdiff_t>(segment.offset + segment.size), sum,
                              [](std::uint8_t so_far, std::uint8_t byte) { return static_cast<std::uint8_t>(so_far ^ byte); });
    return sum == bytes[checksum_at];
}

/// A field of text, cut at the first NUL; empty unless it is printable.
std::string text_field(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
    const std::string_view raw = as_text(clipped(bytes, offset, size));
    const std::string_view text = raw.substr(0, raw.find('\0'));
    return std::ranges::all_of(text, [](char letter) { return letter >= 0x20 && letter < 0x7f; }) ? std::string(text) : "";
}

/// esp_app_desc_t at the start of the first segment, or esp_bootloader_desc_t.
std::string descriptor(Bytes bytes) {
    const Bytes at = clipped(bytes, kHeader + kSegmentHeader, 256);
    if (at.size() < 80)
        return "";
    if (load_le<std::uint32_t>(at.data()) == 0xabcd5432) {
        std::string told = fmt::format(", {} {}", text_field(at, 48, 32), text_field(at, 16, 32));
        told += fmt::format(", built {} {}, IDF {}", text_field(at, 96, 16), text_field(at, 80, 16), text_field(at, 112, 32));
        if (const auto secure = load_le<std::uint32_t>(at.data() + 4); secure != 0)
            told += fmt::format(", secure version {}", secure);
        return told;
    }
    const std::string idf = text_field(at, 8, 32);
    if (at[0] == 80 && idf.starts_with('v'))
        return fmt::format(", boot loader, built {}, IDF {}", text_field(at, 40, 24), idf);
    return "";
}

/// Secure Boot v2: blocks in the sector behind the image, filled up to a sector; each names the digest of what it signs.
void find_signature(Bytes bytes, EspImage& image) {
    const std::uint64_t sector = (image.claimed + kSector - 1) / kSector * kSector;
    const Bytes block = clipped(bytes, sector, 1216);
    if (block.size() < 1216 || block[0] != 0xe7 || (block[1] != 2 && block[1] != 3) || load_le<std::uint16_t>(block.data() + 2) != 0)
        return;
    if (static_cast<std::uint32_t>(crc32_z(0, block.data(), 1196)) != load_le<std::uint32_t>(block.data() + 1196))
        return;
    image.told += block[1] == 2 ? ", signed (Secure Boot v2, RSA)" : ", signed (Secure Boot v2, ECDSA)";
    if (!std::ranges::equal(crypto::sha256(bytes.first(sector)).bytes, block.subspan(4, kDigest)))
        image.damage += (image.damage.empty() ? "" : "; ") + std::string("the digest in the signature does not match");
    image.claimed = std::min<std::uint64_t>(sector + kSector, bytes.size());
}

std::optional<EspImage> long_image_of(Bytes bytes) {
    auto image = esp_header_of(bytes);
    if (!image || !read_segments(bytes, kHeader, bytes[1], plausible_address, *image))
        return std::nullopt;
    const bool nothing_inside = std::ranges::all_of(image->segments, [](const EspSegment& segment) { return segment.size == 0; });
    if (image->entry == 0 || nothing_inside)
        return std::nullopt;
    const bool digest = bytes[23] == 1;
    const std::uint64_t checked = image->claimed;
    image->told = descriptor(bytes);
    image->claimed += digest ? kDigest : 0;
    if (image->segments.size() == bytes[1] && image->claimed <= bytes.size()) {
        if (!checksum_fits(bytes, *image, checked - 1))
            image->damage = "the checksum does not match";
        if (digest && !std::ranges::equal(crypto::sha256(bytes.first(checked)).bytes, bytes.subspan(checked, kDigest)))
            image->damage += (image->damage.empty() ? "" : "; ") + std::string("the SHA-256 does not match");
        else if (digest)
            image->told += ", SHA-256 fits";
        find_signature(bytes, *image);
    }
    image->size = std::min<std::uint64_t>(image->claimed, bytes.size());
    return image;
}

/// The short header says so little that only an image with the right checksum is one.
std::optional<EspImage> short_image_of(Bytes bytes) {
    if (bytes.size() < kShortHeader + kSegmentHeader)
        return std::nullopt;
    EspImage image{.chip = "ESP8266", .entry = load_le<std::uint32_t>(bytes.data() + 4)};
    std::uint64_t at = 0;
    if (bytes[0] == kSecondMagic) {
        const std::uint32_t size = load_le<std::uint32_t>(bytes.data() + kShortHeader + 4);
        if (bytes[1] != 4 || load_le<std::uint32_t>(bytes.data() + kShortHeader) != 0 || size > kLargestSegment)
            return std::nullopt;
        at = kShortHeader + kSegmentHeader + size;
    }
    const Bytes header = clipped(bytes, at, kShortHeader);
    if (header.size() < kShortHeader || header[0] != kMagic || header[1] == 0 || header[1] > kMostImageSegments || header[2] > 3 || !plausible_short_address(image.entry))
        return std::nullopt;
    if (!read_segments(bytes, at + kShortHeader, header[1], plausible_short_address, image) || image.claimed > bytes.size() || image.segments.size() != header[1])
        return std::nullopt;
    if (!checksum_fits(bytes, image, image.claimed - 1))
        return std::nullopt;
    if (at != 0) {
        image.segments.insert(image.segments.begin(), {.address = 0x40200000, .offset = kShortHeader + kSegmentHeader, .size = at - kShortHeader - kSegmentHeader});
        image.told = ", version 2";
        image.claimed = std::min<std::uint64_t>(image.claimed + 4, bytes.size());  // a CRC of all
    }
    image.size = image.claimed;
    return image;
}

}  // namespace

std::optional<EspImage> esp_header_of(Bytes bytes) {
    if (bytes.size() < kHeader + kSegmentHeader || bytes[0] != kMagic || bytes[1] == 0 || bytes[1] > kMostImageSegments || bytes[23] > 1)
        return std::nullopt;
    const auto number = load_le<std::uint16_t>(bytes.data() + 12);
    const auto* const chip = std::ranges::find(kChips, number, &Chip::number);
    const bool reserved = std::ranges::all_of(bytes.subspan(19, 4), [](std::uint8_t byte) { return byte == 0; });
    if (chip == kChips.end() || !reserved || bytes[2] > 5 || !plausible_address(load_le<std::uint32_t>(bytes.data() + 4)))
        return std::nullopt;
    return EspImage{.chip = chip->name, .boot_loader_offset = chip->boot_loader_offset, .entry = load_le<std::uint32_t>(bytes.data() + 4)};
}

std::optional<EspImage> esp_image_of(Bytes bytes) {
    if (auto image = long_image_of(bytes))
        return image;
    return short_image_of(bytes);
}

std::optional<FoundContainer> identify_esp_image(Bytes bytes) {
    const auto image = esp_image_of(bytes);
    if (!image)
        return std::nullopt;
    std::string description = fmt::format("{}, {} segments, entry {}{}", image->chip, image->segments.size(), address_name(image->entry), image->told);
    const bool whole = image->claimed <= bytes.size();
    if (!whole)
        description += fmt::format(", cut off: {} of at least {} bytes are there", bytes.size(), image->claimed);
    return FoundContainer{.size = image->size, .description = std::move(description), .checked = whole && image->damage.empty()};
}

Result<Parts> split_esp_image(Bytes bytes) {
    const auto image = esp_image_of(bytes);
    if (!image)
        return fail(Errc::internal, "not an Espressif image after all");
    Parts result{.parts = {}, .damage = image->damage};
    for (const EspSegment& segment : image->segments)
        result.parts.push_back({.name = fmt::format("segment{} {}", result.parts.size(), address_name(segment.address)), .offset = segment.offset, .size = segment.size, .encrypted = {}});
    if (image->claimed > bytes.size())
        result.damage = "cut off";
    return result;
}

}  // namespace shirushi::unpack
