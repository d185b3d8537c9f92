// Qualcomm's boot images. The 40-byte header (MBN version 3), the 80-byte one of secondary boot loaders and the headers inside the hash
// segment of ELF images (versions 3, 5, 6): coreboot's util/qualcomm/mbn_tools.py, qtestsign's fw/mbn.py (msm8916-mainline/qtestsign) and
// OpenPST's mbn.h. Little endian. Signatures and certificates are reported, not verified.

#include <fmt/format.h>

#include <algorithm>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMbnHeader = 40;
constexpr std::uint64_t kMbn6Header = 48;
constexpr std::uint64_t kSblHeader = 80;
constexpr std::uint64_t kSmallestElf = 64;  // a segment before that is the header of the file itself
constexpr std::size_t kMostSegments = 64;
constexpr int kMostCertificates = 16;

/// Code, signature and chain of certificates, one behind the other.
struct Sizes {
    std::uint64_t code = 0;
    std::uint64_t signature = 0;
    std::uint64_t certificates = 0;
    [[nodiscard]] std::uint64_t all() const { return code + signature + certificates; }
};

/// DER sequences with two bytes of length, one after the other; what fills the rest is 0xff or zeros.
int certificates_in(Bytes chain) {
    int count = 0;
    for (std::uint64_t at = 0; count < kMostCertificates && be16(chain, at) == 0x3082; ++count)
        at += 4 + std::uint64_t{be16(chain, at + 2)};
    return count;
}

std::string signature_text(Bytes bytes, std::uint64_t at, const Sizes& sizes) {
    if (sizes.signature == 0 && sizes.certificates == 0)
        return "not signed";
    return fmt::format("signature of {} bytes, {} certificates in {} bytes", sizes.signature,
                       certificates_in(clipped(bytes, at + sizes.code + sizes.signature, sizes.certificates)), sizes.certificates);
}

void add_parts(VendorImage& image, std::uint64_t at, const Sizes& sizes, std::string_view code) {
    image.parts.push_back({std::string(code), at, sizes.code, {}});
    if (sizes.signature != 0)
        image.parts.push_back({"signature", at + sizes.code, sizes.signature, {}});
    if (sizes.certificates != 0)
        image.parts.push_back({"certificates", at + sizes.code + sizes.signature, sizes.certificates, {}});
}

/// The fields from the image's address on are the same in both headers. Addresses of signature and chain must follow from the sizes.
std::optional<Sizes> sizes_at(Bytes bytes, std::uint64_t at) {
    const Sizes sizes{.code = le32(bytes, at + 8), .signature = le32(bytes, at + 16), .certificates = le32(bytes, at + 24)};
    const std::uint64_t address = le32(bytes, at);
    const bool fits = sizes.code != 0 && sizes.all() == le32(bytes, at + 4) && le32(bytes, at + 12) == address + sizes.code &&
                      le32(bytes, at + 20) == address + sizes.code + sizes.signature;
    return fits && address % 4 == 0 ? std::optional(sizes) : std::nullopt;
}

struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t address = 0;
    std::uint32_t flags = 0;
    [[nodiscard]] bool holds_hashes() const { return (flags >> 24U & 7U) == 2; }  // Qualcomm's use of p_flags
};

std::vector<Segment> segments_of(Bytes bytes) {
    const bool wide = bytes.size() > 64 && bytes[4] == 2;
    const std::uint64_t table = wide ? le64(bytes, 32) : le32(bytes, 28);
    const std::uint64_t entry_size = le16(bytes, wide ? 54 : 42);
    const std::size_t count = le16(bytes, wide ? 56 : 44);
    std::vector<Segment> segments;
    if (entry_size != (wide ? 56U : 32U) || count > kMostSegments || table > bytes.size())
        return segments;
    for (std::size_t i = 0; i < count; ++i) {
        const Bytes entry = clipped(bytes, table + i * entry_size, entry_size);
        segments.push_back(wide ? Segment{le64(entry, 8), le64(entry, 32), le64(entry, 24), le32(entry, 4)}
                                : Segment{le32(entry, 4), le32(entry, 16), le32(entry, 12), le32(entry, 24)});
    }
    return segments;
}

/// What the hash segment holds: a header, SHA-1, SHA-256 or SHA-384 digests of all segments, signatures and certificates.
struct Hashes {
    unsigned version = 0;
    std::uint64_t header = 0;
    Sizes sizes;
    std::uint64_t makers_own = 0;  // signature and chain of Qualcomm itself, in front of the device maker's
};

