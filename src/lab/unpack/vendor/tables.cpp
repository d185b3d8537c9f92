// Containers whose header lists where their parts lie, for devices other than routers: Instar's BNEG (unblob's bneg.py), HP's BDL and the
// packages in it (bdl.py, ipkg.py; tylerwhall/hpbdl), Moxa's *FRM (frm.py; all onekey-sec/unblob). Little endian.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBnegHeader = 20;
constexpr std::uint64_t kBdlHeader = 32 + 3 * 256 + 9 + 2 * 256;
constexpr std::uint64_t kIpkgHeader = 32 + 4 * 256;
constexpr std::uint64_t kIpkgEntry = 276;
constexpr std::uint64_t kMoxaHeader = 0x60;
constexpr std::uint64_t kMoxaFiles = 0x40;
constexpr std::uint32_t kMostEntries = 4096;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 32;

std::string verify_ipkg(Bytes bytes) {
    std::string faults;
    const std::uint64_t table = le32(bytes, 8);
    for (std::uint64_t i = 0; i < le32(bytes, 16); ++i) {
        const Bytes entry = clipped(bytes, table + i * kIpkgEntry, kIpkgEntry);
        if (const std::uint32_t stored = le32(entry, 272);
            stored != 0 && crc32_of(clipped(bytes, le64(entry, 256), le64(entry, 264))) != stored)
            add_fault(faults, fmt::format("the CRC of {} does not match", field_text(entry, 0, 256)));
    }
    return excerpt(faults, 1000);
}

/// A part of 64-bit offset and size; the image then reaches at least so far.
bool add_part(VendorImage& image, std::string name, std::uint64_t offset, std::uint64_t size) {
    if (offset > kLargest || size > kLargest)
        return false;
    image.size = std::max(image.size, offset + size);
    if (size != 0)
        image.parts.push_back({std::move(name), offset, size, {}});
    return true;
}

/// Moxa's file system: files of the web server.
void add_moxa_files(Bytes bytes, std::uint64_t section, std::uint64_t size, VendorImage& image) {
    const std::uint64_t table = section + le32(bytes, section + 48);
    const std::uint64_t entry_size = le16(bytes, section + 56);
    const std::uint32_t count = le16(bytes, section + 58) != 0 ? le16(bytes, section + 58) : le16(bytes, section + 66);
    if (const std::uint64_t directory = table - section + entry_size * count; directory <= size)
        image.parts.push_back({"directory", section, directory, {}});
    for (std::uint32_t i = 0; entry_size >= kMoxaFiles && i < count && i < kMostEntries; ++i) {
        const Bytes entry = clipped(bytes, table + i * entry_size, kMoxaFiles);
        const std::uint64_t length = le32(entry, 56);
        const std::uint64_t offset = le32(entry, 60);
        if (is_text_field(entry, 0, 48) && length != 0 && offset <= size && length <= size - offset)
            image.parts.push_back({field_text(entry, 0, 48), section + offset, length, {}});
    }
}

}  // namespace

std::optional<VendorImage> bneg_image(Bytes bytes) {
    const std::uint64_t first = le32(bytes, 12);
    const std::uint64_t second = le32(bytes, 16);
    if (!stands_at(bytes, 0, "BNEG") || le32(bytes, 4) != 1 || le32(bytes, 8) != 1 || first == 0 || second == 0 ||
        bytes.size() <= kBnegHeader)
        return std::nullopt;
    VendorImage image{.size = kBnegHeader + first + second, .header = kBnegHeader, .description = "Instar version 1.1"};
    image.parts.push_back({"partition1", kBnegHeader, first, {}});
    image.parts.push_back({"partition2", kBnegHeader + first, second, {}});
    return image;
}

std::optional<VendorImage> hp_bdl_image(Bytes bytes) {
    const std::uint64_t table = le32(bytes, 8);
    const std::uint64_t count = le32(bytes, 16);
    if (!stands_at(bytes, 0, std::string_view("ibdl\1\0\1\0", 8)) || table < kBdlHeader || count == 0 || count > kMostEntries ||
        clipped(bytes, table, count * 16).size() < count * 16)
        return std::nullopt;
    VendorImage image{.size = table + count * 16,
                      .header = table + count * 16,
                      .description = fmt::format("HP {} {}, device {}, version {}, revision {}, {} packages", field_text(bytes, 288, 256),
                                                 field_text(bytes, 32, 256), field_text(bytes, 544, 256), field_text(bytes, 809, 256),
                                                 field_text(bytes, 1065, 256), count)};
    for (std::uint64_t i = 0; i < count; ++i)
        if (!add_part(image, fmt::format("package{}", i), le64(bytes, table + i * 16), le64(bytes, table + i * 16 + 8)))
            return std::nullopt;
    return image;
}

std::optional<VendorImage> hp_ipkg_image(Bytes bytes) {
    const std::uint64_t table = le32(bytes, 8);
    const std::uint64_t count = le32(bytes, 16);
    if (!stands_at(bytes, 0, std::string_view("ipkg\1\0\3\0", 8)) || table < kIpkgHeader || count == 0 || count > kMostEntries ||
        clipped(bytes, table, count * kIpkgEntry).size() < count * kIpkgEntry)
        return std::nullopt;
    VendorImage image{.size = table + count * kIpkgEntry,
                      .header = table + count * kIpkgEntry,
                      .description = fmt::format("HP package {} of {}, version {}, {} files", field_text(bytes, 544, 256),
                                                 field_text(bytes, 288, 256), field_text(bytes, 32, 256), count),
                      .verify = verify_ipkg};
    for (std::uint64_t i = 0; i < count; ++i) {
        const Bytes entry = bytes.subspan(table + i * kIpkgEntry, kIpkgEntry);
        if (!is_text_field(entry, 0, 256) || !add_part(image, field_text(entry, 0, 256), le64(entry, 256), le64(entry, 264)))
            return std::nullopt;
    }
    return image;
}

std::optional<VendorImage> moxa_image(Bytes bytes) {
    const std::uint64_t size = le32(bytes, 8);
    const std::uint64_t count = le16(bytes, 14);
    if (!stands_at(bytes, 0, "*FRM") || be32(bytes, 4) != 1 || le16(bytes, 12) != kMoxaHeader || count == 0 || count > 2 ||
        size <= kMoxaHeader || bytes.size() < kMoxaHeader)
        return std::nullopt;
    VendorImage image{.size = size, .header = kMoxaHeader, .description = fmt::format("Moxa, {} sections", count)};
    for (std::uint64_t at = 64; at < 64 + 16 * count; at += 16) {
        const std::uint64_t offset = le32(bytes, at + 4);
        const std::uint64_t length = le32(bytes, at + 8);
        if (offset < kMoxaHeader || offset + length > size)
            return std::nullopt;
        if (le32(bytes, at) == 2) {
            image.description += fmt::format(", files of {}", field_text(bytes, offset, 32));
            add_moxa_files(bytes, offset, length, image);
        } else {
            image.parts.push_back({le32(bytes, at) == 1 ? "firmware" : fmt::format("section-type{}", le32(bytes, at)), offset, length, {}});
        }
    }
    return image;
}

}  // namespace shirushi::unpack
