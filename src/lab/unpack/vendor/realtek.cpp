// Realtek: the sections that its boot loaders search flash for (OpenWrt's cvimg.c), Edimax's CSYS of the same family in both its forms
// (mkcsysimg.c and mkedimaximg.c there), and RTK0 (binwalk 3's rtk.rs). The sum of all 16-bit words, checksum included, is zero.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 16;
constexpr std::uint32_t kLargest = std::uint32_t{1} << 26;

struct Signature {
    std::string_view text;
    std::string_view role;
    bool runs;  // has an address in memory to be started at
};
constexpr std::array kSignatures{
    Signature{"cs6b", "kernel", true},     Signature{"cs6c", "kernel", true},    Signature{"csys", "kernel", true},
    Signature{"cr6b", "firmware", true},   Signature{"cr6c", "firmware", true},  Signature{"csro", "firmware", true},
    Signature{"r6br", "rootfs", false},    Signature{"r6cr", "rootfs", false},   Signature{"w6bg", "web pages", false},
    Signature{"w6cg", "web pages", false}, Signature{"w6cp", "web pages", false}};

std::uint16_t word_sum(Bytes bytes, Endian endian) {
    std::uint32_t sum = 0;
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2)
        sum += endian == Endian::big ? load_be<std::uint16_t>(bytes.data() + i) : load_le<std::uint16_t>(bytes.data() + i);
    if (i < bytes.size())
        sum += endian == Endian::big ? bytes[i] * 256U : bytes[i];
    return static_cast<std::uint16_t>(sum);
}

std::string verify_section(Bytes bytes) {
    return word_sum(bytes.subspan(kHeader), Endian::big) == 0 ? "" : "the checksum does not match";
}

std::optional<VendorImage> csys_with(Bytes bytes, std::uint64_t header, Endian endian) {
    const std::uint64_t size = word32(bytes, header - 4, endian);
    const std::uint32_t load = word32(bytes, 4, endian);
    // "CSYS" stands in texts, and a sum of 16 bits fits by chance: the address is one of KSEG0 and KSEG1, or of flash.
    if ((load > kLargest && (load < 0x80000000 || load >= 0xc0000000)) || (header == 20 && word32(bytes, 8, endian) > kLargest))
        return std::nullopt;
    if (size < 4 || size > kLargest || size % 2 != 0 || bytes.size() < header + size || word_sum(bytes.subspan(header, size), endian) != 0)
        return std::nullopt;
    VendorImage image{.size = header + size, .header = header, .trailer = 2, .checked = true};
    image.description = fmt::format("Edimax, {} endian, load 0x{:08x}", endian == Endian::big ? "big" : "little", load);
    if (header == 20)
        image.description += fmt::format(", flash 0x{:x}, model {}", word32(bytes, 8, endian), field_text(bytes, 12, 4));
    image.parts.push_back({"payload", header, size - 2, {}});
    return image;
}

}  // namespace

std::optional<VendorImage> realtek_image(Bytes bytes) {
    const auto known = std::ranges::find_if(kSignatures, [&](const Signature& one) { return stands_at(bytes, 0, one.text); });
    const std::uint32_t start = be32(bytes, 4);
    const std::uint32_t burn = be32(bytes, 8);
    const std::uint32_t size = be32(bytes, 12);
    if (known == kSignatures.end() || bytes.size() <= kHeader || size <= 2 || size > kLargest || burn > kLargest)
        return std::nullopt;
    // MIPS kernels start in KSEG0 or KSEG1; what does not run names its place in flash twice.
    if (known->runs ? start < 0x80000000 || start >= 0xc0000000 : start > kLargest)
        return std::nullopt;
    VendorImage image{.size = kHeader + std::uint64_t{size},
                      .header = kHeader,
                      .trailer = 2,
                      .description = fmt::format("Realtek {} ({}){}, flash 0x{:x}", known->role, known->text,
                                                 known->runs ? address_text("start", start) : "", burn),
                      .verify = verify_section};
    image.parts.push_back({std::string(known->role), kHeader, size - 2, {}});
    return image;
}

std::optional<VendorImage> csys_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "CSYS"))
        return std::nullopt;
    for (const std::uint64_t header : {std::uint64_t{12}, std::uint64_t{20}})
        for (const Endian endian : {Endian::little, Endian::big})
            if (auto image = csys_with(bytes, header, endian))
                return image;
    return std::nullopt;
}

std::optional<VendorImage> rtk0_image(Bytes bytes) {
    const std::uint64_t header = std::uint64_t{le32(bytes, 16)} + 4;
    if (!stands_at(bytes, 0, "RTK0") || le32(bytes, 4) != bytes.size() || header < 32 || header >= bytes.size())
        return std::nullopt;
    VendorImage image{.size = bytes.size(), .header = header, .description = fmt::format("Realtek, checksum 0x{:08x}", le32(bytes, 8))};
    image.parts.push_back({"payload", header, bytes.size() - header, {}});
    return image;
}

}  // namespace shirushi::unpack
