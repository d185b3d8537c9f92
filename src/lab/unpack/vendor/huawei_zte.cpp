// Optical network terminals. Huawei's HWNP: huawei_header.h (0xuserpag3/HuaweiFirmwareTool): little endian, a list of products, items of
// 360 bytes with path, section, version, CRC-32. ZTE's header of 320 bytes: taken apart in 0xXA's notes on the AS111 (offsets, sizes and
// the header's CRC-32 over bytes 0x14 to 0xd7), little endian.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHwnpHeader = 36;
constexpr std::uint64_t kHwnpItem = 360;
constexpr std::uint32_t kMostItems = 1024;
constexpr std::uint64_t kZteHeader = 0x140;
constexpr std::uint64_t kZteSummedFrom = 0x14;
constexpr std::uint64_t kZteSum = 0xd8;

struct Items {
    std::uint64_t first = 0;
    std::uint64_t item_size = 0;
    std::uint32_t count = 0;
    [[nodiscard]] std::uint64_t at(std::uint32_t i) const { return first + i * item_size; }
};

std::optional<Items> items_of(Bytes bytes) {
    const Items items{
        .first = kHwnpHeader + le16(bytes, 26), .item_size = le32(bytes, 28) == 0 ? kHwnpItem : le32(bytes, 28), .count = le32(bytes, 20)};
    if (!stands_at(bytes, 0, "HWNP") || items.count == 0 || items.count > kMostItems || items.item_size < kHwnpItem ||
        items.item_size > 4096 || bytes.size() < items.at(items.count))
        return std::nullopt;
    return items;
}

std::string verify_hwnp(Bytes bytes) {
    std::string faults;
    const auto items = items_of(bytes);
    for (std::uint32_t i = 0; items && i < items->count; ++i) {
        const std::uint64_t at = items->at(i);
        if (crc32_of(clipped(bytes, le32(bytes, at + 8), le32(bytes, at + 12))) != le32(bytes, at + 4))
            add_fault(faults, fmt::format("the CRC of {} does not match", field_text(bytes, at + 16, 256)));
    }
    return excerpt(faults, 1000);
}

std::string verify_zte(Bytes bytes) {
    const Bytes rootfs = clipped(bytes, le32(bytes, 0x74), le32(bytes, 0x64));
    return rootfs.empty() || crc32_of(rootfs) == le32(bytes, 0x60) ? "" : "the root file system's CRC does not match";
}

}  // namespace

std::optional<VendorImage> hwnp_image(Bytes bytes) {
    const auto items = items_of(bytes);
    if (!items)
        return std::nullopt;
    VendorImage image{.size = items->at(items->count), .header = items->at(items->count), .verify = verify_hwnp};
    for (std::uint32_t i = 0; i < items->count; ++i) {
        const std::uint64_t at = items->at(i);
        const std::uint64_t offset = le32(bytes, at + 8);
        const std::uint64_t size = le32(bytes, at + 12);
        const std::string path = field_text(bytes, at + 16, 256);
        // "flash:rootfs", "file:/var/UpgradeCheck.xml"
        if (!is_text_field(bytes, at + 16, 256) || path.find(':') == std::string::npos || !is_text_field(bytes, at + 272, 16, true) ||
            (size != 0 && offset < image.header))
            return std::nullopt;
        if (size != 0)
            image.parts.push_back({path, offset, size, {}});
        image.size = std::max(image.size, offset + size);
    }
    if (image.parts.empty())
        return std::nullopt;
    image.description = fmt::format("Huawei, {} items", items->count);
    if (const std::string version = field_text(bytes, items->first + 288, 64); !version.empty())
        image.description += ", version " + version;
    if (const std::string products = field_text(bytes, kHwnpHeader, items->first - kHwnpHeader); !products.empty())
        image.description += ", for " + excerpt(products);
    return image;
}

std::optional<VendorImage> zte_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa") || bytes.size() <= kZteHeader ||
        crc32_of(bytes.subspan(kZteSummedFrom, kZteSum - kZteSummedFrom)) != le32(bytes, kZteSum))
        return std::nullopt;
    const std::uint64_t kernel = le32(bytes, 0x5c);
    const std::uint64_t kernel_size = le32(bytes, 0x58);
    const std::uint64_t rootfs = le32(bytes, 0x74);
    const std::uint64_t rootfs_size = le32(bytes, 0x64);
    if (kernel < kZteHeader || kernel_size == 0)
        return std::nullopt;
    const bool with_rootfs = rootfs >= kernel + kernel_size && rootfs_size != 0;
    VendorImage image{.size = with_rootfs ? rootfs + rootfs_size : kernel + kernel_size,
                      .header = kernel,
                      .description = fmt::format("ZTE version {}, {}, made {}", field_text(bytes, 0x24, 32), field_text(bytes, 0x90, 48),
                                                 field_text(bytes, 0xdc, 16)),
                      .checked = true,
                      .verify = with_rootfs ? verify_zte : nullptr};
    image.parts.push_back({"kernel", kernel, kernel_size, {}});
    if (with_rootfs)
        image.parts.push_back({"rootfs", rootfs, rootfs_size, {}});
    return image;
}

}  // namespace shirushi::unpack
