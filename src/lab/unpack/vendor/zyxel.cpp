// ZyXEL's headers: ZyNOS ROM images (zynos.h and mkzynfw.c of OpenWrt's firmware-utils, after Kolja Waschk's notes), the header of a whole
// erase block that mkrasimage.c writes, which has no magic, and the ZNBG trailer (zyimage.c).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kZynosHeader = 48;
constexpr unsigned kCompressed = 0x80;
constexpr unsigned kPlainSumValid = 0x40;
constexpr unsigned kPackedSumValid = 0x20;
constexpr std::uint32_t kLargestRom = std::uint32_t{1} << 26;

constexpr std::uint64_t kRasSummed = 2048;
constexpr std::array<std::uint64_t, 5> kRasHeaders{0x10000, 0x20000, 0x4000, 0x40000, 0x1000};  // an erase block of the flash
constexpr std::uint64_t kTrailer = 60;

/// 16-bit words, big endian, with the carry added again.
std::uint16_t carried_sum(Bytes bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        sum += bytes[i] * 256U + (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
        sum = sum > 0xffff ? (sum + 1) & 0xffffU : sum;
    }
    return static_cast<std::uint16_t>(sum);
}

/// As sum -s: System V's checksum of bytes.
std::uint32_t system_v_sum(std::uint32_t sum) {
    const std::uint32_t once = (sum & 0xffffU) + (sum >> 16U);
    return (once & 0xffffU) + (once >> 16U);
}

const char* kind_of(unsigned type) {
    switch (type) {
        case 1:
            return "ROM image";
        case 2:
            return "ROM boot";
        case 3:
            return "boot extension";
        case 4:
            return "ROM binary";
        case 5:
            return "ROM directory";
        case 7:
            return "ROM map";
        case 0x80:
            return "RAM";
        case 0x81:
            return "RAM code";
        case 0x82:
            return "RAM boot";
        default:
            return nullptr;
    }
}

std::string verify_zynos(Bytes bytes) {
    const bool packed = (bytes[18] & kCompressed) != 0;
    const bool summed = (bytes[18] & (packed ? kPackedSumValid : kPlainSumValid)) != 0;
    return !summed || carried_sum(bytes.subspan(kZynosHeader)) == be16(bytes, packed ? 22 : 20) ? "" : "the checksum does not match";
}

bool rootfs_fits(Bytes bytes, std::uint64_t header) {
    const Bytes rootfs = clipped(bytes, header, be32(bytes, 4));
    return rootfs.size() == be32(bytes, 4) && system_v_sum(byte_sum(rootfs)) == be32(bytes, 0);
}

/// The header does not say how long it is: what the checksum tells or, when it does not match, the file's size.
std::uint64_t ras_header(Bytes bytes, std::uint64_t content) {
    for (const std::uint64_t header : kRasHeaders)
        if (rootfs_fits(bytes, header))
            return header;
    const auto by_size = std::ranges::find_if(kRasHeaders, [&](std::uint64_t header) { return header + content == bytes.size(); });
    return by_size == kRasHeaders.end() ? kRasHeaders.front() : *by_size;
}

std::uint64_t ras_kernel(Bytes bytes) {
    return be32(bytes, 108) > 0xffff ? 0 : be32(bytes, 112);
}

std::string verify_ras(Bytes bytes) {
    const std::uint64_t header = ras_header(bytes, std::uint64_t{be32(bytes, 4)} + ras_kernel(bytes));
    if (!rootfs_fits(bytes, header))
        return "the root file system's checksum does not match";
    const Bytes kernel = bytes.subspan(header + be32(bytes, 4));
    return kernel.empty() || system_v_sum(byte_sum(kernel)) == be32(bytes, 108) ? "" : "the kernel's checksum does not match";
}

std::string verify_znbg(Bytes bytes) {
    return crc32_not_inverted(bytes.first(bytes.size() - kTrailer)) == le32(bytes, bytes.size() - 4) ? "" : "the checksum does not match";
}

}  // namespace

std::optional<VendorImage> zynos_image(Bytes bytes) {
    if (!stands_at(bytes, 6, "SIG") || bytes.size() <= kZynosHeader || le16(bytes, 4) != 0)
        return std::nullopt;
    const unsigned flags = bytes[18];
    const bool packed = (flags & kCompressed) != 0;
    const std::uint32_t plain_size = be32(bytes, 10);
    const std::uint32_t size = packed ? be32(bytes, 14) : plain_size;
    const char* kind = kind_of(bytes[9]);
    // "SIG" stands in many texts: all fields must look like those of a header, and a checksum must be claimed.
    if (kind == nullptr || size == 0 || plain_size > kLargestRom || size > plain_size || be32(bytes, 0) % 4 != 0 || be32(bytes, 0) == 0 ||
        (flags & (packed ? kPackedSumValid : kPlainSumValid)) == 0 || bytes[19] != 0 || !is_text_field(bytes, 24, 15, true))
        return std::nullopt;
    VendorImage image{.size = kZynosHeader + size,
                      .header = kZynosHeader,
                      .description = fmt::format("ZyNOS {}, load 0x{:08x}, {}", kind, be32(bytes, 0),
                                                 packed ? fmt::format("compressed from {} bytes", plain_size) : "uncompressed"),
                      .verify = verify_zynos};
    if (const std::string version = field_text(bytes, 24, 15); !version.empty())
        image.description += ", version " + version;
    image.parts.push_back({"payload", kZynosHeader, size, {}});
    return image;
}

std::optional<VendorImage> ras_image(Bytes bytes) {
    const std::uint64_t size = be32(bytes, 4);
    if (bytes.size() <= kRasSummed || be32(bytes, 0) > 0xffff || be32(bytes, 40) > 0xffff || size == 0 || !is_text_field(bytes, 8, 32) ||
        !is_text_field(bytes, 44, 64) || !is_filled_with(bytes.subspan(116, kRasSummed - 116), 0xff))
        return std::nullopt;
    // The header's sum is made with the root file system's in its place.
    const std::uint32_t sum = byte_sum(bytes.first(kRasSummed)) - byte_sum(bytes.subspan(40, 4)) + byte_sum(bytes.first(4));
    if (system_v_sum(sum) != be32(bytes, 40))
        return std::nullopt;
    const std::uint64_t kernel = ras_kernel(bytes);
    const std::uint64_t header = ras_header(bytes, size + kernel);
    VendorImage image{.size = header + size + kernel,
                      .header = header,
                      .description = fmt::format("ZyXEL {}, version {}", field_text(bytes, 44, 64), field_text(bytes, 8, 32)),
                      .checked = true,
                      .verify = verify_ras};
    image.parts.push_back({"rootfs", header, size, {}});
    if (kernel != 0)
        image.parts.push_back({"kernel", header + size, kernel, {}});
    return image;
}

std::optional<VendorImage> znbg_image(Bytes bytes) {
    const std::uint64_t payload = bytes.size() - std::min<std::uint64_t>(bytes.size(), kTrailer);
    if (payload == 0 || !stands_at(bytes, payload, "ZNBG") || !is_text_field(bytes, payload + 8, 48))
        return std::nullopt;
    VendorImage image{
        .size = bytes.size(),
        .trailer = kTrailer,
        .description = fmt::format("ZyXEL device 0x{:08x}, version {}", le32(bytes, payload + 4), field_text(bytes, payload + 8, 48)),
        .verify = verify_znbg};
    image.parts.push_back({"payload", 0, payload, {}});
    return image;
}

}  // namespace shirushi::unpack