std::optional<Hashes> hashes_of(Bytes segment, std::size_t segments) {
    Hashes hashes{.version = le32(segment, 4),
                  .header = kMbnHeader,
                  .sizes = {.code = le32(segment, 20), .signature = le32(segment, 28), .certificates = le32(segment, 36)}};
    if (hashes.version == 6) {
        hashes.header = kMbn6Header + le32(segment, 40) + le32(segment, 44);  // metadata of Qualcomm and of the device's maker
        hashes.makers_own = std::uint64_t{le32(segment, 8)} + le32(segment, 12);
    } else if (hashes.version == 5) {
        hashes.makers_own = std::uint64_t{le32(segment, 8)} + le32(segment, 12);
    } else if (hashes.version != 3) {
        return std::nullopt;
    }
    const std::uint64_t one = segments == 0 ? 0 : hashes.sizes.code / segments;
    const bool digests = hashes.sizes.code % std::max<std::size_t>(segments, 1) == 0 && (one == 20 || one == 32 || one == 48);
    return digests && hashes.header + hashes.makers_own + hashes.sizes.all() <= segment.size() ? std::optional(hashes) : std::nullopt;
}

}  // namespace

std::optional<VendorImage> mbn_image(Bytes bytes) {
    const auto sizes = sizes_at(bytes, 12);
    if (!sizes || bytes.size() <= kMbnHeader || le32(bytes, 4) != 3 || le32(bytes, 0) > 0xff || le32(bytes, 8) != 0)
        return std::nullopt;
    VendorImage image{.size = kMbnHeader + sizes->all(),
                      .header = kMbnHeader,
                      .description = fmt::format("Qualcomm MBN version 3, image {}, load 0x{:08x}, {}", le32(bytes, 0), le32(bytes, 12),
                                                 signature_text(bytes, kMbnHeader, *sizes))};
    add_parts(image, kMbnHeader, *sizes, "code");
    return image;
}

std::optional<VendorImage> sbl_image(Bytes bytes) {
    if (le32(bytes, 0) != 0x844bdcd1 || le32(bytes, 4) != 0x73d71034 || bytes.size() <= kSblHeader)
        return std::nullopt;
    const auto sizes = sizes_at(bytes, 24);
    const std::uint64_t from = le32(bytes, 20);
    if (!sizes || from < kSblHeader || from > 65536)
        return std::nullopt;
    VendorImage image{.size = from + sizes->all(),
                      .header = kSblHeader,
                      .description = fmt::format("Qualcomm secondary boot loader, image {}, load 0x{:08x}, {}", le32(bytes, 8),
                                                 le32(bytes, 24), signature_text(bytes, from, *sizes)),
                      .checked = true};
    if (const std::uint32_t roots = le32(bytes, 56); roots != 0 && roots <= 16)
        image.description += fmt::format(", root certificate {} of {}", le32(bytes, 52), roots);
    add_parts(image, from, *sizes, "code");
    return image;
}

std::optional<VendorImage> qualcomm_elf_image(Bytes bytes) {
    if (!stands_at(bytes, 0,
                   "\x7f"
                   "ELF") ||
        bytes.size() < kSmallestElf || bytes[5] != 1)
        return std::nullopt;
    const std::vector<Segment> segments = segments_of(bytes);
    const auto with_hashes = std::ranges::find_if(segments, &Segment::holds_hashes);
    if (with_hashes == segments.end() || with_hashes->offset > bytes.size())
        return std::nullopt;
    const auto hashes = hashes_of(clipped(bytes, with_hashes->offset, with_hashes->size), segments.size());
    if (!hashes)
        return std::nullopt;
    VendorImage image{.checked = true};
    const std::uint64_t digests = with_hashes->offset + hashes->header;
    const std::uint64_t own = digests + hashes->sizes.code;
    Sizes sizes = hashes->sizes;
    sizes.code += hashes->makers_own;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& one = segments[i];
        if (one.offset > UINT32_MAX || one.size > UINT32_MAX)
            return std::nullopt;
        image.size = std::max(image.size, one.offset + one.size);
        if (!one.holds_hashes() && one.size != 0 && one.offset >= kSmallestElf)
            image.parts.push_back({fmt::format("segment{}-0x{:x}", i, one.address), one.offset, one.size, {}});
    }
    image.description = fmt::format("Qualcomm ELF, {} segments, hash segment version {}, {}{}", segments.size(), hashes->version,
                                    signature_text(bytes, digests, sizes), hashes->makers_own != 0 ? ", signed by Qualcomm, too" : "");
    image.parts.push_back({"hashes", digests, hashes->sizes.code, {}});
    if (hashes->makers_own != 0)
        image.parts.push_back({"qualcomm-signature", own, hashes->makers_own, {}});
    Sizes rest = hashes->sizes;
    rest.code = 0;
    add_parts(image, own + hashes->makers_own, rest, "");
    std::erase_if(image.parts, [](const Part& part) { return part.name.empty(); });
    image.header = std::ranges::min_element(image.parts, {}, &Part::offset)->offset;
    return image;
}

}  // namespace shirushi::unpack
