// Linksys: the code pattern in front of a TRX (OpenWrt's addpattern.c, after CyberTAN's cyutils.h), and the footer of newer devices
// (scripts/linksys-image.sh of OpenWrt 19.07: 256 bytes of text and zeros, the checksum that of cksum, in some files a newline more).

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 32;
constexpr std::uint64_t kFooter = 256;
constexpr std::uint64_t kFooterText = 64;

std::uint64_t footer_size(Bytes bytes) {
    for (const std::uint64_t size : {kFooter, kFooter + 1})
        if (bytes.size() > size && stands_at(bytes, bytes.size() - size, ".LINKSYS."))
            return size;
    return 0;
}

std::string verify_footer(Bytes bytes) {
    const std::uint64_t payload = bytes.size() - footer_size(bytes);
    const auto stored = to_integer<std::uint32_t>(trimmed(as_text(clipped(bytes, payload + 32, 8))), 16);
    if (!stored)
        return "the checksum is none";
    return posix_checksum(bytes.first(payload)) == *stored ? "" : "the checksum does not match";
}

}  // namespace

std::optional<VendorImage> linksys_header_image(Bytes bytes) {
    const auto is_letter = [](std::uint8_t byte) {
        return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    };
    if (!stands_at(bytes, 14, "U2ND") || bytes.size() <= kHeader || !std::ranges::all_of(bytes.first(4), is_letter) || bytes[9] == 0 ||
        bytes[9] > 12 || bytes[10] == 0 || bytes[10] > 31 || bytes[8] > 99)
        return std::nullopt;
    // The pattern says no size; a TRX behind it does.
    const bool trx = stands_at(bytes, kHeader, "HDR0") && le32(bytes, kHeader + 4) != 0;
    const std::uint64_t payload = trx ? le32(bytes, kHeader + 4) : bytes.size() - kHeader;
    VendorImage image{.size = kHeader + payload,
                      .header = kHeader,
                      .description = fmt::format("Linksys {}, version {}.{}.{} of 20{:02}-{:02}-{:02}, hardware {}, flags 0x{:x}",
                                                 as_text(bytes.first(4)), bytes[11], bytes[12], bytes[13], bytes[8], bytes[9], bytes[10],
                                                 bytes[18], le16(bytes, 20))};
    image.parts.push_back({trx ? "trx" : "payload", kHeader, payload, {}});
    return image;
}

std::optional<VendorImage> linksys_footer_image(Bytes bytes) {
    const std::uint64_t footer = footer_size(bytes);
    const std::uint64_t payload = bytes.size() - footer;
    if (footer == 0 || !is_text_field(bytes, payload, kFooterText) ||
        !is_filled_with(bytes.subspan(payload + kFooterText, kFooter - kFooterText), 0))
        return std::nullopt;
    VendorImage image{.size = bytes.size(),
                      .trailer = footer,
                      .description = fmt::format("Linksys {}", field_text(bytes, payload + 17, 15)),
                      .verify = verify_footer};
    image.parts.push_back({"payload", 0, payload, {}});
    return image;
}

}  // namespace shirushi::unpack
