// Alpha Networks' WRG and WRGG03 headers, in D-Link's devices: OpenWrt's mkwrgimg.c and mkwrggimg.c (firmware-utils). A signature of 32
// bytes, a magic twice (a date: 20040220, 20080321), fields, the device's name, MD5 over offset, device name and payload. WRG is
// written in the device's byte order; WRGG03's magic is always little endian, its size in the device's order. Newer DAP-2xxx
// images encrypt what follows a WRGG03 header: dlink_encrypted.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "crypto/stored_digests.hpp"
#include "unpack/vendor/dlink_encrypted.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kWrgHeader = 96;
constexpr std::uint64_t kWrggHeader = 160;
constexpr std::uint32_t kLargest = std::uint32_t{1} << 30;  // no flash of theirs comes near

std::string verify_at(Bytes bytes, std::uint64_t offset_field, std::uint64_t header) {
    const auto digest = crypto::md5({bytes.subspan(offset_field, header - 16 - offset_field), bytes.subspan(header)});
    return std::ranges::equal(digest, bytes.subspan(header - 16, 16)) ? "" : "the MD5 does not match";
}

std::string verify_wrg(Bytes bytes) {
    return verify_at(bytes, 44, kWrgHeader);
}
std::string verify_wrgg(Bytes bytes) {
    return verify_at(bytes, 108, kWrggHeader);
}

std::optional<VendorImage> image_of(Bytes bytes, std::uint64_t size_field, std::uint64_t header, Endian endian) {
    const std::uint32_t size = word32(bytes, size_field, endian);
    if (size == 0 || size > kLargest || !is_text_field(bytes, 0, 32) || !is_text_field(bytes, size_field + 8, 32, true))
        return std::nullopt;
    VendorImage image{.size = header + size,
                      .header = header,
                      .description = fmt::format("{}, {}, device {}, offset 0x{:x}", field_text(bytes, 0, 32),
                                                 endian == Endian::big ? "big endian" : "little endian",
                                                 field_text(bytes, size_field + 8, 32), word32(bytes, size_field + 4, endian))};
    image.parts.push_back({"payload", header, size, {}});
    return image;
}

}  // namespace

std::optional<VendorImage> wrg_image(Bytes bytes) {
    const Endian endian = be32(bytes, 32) == 0x20040220 ? Endian::big : Endian::little;
    if (word32(bytes, 32, endian) != 0x20040220 || word32(bytes, 36, endian) != 0x20040220 || bytes.size() < kWrgHeader)
        return std::nullopt;
    auto image = image_of(bytes, 40, kWrgHeader, endian);
    if (image)
        image->verify = verify_wrg;
    return image;
}

std::optional<VendorImage> wrgg_image(Bytes bytes) {
    if (le32(bytes, 32) != 0x20080321 || le32(bytes, 36) != 0x20080321 || bytes.size() < kWrggHeader || is_encrypted_wrgg(bytes))
        return std::nullopt;
    // A size read in the wrong order is larger by far.
    const Endian endian = be32(bytes, 104) < le32(bytes, 104) ? Endian::big : Endian::little;
    auto image = image_of(bytes, 104, kWrggHeader, endian);
    if (!image || !is_text_field(bytes, 40, 16, true) || !is_text_field(bytes, 56, 16, true) || !is_text_field(bytes, 88, 16, true))
        return std::nullopt;
    image->description +=
        fmt::format(", model {}, version {}, build {}", field_text(bytes, 56, 16), field_text(bytes, 40, 16), field_text(bytes, 88, 16));
    image->verify = verify_wrgg;
    return image;
}

}  // namespace shirushi::unpack
