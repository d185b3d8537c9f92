// TRX, as Broadcom's tools write it and Asus, Linksys, Netgear and others use it: OpenWrt's otrx.c and trx.c (firmware-utils) and
// openwrt.org/docs/techref/header. Little endian: magic, size, CRC-32 from byte 12 on (not inverted), flags, version, three
// (version 1) or four offsets. ZyXEL's NR7101 and its kin have a header of the same name with other fields: zytrx.c there.

#include <fmt/format.h>

#include <algorithm>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kChecksummedFrom = 12;
constexpr std::uint64_t kZytrxHeader = 380;

std::string verify_trx(Bytes bytes) {
    return crc32_not_inverted(bytes.subspan(kChecksummedFrom)) == le32(bytes, 8) ? "" : "the checksum does not match";
}

std::string verify_zytrx(Bytes bytes) {
    return crc32_not_inverted(bytes.subspan(kZytrxHeader)) == be32(bytes, 12) ? "" : "the payload's checksum does not match";
}

}  // namespace

std::optional<VendorImage> trx_image(Bytes bytes) {
    const unsigned version = le16(bytes, 14);
    const std::uint64_t size = le32(bytes, 4);
    const std::uint64_t header = version == 1 ? 28 : 32;
    if ((version != 1 && version != 2) || !stands_at(bytes, 0, "HDR0") || bytes.size() < header || size <= header)
        return std::nullopt;
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t at = 16; at < header; at += 4)
        if (const std::uint64_t offset = le32(bytes, at); offset != 0)
            offsets.push_back(offset);
    std::ranges::sort(offsets);  // images whose partitions are named in another order than they lie in are in the field
    const bool doubled = std::ranges::adjacent_find(offsets) != offsets.end();
    if (offsets.empty() || doubled || offsets.front() < header || offsets.back() >= size)
        return std::nullopt;
    VendorImage image{.size = size,
                      .header = offsets.front(),
                      .description = fmt::format("version {}, {} partitions", version, offsets.size()),
                      .verify = verify_trx};
    offsets.push_back(size);
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
        image.parts.push_back({fmt::format("partition{}", i), offsets[i], offsets[i + 1] - offsets[i], {}});
    return image;
}

std::optional<VendorImage> zytrx_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "0RDH") || bytes.size() < kZytrxHeader || be32(bytes, 4) != kZytrxHeader)
        return std::nullopt;
    Buffer header(bytes.begin(), bytes.begin() + kZytrxHeader);
    std::fill_n(header.begin() + 372, 4, std::uint8_t{0});  // the checksum is made with itself as zero
    if (crc32_not_inverted(header) != be32(bytes, 372))
        return std::nullopt;
    const std::uint64_t payload = be32(bytes, 80);
    VendorImage image{.size = kZytrxHeader + payload,
                      .header = kZytrxHeader,
                      .description = fmt::format("ZyXEL {}, chip {}, version {}", field_text(bytes, 268, 16), field_text(bytes, 260, 8),
                                                 field_text(bytes, 296, 32)),
                      .checked = true,
                      .verify = verify_zytrx};
    image.parts.push_back({"payload", kZytrxHeader, payload, {}});
    return image;
}

}  // namespace shirushi::unpack
