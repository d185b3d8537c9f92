// D-Link's other containers. Sources: OpenWrt's mkdlinkfw-lib.h (JBOOT's update header), binwalk 3's structures jboot.rs, dlink_tlv.rs,
// mh01.rs, dkbs.rs and packimg.rs (ReFirmLabs/binwalk), unblob's fpkg.py and deafbead.py (onekey-sec/unblob).

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kJbootHeader = 80;
constexpr std::uint64_t kTlvHeader = 0x74;
constexpr std::uint64_t kMh01Header = 32;
constexpr std::uint64_t kLongestFooter = 65536;
constexpr std::uint64_t kDkbsHeader = 0xa0;
constexpr std::uint64_t kPackimgHeader = 32;
constexpr std::uint64_t kFpkgEntry = 28;
constexpr std::size_t kMostEntries = 4096;
constexpr std::uint64_t kLongestName = 1024;

/// What openssl enc writes, and D-Link's updaters read.
bool is_salted(Bytes bytes, std::uint64_t offset) {
    return stands_at(bytes, offset, "Salted__");
}

std::string verify_tlv(Bytes bytes) {
    const std::string stored = lowered(field_text(bytes, 0x4c, 32));
    if (stored.empty())
        return {};
    return stored == to_hex(crypto::md5({bytes.subspan(kTlvHeader - 8)})) ? "" : "the MD5 does not match";
}

/// A header of JBOOT (whose update headers begin with a name of twelve characters) at `at`.
bool is_jboot_header(Bytes bytes, std::uint64_t at) {
    const Bytes header = clipped(bytes, at, kJbootHeader);
    return header.size() == kJbootHeader && is_text_field(header, 0, 12) && le32(header, 16) == 0 && le32(header, 20) == 0 &&
           le16(header, 24) == 0 && header[26] == 1 && header[27] == 0 && is_filled_with(header.subspan(48, 16), 0) &&
           le16(header, 64) == 0x4842 && le16(header, 66) == 2 && le16(header, 68) == 0 && le32(header, 44) != 0;
}

std::optional<Part> deafbead_entry(Bytes bytes, std::uint64_t& at) {
    const unsigned kind = at < bytes.size() ? bytes[at] : 0;
    const std::uint64_t length = le16(bytes, at + 1);
    if ((kind != 0x86 && kind != 0x87) || length == 0 || length > kLongestName || clipped(bytes, at + 3, length).size() < length)
        return std::nullopt;
    std::string name(as_text(clipped(bytes, at + 3, length)));
    std::ranges::replace(name, '\\', '/');
    Part part{.name = std::move(name), .offset = at + 3 + length, .size = 0, .encrypted = {}};
    if (kind == 0x87) {
        part.size = le32(bytes, part.offset);
        part.offset += 4;
        if (part.size == 0)
            return std::nullopt;
    }
    at = part.offset + part.size;
    return part;
}

}  // namespace

std::optional<VendorImage> jboot_image(Bytes bytes) {
    if (!is_jboot_header(bytes, 0))
        return std::nullopt;
    const std::string rom = field_text(bytes, 0, 12);
    const std::uint64_t first = le32(bytes, 44);
    VendorImage image{.size = kJbootHeader + first,
                      .header = kJbootHeader,
                      .description = fmt::format("JBOOT, ROM {}, flash 0x{:x} to 0x{:x}, erases 0x{:x} from 0x{:x} on", rom,
                                                 le32(bytes, 40), le32(bytes, 40) + first, le32(bytes, 36), le32(bytes, 32)),
                      .checked = true};
    const bool signed_and_encrypted = (rom == "DLK6E8202001" || rom == "DLK6E6110002") && is_jboot_header(bytes, image.size);
    image.parts.push_back({signed_and_encrypted ? "signature" : "payload", kJbootHeader, first, {}});
    if (signed_and_encrypted) {
        const std::uint64_t second = image.size + kJbootHeader;
        const std::uint64_t size = le32(bytes, image.size + 44);
        image.parts.push_back({"payload", second, size, "as every image with this ROM identifier is; its key is not known here"});
        image.size = second + size;
    }
    return image;
}

std::optional<VendorImage> dlink_tlv_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "\x64\x80\x19\x40") || bytes.size() < kTlvHeader || !is_text_field(bytes, 4, 32) ||
        !is_text_field(bytes, 0x24, 32) || le32(bytes, 0x6c) != 1 || le32(bytes, 0x70) == 0 || !is_text_field(bytes, 0x4c, 32, true))
        return std::nullopt;
    const std::uint64_t size = le32(bytes, 0x70);
    VendorImage image{.size = kTlvHeader + size,
                      .header = kTlvHeader,
                      .description = fmt::format("D-Link {}, board {}", field_text(bytes, 4, 32), field_text(bytes, 0x24, 32)),
                      .verify = verify_tlv};
    image.parts.push_back({"payload", kTlvHeader, size, is_salted(bytes, kTlvHeader) ? "with a password, as openssl enc does" : ""});
    return image;
}

