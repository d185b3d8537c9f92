// Updates as the flashing tools of two makers of processors take them.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/android/android_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kRockchipHeader = 0x66;
constexpr std::uint64_t kRockchipTable = 0x8c;   // of an RKAF's files
constexpr std::uint64_t kRockchipFile = 0x70;
constexpr std::uint32_t kMostRockchipFiles = 16;
constexpr std::uint64_t kAllwinnerHeader = 1024;  // and each file's
constexpr std::uint32_t kMostAllwinnerFiles = 512;

std::uint32_t word(Bytes bytes, std::size_t at) { return load_le<std::uint32_t>(bytes.data() + at); }

std::string text_at(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
    const std::string_view raw = as_text(clipped(bytes, offset, size));
    return printable(raw.substr(0, raw.find('\0')));
}

FoundContainer found_for(Bytes bytes, std::uint64_t claimed, std::string description) {
    FoundContainer found{.size = std::min<std::uint64_t>(claimed, bytes.size()), .description = std::move(description)};
    if (claimed > bytes.size())
        found.description += ", " + cut_off(bytes.size(), claimed);
    return found;
}

}  // namespace

std::optional<FoundContainer> identify_rockchip_firmware(Bytes bytes) {
    if (bytes.size() < kRockchipHeader || as_text(bytes.first(4)) != "RKFW" || load_le<std::uint16_t>(bytes.data() + 4) != kRockchipHeader)
        return std::nullopt;
    const std::uint64_t loader = std::uint64_t{word(bytes, 25)} + word(bytes, 29);
    const std::uint64_t image = std::uint64_t{word(bytes, 33)} + word(bytes, 37);
    if (word(bytes, 25) < kRockchipHeader || word(bytes, 33) < loader || bytes[16] > 12 || bytes[17] > 31)
        return std::nullopt;
    return found_for(bytes, image, fmt::format("made {:04}-{:02}-{:02}, loader of {} bytes, image of {} bytes", load_le<std::uint16_t>(bytes.data() + 14), bytes[16], bytes[17],
                                               word(bytes, 29), word(bytes, 37)));
}

Result<Parts> split_rockchip_firmware(Bytes bytes) {
    if (!identify_rockchip_firmware(bytes))
        return fail(Errc::internal, "not Rockchip's firmware after all");
    return Parts{.parts = {{.name = "loader", .offset = word(bytes, 25), .size = word(bytes, 29), .encrypted = {}}, {.name = "image", .offset = word(bytes, 33), .size = word(bytes, 37), .encrypted = {}}},
                 .damage = {}};
}

std::optional<FoundContainer> identify_rockchip_update(Bytes bytes) {
    if (bytes.size() < kRockchipTable || as_text(bytes.first(4)) != "RKAF")
        return std::nullopt;
    const std::uint32_t count = word(bytes, 0x88);
    const std::uint64_t size = std::uint64_t{word(bytes, 4)} + 4;  // a checksum follows
    if (count == 0 || count > kMostRockchipFiles || size < kRockchipTable + count * kRockchipFile)
        return std::nullopt;
    return found_for(bytes, size, fmt::format("{}, {}, {} files", text_at(bytes, 8, 34), text_at(bytes, 72, 56), count));
}

Result<Parts> split_rockchip_update(Bytes bytes) {
    if (!identify_rockchip_update(bytes))
        return fail(Errc::internal, "not Rockchip's update after all");
    Parts result;
    const std::uint32_t count = word(bytes, 0x88);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Bytes entry = clipped(bytes, kRockchipTable + i * kRockchipFile, kRockchipFile);
        if (entry.size() < kRockchipFile) {
            result.damage = fmt::format("{} of {} files are listed", i, count);
            break;
        }
        // What is named and stored nowhere is a place on the flash that this update leaves alone.
        if (const std::string file = text_at(entry, 32, 60); word(entry, 108) != 0 && file != "SELF" && file != "RESERVED")
            result.parts.push_back({.name = text_at(entry, 0, 32), .offset = word(entry, 96), .size = word(entry, 108), .encrypted = {}});
    }
    return result;
}

std::optional<FoundContainer> identify_allwinner(Bytes bytes) {
    if (bytes.size() < kAllwinnerHeader || as_text(bytes.first(8)) != "IMAGEWTY")
        return std::nullopt;
    const std::uint32_t version = word(bytes, 8);
    const bool newer = version >= 0x300;
    const std::uint32_t count = word(bytes, newer ? 60 : 56);
    FoundContainer found = found_for(bytes, word(bytes, 24), fmt::format("version 0x{:04x}", version));
    if (version != 0x100 && version != 0x300 && version != 0x403)
        return std::nullopt;
    if (count == 0 || count > kMostAllwinnerFiles || word(bytes, 24) < kAllwinnerHeader * (1 + std::uint64_t{count}))
        return std::nullopt;
    found.description += fmt::format(", {} files", count);
    return found;
}

Result<Parts> split_allwinner(Bytes bytes) {
    if (!identify_allwinner(bytes))
        return fail(Errc::internal, "not Allwinner's image after all");
    Parts result;
    const bool newer = word(bytes, 8) >= 0x300;
    const std::uint32_t count = word(bytes, newer ? 60 : 56);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Bytes entry = clipped(bytes, kAllwinnerHeader * (1 + std::uint64_t{i}), kAllwinnerHeader);
        if (entry.size() < kAllwinnerHeader) {
            result.damage = fmt::format("{} of {} files are listed", i, count);
            break;
        }
        std::string name = newer ? text_at(entry, 36, 256) : text_at(entry, 52, 256);
        if (name.empty())
            name = trimmed(text_at(entry, 16, 16));
        const std::uint32_t size = newer ? word(entry, 300) : word(entry, 40);
        if (size != 0)
            result.parts.push_back({.name = std::move(name), .offset = newer ? word(entry, 308) : word(entry, 44), .size = size, .encrypted = {}});
    }
    return result;
}

}  // namespace shirushi::unpack
