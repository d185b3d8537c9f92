// Broadcom: the image tag that CFE of the BCM963xx reads (bcm_tag.h and imagetag.c of OpenWrt: numbers are decimal text; CRC-32, not
// inverted, in the device's byte order), and the tail of whole flash images, "WFI" (bcm4908img.c there).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kTag = 256;
constexpr std::uint64_t kTagSummed = 236;
constexpr std::uint64_t kTail = 20;

/// A component: where it shall lie in memory-mapped flash, and its size.
struct Component {
    std::string_view name;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

std::optional<std::uint64_t> decimal(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
    const std::string text = field_text(bytes, offset, length);
    return text.empty() ? std::optional<std::uint64_t>(0) : to_integer<std::uint64_t>(text);
}

std::optional<std::array<Component, 3>> components_of(Bytes bytes) {
    std::array<Component, 3> all{Component{"cfe"}, Component{"rootfs"}, Component{"kernel"}};
    std::uint64_t at = 72;
    for (Component& one : all) {
        const auto address = decimal(bytes, at, 12);
        const auto size = decimal(bytes, at + 12, 10);
        if (!address || !size)
            return std::nullopt;
        one.address = *address;
        one.size = *size;
        at += 22;
    }
    return all;
}

/// Flash addresses become offsets: the first component begins behind the tag.
std::vector<Part> parts_of(const std::array<Component, 3>& components) {
    std::uint64_t base = UINT64_MAX;
    for (const Component& one : components)
        if (one.size != 0)
            base = std::min(base, one.address);
    std::vector<Part> parts;
    for (const Component& one : components)
        if (one.size != 0)
            parts.push_back({std::string(one.name), kTag + one.address - base, one.size, {}});
    return parts;
}

std::optional<Endian> tag_endian(Bytes bytes) {
    if (bytes.size() < kTag)
        return std::nullopt;
    const std::uint32_t sum = crc32_not_inverted(bytes.first(kTagSummed));
    if (sum == be32(bytes, kTagSummed))
        return Endian::big;
    if (sum == le32(bytes, kTagSummed))
        return Endian::little;
    return std::nullopt;
}

std::string verify_tag(Bytes bytes) {
    const Endian endian = tag_endian(bytes).value_or(Endian::big);
    const auto components = components_of(bytes);
    std::string faults;
    std::uint32_t kernel_sum = 0;
    for (const Part& part : components ? parts_of(*components) : std::vector<Part>()) {
        const std::uint32_t stored = part.name == "rootfs"   ? word32(bytes, 220, endian)
                                     : part.name == "kernel" ? word32(bytes, 224, endian)
                                                             : 0;
        const std::uint32_t sum = part.name == "cfe" ? 0 : crc32_not_inverted(clipped(bytes, part.offset, part.size));
        if (part.name == "kernel")
            kernel_sum = sum;
        if (stored != 0 && stored != sum)
            add_fault(faults, fmt::format("the CRC of {} does not match", part.name));
    }
    // Over all that follows; OpenWrt's own tool takes the kernel only.
    const std::uint32_t image = word32(bytes, 216, endian);
    if (image != 0 && image != kernel_sum && image != crc32_not_inverted(bytes.subspan(kTag)))
        add_fault(faults, "the image's CRC does not match");
    return faults;
}

/// Chips are numbered like their names, in hexadecimal (0x4908) or, five digits long, with the same digits (0x63138).
bool is_tail(Bytes bytes, std::uint64_t at, Endian endian) {
    const std::uint32_t version = word32(bytes, at + 4, endian);
    const std::uint32_t chip = word32(bytes, at + 8, endian);
    const std::uint32_t flash = word32(bytes, at + 12, endian);
    return (version == 0x5732 || version == 0x5731) && chip >= 0x1000 && chip <= 0xfffff && flash >= 1 && flash <= 7 &&
           word32(bytes, at + 16, endian) <= 0xff;
}

std::string verify_wfi(Bytes bytes) {
    const std::uint64_t at = bytes.size() - kTail;
    const Endian endian = is_tail(bytes, at, Endian::little) ? Endian::little : Endian::big;
    return crc32_not_inverted(bytes.first(at)) == word32(bytes, at, endian) ? "" : "the checksum does not match";
}

}  // namespace

std::optional<VendorImage> bcm963xx_image(Bytes bytes) {
    const auto endian = is_text_field(bytes, 0, 4) ? tag_endian(bytes) : std::nullopt;
    const auto components = endian ? components_of(bytes) : std::nullopt;
    const auto length = endian ? decimal(bytes, 62, 10) : std::nullopt;
    if (!components || !length)
        return std::nullopt;
    VendorImage image{.size = kTag + *length, .header = kTag, .checked = true, .verify = verify_tag};
    image.parts = parts_of(*components);
    for (const Part& part : image.parts)
        image.size = std::max(image.size, part.offset + part.size);
    image.description = fmt::format("Broadcom tag {}, {}, chip {}, board {}, {} endian", field_text(bytes, 0, 4), field_text(bytes, 4, 20),
                                    field_text(bytes, 38, 6), field_text(bytes, 44, 16), *endian == Endian::big ? "big" : "little");
    if (const std::string information = field_text(bytes, 162, 30); !information.empty())
        image.description += ", " + information;
    return image;
}

std::optional<VendorImage> wfi_image(Bytes bytes) {
    if (bytes.size() <= kTail)
        return std::nullopt;
    const std::uint64_t at = bytes.size() - kTail;
    const bool little = is_tail(bytes, at, Endian::little);
    if (!little && !is_tail(bytes, at, Endian::big))
        return std::nullopt;
    constexpr std::array kFlashes{"",
                                  "NOR",
                                  "NAND of 16 KiB blocks",
                                  "NAND of 128 KiB blocks",
                                  "NAND of 256 KiB blocks",
                                  "NAND of 512 KiB blocks",
                                  "NAND of 1 MiB blocks",
                                  "NAND of 2 MiB blocks"};
    const Endian endian = little ? Endian::little : Endian::big;
    VendorImage image{.size = bytes.size(),
                      .trailer = kTail,
                      .description = fmt::format("Broadcom whole flash, chip {:x}, {}", word32(bytes, at + 8, endian),
                                                 kFlashes.at(word32(bytes, at + 12, endian))),
                      .verify = verify_wfi};
    image.parts.push_back({"flash", 0, at, {}});
    return image;
}

}  // namespace shirushi::unpack
