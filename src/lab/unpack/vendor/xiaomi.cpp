// Xiaomi's HDR1 and HDR2: OpenWrt's xiaomifw.c (firmware-utils), unblob's hdr.py (onekey-sec/unblob). Little endian: where the signature
// begins, CRC-32 (not inverted) of all from byte 12 on, the device, up to eight offsets of blobs with a header and a name each.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBlobHeader = 48;
constexpr std::uint64_t kSignatureHeader = 16;
constexpr std::uint64_t kSummedFrom = 12;

std::string verify_xiaomi(Bytes bytes) {
    return crc32_not_inverted(bytes.subspan(kSummedFrom)) == le32(bytes, 8) ? "" : "the checksum does not match";
}

/// Tools leave the size zero and write 2048 bits all the same.
std::uint64_t signature_size(Bytes bytes, std::uint64_t at) {
    const std::uint32_t stated = le32(bytes, at);
    return stated >= 64 && stated <= 4096 ? stated : 0x100;
}

}  // namespace

std::optional<VendorImage> xiaomi_image(Bytes bytes) {
    const bool first = stands_at(bytes, 0, "HDR1");
    const std::uint64_t header = first ? 48 : 80;
    const std::uint64_t signature = le32(bytes, 4);
    if ((!first && !stands_at(bytes, 0, "HDR2")) || bytes.size() <= header || signature <= header)
        return std::nullopt;
    VendorImage image{.size = signature + kSignatureHeader + signature_size(bytes, signature), .header = header, .verify = verify_xiaomi};
    image.description = first ? fmt::format("Xiaomi HDR1, device 0x{:04x}", le16(bytes, 14))
                              : fmt::format("Xiaomi HDR2, device {}, region {}", field_text(bytes, 16, 8), field_text(bytes, 24, 8));
    for (std::uint64_t i = 0; i < 8; ++i) {
        const std::uint64_t at = le32(bytes, header - 32 + 4 * i);
        if (at == 0)
            break;
        const std::uint64_t size = le32(bytes, at + 8);
        if (at < header || (at < bytes.size() &&
                            (le32(bytes, at) != 0xbabe || !is_text_field(bytes, at + 16, 32, true) || at + kBlobHeader + size > signature)))
            return std::nullopt;
        if (at >= bytes.size())
            break;  // cut off before it
        const std::string name = field_text(bytes, at + 16, 32);
        image.parts.push_back({name.empty() ? fmt::format("blob{}", i) : name, at + kBlobHeader, size, {}});
    }
    if (image.parts.empty())
        return std::nullopt;
    image.description += fmt::format(", {} blobs", image.parts.size());
    image.parts.push_back({"signature", signature, image.size - signature, {}});
    return image;
}

}  // namespace shirushi::unpack
