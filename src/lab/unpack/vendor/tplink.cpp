// TP-Link's headers. Version 1 and version 2/3: OpenWrt's mktplinkfw.c and mktplinkfw2.c (firmware-utils); the safeloader's images, whose
// table of partitions is text: tplink-safeloader.c there; those of its real-time systems: binwalk 3's tplink.rs. All are big endian but
// for the first word. The MD5 is taken with a constant in its own place, another one when a boot loader is inside.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 0x200;
constexpr std::uint64_t kTable = 0x1014;
constexpr std::uint64_t kTableSize = 0x800;
constexpr std::uint64_t kVendorText = 0x18;
constexpr std::size_t kMostPartitions = 64;
constexpr std::uint64_t kRtosHeader = 0x94;

using Salt = std::array<std::uint8_t, 16>;
constexpr Salt kSalt1{0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
constexpr Salt kSalt1Boot{0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa, 0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
constexpr Salt kSalt2{0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37};
constexpr Salt kSalt2Boot{0x8c, 0xef, 0x33, 0x5f, 0xd5, 0xc5, 0xce, 0xfa, 0xac, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
constexpr Salt kSaltSafeloader{0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d, 0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e};

bool digest_fits(Bytes bytes, std::uint64_t at, const Salt& salt) {
    return std::ranges::equal(crypto::md5({bytes.first(at), salt, bytes.subspan(at + salt.size())}),
                              bytes.subspan(at, salt.size()));
}

/// Where the fields of both versions lie; the rest has the same order.
struct Fields {
    std::uint64_t digest;
    std::uint64_t load;  // load address, entry, length, then offset and length of kernel, root file system, boot loader
    const Salt* salt;
    const Salt* boot_salt;
};
constexpr Fields kVersion1{76, 116, &kSalt1, &kSalt1Boot};
constexpr Fields kVersion2{0x40, 0x68, &kSalt2, &kSalt2Boot};

std::string verify_header(Bytes bytes, const Fields& fields) {
    if (is_filled_with(bytes.subspan(fields.digest, 16), 0))
        return {};  // OpenWrt's combined images have none
    const bool boot = be32(bytes, fields.load + 32) != 0;
    return digest_fits(bytes, fields.digest, boot ? *fields.boot_salt : *fields.salt) ? "" : "the MD5 does not match";
}
std::string verify_1(Bytes bytes) {
    return verify_header(bytes, kVersion1);
}
std::string verify_2(Bytes bytes) {
    return verify_header(bytes, kVersion2);
}

/// Parts as the header lists them; nothing when they cannot be right.
std::optional<VendorImage> sections_of(Bytes bytes, const Fields& fields) {
    constexpr std::array kNames{"kernel", "rootfs", "bootloader"};
    const std::uint64_t length = be32(bytes, fields.load + 8);
    VendorImage image{.size = length, .header = kHeader};
    std::uint64_t end = kHeader;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const std::uint64_t offset = be32(bytes, fields.load + 12 + 8 * i);
        const std::uint64_t size = be32(bytes, fields.load + 16 + 8 * i);
        if (size == 0)
            continue;
        if (length != 0 && offset + size > length)
            return std::nullopt;
        if (offset < kHeader)
            continue;  // an address in flash: what lies there is named by where it is
        image.parts.push_back({kNames.at(i), offset, size, {}});
        end = std::max(end, offset + size);
    }
    if (image.parts.empty())
        return std::nullopt;
    if (image.size == 0)
        image.size = end;
    // Images are cut behind their last part to save space; the length in the header still is that of the flash, the MD5 that of the file.
    if (bytes.size() < image.size && bytes.size() >= end && verify_header(bytes, fields).empty())
        image.size = bytes.size();
    image.description = fmt::format("load 0x{:08x}, entry 0x{:08x}", be32(bytes, fields.load), be32(bytes, fields.load + 4));
    return image;
}

struct Partition {
    std::string name;
    std::uint64_t base = 0;
    std::uint64_t size = 0;
};

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
    return text.starts_with("0x") ? to_integer<std::uint32_t>(text.substr(2), 16) : std::nullopt;
}

/// Lines "fwup-ptn NAME base 0x00800 size 0x00800\t\r\n" up to a zero, or to what fills the rest.
std::vector<Partition> partitions_of(Bytes bytes) {
    const std::string_view table = as_text(clipped(bytes, kTable, kTableSize));
    std::vector<Partition> partitions;
    for (const std::string_view line : lines_of(table.substr(0, table.find_first_of(std::string_view("\0\xff", 2))))) {
        const auto words = words_of(line);
        if (words.size() != 6 || words[0] != "fwup-ptn" || words[2] != "base" || words[4] != "size" || partitions.size() == kMostPartitions)
            break;
        const auto base = hexadecimal(words[3]);
        const auto size = hexadecimal(words[5]);
        if (!base || !size || *base < kTableSize)
            break;
        partitions.push_back({std::string(words[1]), *base, *size});
    }
    return partitions;
}

std::string verify_safeloader(Bytes bytes) {
    if (std::ranges::equal(crypto::md5({kSaltSafeloader, bytes.subspan(20)}), bytes.subspan(4, 16)))
        return {};
    const std::uint64_t length = std::min<std::uint64_t>(be32(bytes, 20), kTable - kVendorText);
    const bool for_the_cloud = as_text(clipped(bytes, kVendorText, length)).find("fw-type:Cloud") != std::string_view::npos;
    return for_the_cloud ? "the MD5 is not the plain image's (images for TP-Link's cloud are signed over it)" : "the MD5 does not match";
}

}  // namespace

