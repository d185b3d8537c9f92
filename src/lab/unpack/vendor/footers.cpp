// Containers that are known by their end, and Autel's, which is only recognised: Arcadyan's BRN images (OpenWrt's mkbrnimg.c), QNAP's
// firmware (unblob's _qnap.py), Autel's ECC0101 (ecc.py; onekey-sec/unblob).

#include <fmt/format.h>

#include <algorithm>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBrnAlignment = 0x400;
constexpr std::uint64_t kBrnFooter = 12;
constexpr std::uint64_t kLongestSignature = 32;
constexpr std::size_t kMostFiles = 64;
constexpr std::uint64_t kQnapFooter = 74;
constexpr std::uint64_t kAutelHeader = 32;

/// How long "BRN...", zero-ended, at the very end is; 0 when it is not there.
std::uint64_t brn_signature(Bytes bytes) {
    for (std::uint64_t length = 5; length <= kLongestSignature && length < bytes.size(); ++length) {
        const std::uint64_t at = bytes.size() - length;
        if (stands_at(bytes, at, "BRN") && is_text_field(bytes, at, length) && bytes.back() == 0 && bytes[bytes.size() - 2] != 0)
            return length;
    }
    return 0;
}

std::uint64_t filled_up(std::uint64_t size) {
    return (size + kBrnFooter + kBrnAlignment - 1) / kBrnAlignment * kBrnAlignment;
}

/// From the last to the first, each found from the footer behind it.
std::vector<Part> brn_files(Bytes bytes) {
    std::vector<Part> files;
    std::uint64_t end = bytes.size() - brn_signature(bytes);
    while (end >= kBrnAlignment && files.size() < kMostFiles) {
        const std::uint64_t size = le32(bytes, end - kBrnFooter);
        if (le32(bytes, end - 8) != 0x12345678 || filled_up(size) > end)
            break;
        end -= filled_up(size);
        files.push_back({"", end, size, {}});
    }
    std::ranges::reverse(files);
    return files;
}

std::string verify_brn(Bytes bytes) {
    std::string faults;
    for (const Part& file : brn_files(bytes))
        if (crc32_of(bytes.subspan(file.offset, file.size)) != le32(bytes, file.offset + filled_up(file.size) - 4))
            add_fault(faults, fmt::format("the CRC of the file at 0x{:x} does not match", file.offset));
    return faults;
}

}  // namespace

std::optional<VendorImage> brn_image(Bytes bytes) {
    const std::uint64_t signature = brn_signature(bytes);
    if (signature == 0)
        return std::nullopt;
    VendorImage image{.size = bytes.size(),
                      .trailer = signature,
                      .description = fmt::format("Arcadyan {}", field_text(bytes, bytes.size() - signature, signature)),
                      .verify = verify_brn};
    image.parts = brn_files(bytes);
    if (image.parts.empty())
        return std::nullopt;
    for (std::size_t i = 0; i < image.parts.size(); ++i)
        image.parts[i].name = i == 0 ? "kernel" : fmt::format("file{}", i);
    image.description += fmt::format(", {} files", image.parts.size());
    return image;
}

std::optional<VendorImage> qnap_image(Bytes bytes) {
    const std::uint64_t footer = bytes.size() - std::min<std::uint64_t>(bytes.size(), kQnapFooter);
    const std::uint64_t encrypted = le32(bytes, footer + 6);
    if (footer == 0 || !stands_at(bytes, footer, "icpnas") || encrypted == 0 || encrypted > footer ||
        !is_text_field(bytes, footer + 10, 16) || !is_text_field(bytes, footer + 26, 16))
        return std::nullopt;
    VendorImage image{.size = bytes.size(),
                      .trailer = kQnapFooter,
                      .description = fmt::format("QNAP {}, version {}, date {}, revision {}", field_text(bytes, footer + 10, 16),
                                                 field_text(bytes, footer + 26, 16), field_text(bytes, footer + 42, 16),
                                                 field_text(bytes, footer + 58, 16))};
    image.parts.push_back({"encrypted", 0, encrypted, "with QNAP's own cipher"});
    if (encrypted < footer)
        image.parts.push_back({"payload", encrypted, footer - encrypted, {}});
    return image;
}

std::optional<VendorImage> autel_image(Bytes bytes) {
    const std::uint64_t size = le32(bytes, 8);
    if (!stands_at(bytes, 0, std::string_view("ECC0101\0", 8)) || le32(bytes, 12) != kAutelHeader || size == 0 ||
        bytes.size() <= kAutelHeader)
        return std::nullopt;
    VendorImage image{.size = kAutelHeader + size,
                      .header = kAutelHeader,
                      .description = fmt::format("Autel, {}", field_text(bytes, 16, 16)),
                      .encrypted = "scrambled byte by byte with Autel's own table"};
    image.parts.push_back({"payload", kAutelHeader, size, image.encrypted});
    return image;
}

}  // namespace shirushi::unpack
