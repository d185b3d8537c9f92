// Netgear's three: CHK (OpenWrt mkchkimg.c), the text header of DNI-made devices (mkdniimg.c) and Sercomm's (mksercommfw.c).

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kChkFixed = 40;
constexpr std::uint64_t kChkLongest = kChkFixed + 64;
constexpr std::uint64_t kDniHeader = 128;
constexpr std::uint64_t kSercommHeader = 512;
constexpr std::uint64_t kSercommMark = 71;
constexpr std::uint64_t kSercommFooter = 128;

/// Two running sums, folded to 16 bits each: like Fletcher's, but with plain wrapping in between.
std::uint32_t chk_checksum(std::initializer_list<Bytes> ranges) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    for (const Bytes range : ranges)
        for (const std::uint8_t byte : range) {
            low += byte;
            high += low;
        }
    const auto folded = [](std::uint32_t sum) {
        const std::uint32_t once = (sum & 0xffffU) + (sum >> 16U);
        return (once + (once >> 16U)) & 0xffffU;
    };
    return folded(high) << 16U | folded(low);
}

std::string verify_chk(Bytes bytes) {
    const std::uint64_t header = be32(bytes, 4);
    const std::uint64_t kernel = be32(bytes, 24);
    std::string faults;
    if (chk_checksum({clipped(bytes, header, kernel)}) != be32(bytes, 16))
        add_fault(faults, "the kernel's checksum does not match");
    if (const std::uint32_t rootfs = be32(bytes, 28);
        rootfs != 0 && chk_checksum({clipped(bytes, header + kernel, rootfs)}) != be32(bytes, 20))
        add_fault(faults, "the root file system's checksum does not match");
    if (chk_checksum({bytes.subspan(header)}) != be32(bytes, 32))
        add_fault(faults, "the image's checksum does not match");
    return faults;
}

std::string verify_dni(Bytes bytes) {
    return (byte_sum(bytes) & 0xffU) == 0xff ? "" : "the checksum in its last byte does not match, or more than the image is here";
}

std::string verify_sercomm(Bytes bytes) {
    return (byte_sum(bytes) & 0xffU) == 0 ? ""
                                          : "the sum of all bytes is not zero: the checksum does not match, or more than the image is here";
}

/// "device:WNDR3700\nversion:V1.0.4.68\nregion:NA\n": the value behind a key.
std::string dni_value(std::string_view header, std::string_view key) {
    for (const std::string_view line : lines_of(header))
        if (line.starts_with(key))
            return printable(line.substr(key.size()));
    return {};
}

}  // namespace

std::optional<VendorImage> chk_image(Bytes bytes) {
    const std::uint64_t header = be32(bytes, 4);
    if (!stands_at(bytes, 0, "*#$^") || header <= kChkFixed || header > kChkLongest || bytes.size() < header ||
        !is_text_field(bytes, kChkFixed, header - kChkFixed))
        return std::nullopt;
    constexpr std::uint8_t kZero[4]{};
    const bool checked = chk_checksum({bytes.first(36), kZero, bytes.subspan(kChkFixed, header - kChkFixed)}) == be32(bytes, 36);
    const std::uint64_t kernel = be32(bytes, 24);
    const std::uint64_t rootfs = be32(bytes, 28);
    if (!checked || kernel == 0)
        return std::nullopt;
    const unsigned region = bytes[8];
    const std::string where = region == 1 ? "world" : region == 2 ? "North America" : fmt::format("{}", region);
    VendorImage image{.size = header + kernel + rootfs,
                      .header = header,
                      .description = fmt::format("Netgear board {}, region {}, version {}.{}.{}.{}_{}.{}.{}",
                                                 field_text(bytes, kChkFixed, header - kChkFixed), where, bytes[9], bytes[10], bytes[11],
                                                 bytes[12], bytes[13], bytes[14], bytes[15]),
                      .checked = true,
                      .verify = verify_chk};
    image.parts.push_back({"kernel", header, kernel, {}});
    if (rootfs != 0)
        image.parts.push_back({"rootfs", header + kernel, rootfs, {}});
    return image;
}

std::optional<VendorImage> dni_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "device:") || bytes.size() <= kDniHeader + 1)
        return std::nullopt;
    const Bytes field = bytes.first(kDniHeader);
    const auto end = std::ranges::find(field, std::uint8_t{0});
    const std::string_view text = as_text(Bytes(field.begin(), end));
    const bool only_text = std::ranges::all_of(text, [](char letter) { return letter == '\n' || (letter >= ' ' && letter <= '~'); });
    if (!only_text || text.find("\nversion:") == std::string_view::npos ||
        !std::all_of(end, field.end(), [](std::uint8_t byte) { return byte == 0; }))
        return std::nullopt;
    // There is no size: the image is the whole file, its last byte the checksum.
    VendorImage image{.size = bytes.size(),
                      .header = kDniHeader,
                      .trailer = 1,
                      .description = fmt::format("Netgear {}, version {}", dni_value(text, "device:"), dni_value(text, "version:")),
                      .verify = verify_dni};
    if (const std::string region = dni_value(text, "region:"); !region.empty())
        image.description += ", region " + region;
    if (const std::string hardware = dni_value(text, "hd_id:"); !hardware.empty())
        image.description += ", hardware " + hardware;
    image.parts.push_back({"payload", kDniHeader, bytes.size() - kDniHeader - 1, {}});
    return image;
}

std::optional<VendorImage> sercomm_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "sErCoMm") || !stands_at(bytes, 63, "sErCoMm") || !is_text_field(bytes, 11, 32, true))
        return std::nullopt;
    VendorImage image{.description = fmt::format("Sercomm, hardware {}, hardware version {}, software {:x}", field_text(bytes, 11, 32),
                                                 field_text(bytes, 45, 10), be32(bytes, 55))};
    if (bytes.size() <= kSercommHeader || !is_filled_with(bytes.subspan(kSercommMark, kSercommHeader - 1 - kSercommMark), 0)) {
        image.size = image.header = std::min<std::uint64_t>(bytes.size(), kSercommFooter);
        image.description += " (the mark behind a root file system)";
        return image;
    }
    image.size = bytes.size();  // no size is stated
    image.header = kSercommHeader;
    image.verify = verify_sercomm;
    image.parts.push_back({"payload", kSercommHeader, bytes.size() - kSercommHeader, {}});
    return image;
}

}  // namespace shirushi::unpack