std::optional<VendorImage> tplink1_image(Bytes bytes) {
    const unsigned version = le32(bytes, 0);
    if ((version != 1 && version != 2) || bytes.size() < kHeader || !is_text_field(bytes, 4, 24) || !is_text_field(bytes, 28, 36))
        return std::nullopt;
    auto image = sections_of(bytes, kVersion1);
    if (!image)
        return std::nullopt;
    image->description = fmt::format("TP-Link version {}, {}, {}, hardware 0x{:08x} revision {}, software {}.{}.{}, {}", version,
                                     field_text(bytes, 4, 24), field_text(bytes, 28, 36), be32(bytes, 64), be32(bytes, 68),
                                     be16(bytes, 152), be16(bytes, 154), be16(bytes, 156), image->description);
    if (const std::uint32_t region = be32(bytes, 72); region != 0)
        image->description += fmt::format(", region {}", region);
    image->verify = verify_1;
    return image;
}

std::optional<VendorImage> tplink2_image(Bytes bytes) {
    const unsigned version = le32(bytes, 0);
    if ((version != 2 && version != 3) || bytes.size() < kHeader || be16(bytes, 0x8c) != 0x55aa || bytes[0x90] != 0xa5 ||
        !is_text_field(bytes, 4, 48))
        return std::nullopt;
    auto image = sections_of(bytes, kVersion2);
    if (!image)
        return std::nullopt;
    image->description = fmt::format("TP-Link version {}, {}, hardware 0x{:08x} revision {} version {}, software {}.{}.{}-{}.{}, {}",
                                     version, field_text(bytes, 4, 48), be32(bytes, 0x34), be32(bytes, 0x38), be32(bytes, 0x3c),
                                     bytes[0x91], bytes[0x92], bytes[0x93], bytes[0x8e], bytes[0x8f], image->description);
    image->verify = verify_2;
    return image;
}

std::optional<VendorImage> safeloader_image(Bytes bytes) {
    const std::uint64_t size = be32(bytes, 0);
    const std::uint64_t vendor = be32(bytes, 20);
    if (bytes.size() < kTable + kTableSize || size < kTable + kTableSize || (vendor > kTable - kVendorText && vendor != UINT32_MAX))
        return std::nullopt;
    const auto partitions = partitions_of(bytes);
    const bool inside = std::ranges::all_of(partitions, [&](const Partition& one) { return kTable + one.base + one.size <= size; });
    if (partitions.empty() || !inside)
        return std::nullopt;
    VendorImage image{.size = size,
                      .header = kTable + kTableSize,
                      .description = fmt::format("TP-Link, {} partitions", partitions.size()),
                      .verify = verify_safeloader};
    const std::string_view text = as_text(clipped(bytes, kVendorText, vendor == UINT32_MAX ? 0 : vendor));
    for (const std::string_view line : lines_of(text))
        if (!trimmed(line).empty())
            image.description += ", " + excerpt(trimmed(line));
    for (const Partition& one : partitions)
        image.parts.push_back({one.name, kTable + one.base, one.size, {}});
    return image;
}

std::optional<VendorImage> tplink_rtos_image(Bytes bytes) {
    const std::uint64_t size = be32(bytes, 24);
    if (!stands_at(bytes, 0, std::string_view("\x00\x14\x2f\xc0", 4)) || !stands_at(bytes, 20, "IMG0") || size + 20 <= kRtosHeader ||
        bytes.size() < kRtosHeader)
        return std::nullopt;
    VendorImage image{.size = size + 20,
                      .header = kRtosHeader,
                      .description = fmt::format("TP-Link real-time system, model {:x}, hardware {:x}", be16(bytes, 28), bytes[30])};
    image.parts.push_back({"payload", kRtosHeader, size + 20 - kRtosHeader, {}});
    return image;
}

}  // namespace shirushi::unpack