std::optional<VendorImage> mh01_image(Bytes bytes) {
    const std::uint64_t footer = le32(bytes, 8);
    const std::uint64_t text = le32(bytes, 20);
    const std::uint64_t size = le32(bytes, 24);
    if (!stands_at(bytes, 0, "MH01") || !stands_at(bytes, 16, "MH01") || text == 0 || text > 256 ||
        clipped(bytes, kMh01Header, text).size() < text || size == 0)
        return std::nullopt;
    const std::string vector = field_text(bytes, kMh01Header, text);
    const std::uint64_t payload = kMh01Header + text;
    VendorImage image{.size = payload + size + (footer <= kLongestFooter ? footer : 0),
                      .header = payload,
                      .description = fmt::format("D-Link, text {}", excerpt(vector)),
                      .encrypted = "by openssl enc, with a password that only the device knows"};
    image.parts.push_back({"payload", payload, size, image.encrypted});
    return image;
}

std::optional<VendorImage> dkbs_image(Bytes bytes) {
    if (!stands_at(bytes, 7, "_dkbs_") || bytes.size() < kDkbsHeader || !is_text_field(bytes, 0, 32) || !is_text_field(bytes, 0x28, 32) ||
        !is_text_field(bytes, 0x70, 32))
        return std::nullopt;
    const Endian endian = be32(bytes, 0x68) < le32(bytes, 0x68) ? Endian::big : Endian::little;
    const std::uint64_t size = word32(bytes, 0x68, endian);
    if (size == 0 || size >= std::uint64_t{1} << 28)
        return std::nullopt;
    VendorImage image{
        .size = kDkbsHeader + size,
        .header = kDkbsHeader,
        .description = fmt::format("board {}, version {}, device {}, {} endian", field_text(bytes, 0, 32), field_text(bytes, 0x28, 32),
                                   field_text(bytes, 0x70, 32), endian == Endian::big ? "big" : "little")};
    image.parts.push_back({"payload", kDkbsHeader, size, {}});
    return image;
}

std::optional<VendorImage> packimg_image(Bytes bytes) {
    const std::uint64_t size = le32(bytes, 16);
    if (!stands_at(bytes, 0, "--PaCkImGs--") || bytes.size() <= kPackimgHeader || size == 0)
        return std::nullopt;
    VendorImage image{
        .size = kPackimgHeader + size, .header = kPackimgHeader, .description = "the tag between kernel and root file system"};
    image.parts.push_back({"rootfs", kPackimgHeader, size, {}});
    return image;
}

std::optional<VendorImage> fpkg_image(Bytes bytes) {
    const std::uint64_t first = be32(bytes, 8);
    if ((!stands_at(bytes, 0, "FPKG") && !stands_at(bytes, 0, "CPKG")) || be32(bytes, 4) != 0x01000000 || first < 12 ||
        first > kLongestName || bytes.size() < first)
        return std::nullopt;
    VendorImage image{.size = first, .header = first};
    if (const std::uint32_t length = be32(bytes, 16); bytes[0] == 'F' && length != 0 && length + 20 <= first)
        image.description = fmt::format("D-Link {}, ", field_text(bytes, 20, length));
    while (image.parts.size() < kMostEntries && image.size + kFpkgEntry <= bytes.size()) {
        const Bytes entry = bytes.subspan(image.size, kFpkgEntry);
        const unsigned kind = be16(entry, 4);
        if (be32(entry, 0) != kFpkgEntry || kind < 0x100 || kind > 0x103 || !is_text_field(entry, 12, 16))
            break;
        const std::uint64_t size = be32(entry, 8);
        image.parts.push_back({field_text(entry, 12, 16), image.size + kFpkgEntry, size, {}});
        image.size += kFpkgEntry + size;
    }
    if (image.parts.empty())
        return std::nullopt;
    image.description += fmt::format("{} files", image.parts.size());
    return image;
}

std::optional<VendorImage> deafbead_image(Bytes bytes) {
    if (!stands_at(bytes, 0, "\xde\xaf\xbe\xad"))
        return std::nullopt;
    VendorImage image{.size = 4, .header = 4};
    std::size_t entries = 0;
    while (entries < kMostEntries) {
        auto part = deafbead_entry(bytes, image.size);
        if (!part)
            break;
        ++entries;
        image.header = image.parts.empty() ? part->offset : image.header;
        if (part->size != 0)
            image.parts.push_back(std::move(*part));
    }
    if (image.parts.empty())
        return std::nullopt;
    image.description = fmt::format("D-Link, {} files", image.parts.size());
    return image;
}

}  // namespace shirushi::unpack
