// Ubiquiti's airOS and UniFi images: OpenWrt's fw.h and mkfwimage.c (firmware-utils). Big endian. A header with the version and its
// CRC-32, sections (PART; newer images also FILE and EXEC of the same shape) each with a CRC-32 of its own, and at the end a CRC-32 of
// all before (END.) or an RSA signature (ENDS).

#include <fmt/format.h>

#include "base/text.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 268;
constexpr std::uint64_t kSummed = 260;
constexpr std::uint64_t kSection = 56;
constexpr std::uint64_t kSectionEnd = 8;
constexpr std::uint64_t kPlainEnd = 12;
constexpr std::uint64_t kSignedEnd = 264;
constexpr std::size_t kMostSections = 256;

bool is_section(Bytes bytes, std::uint64_t at) {
    return (stands_at(bytes, at, "PART") || stands_at(bytes, at, "FILE") || stands_at(bytes, at, "EXEC")) &&
           clipped(bytes, at, kSection).size() == kSection;
}

struct Sections {
    std::vector<Part> parts;
    std::uint64_t end = kHeader;
};

Sections sections_of(Bytes bytes) {
    Sections sections;
    while (sections.parts.size() < kMostSections && sections.end < bytes.size() && is_section(bytes, sections.end)) {
        const std::uint64_t size = be32(bytes, sections.end + 48);
        const std::string_view name = as_text(clipped(bytes, sections.end + 4, 16));
        sections.parts.push_back({std::string(name.substr(0, name.find('\0'))), sections.end + kSection, size, {}});
        sections.end += kSection + size + kSectionEnd;
    }
    return sections;
}

std::string verify_ubnt(Bytes bytes) {
    std::string faults;
    const Sections sections = sections_of(bytes);
    for (const Part& part : sections.parts)
        if (crc32_of(clipped(bytes, part.offset - kSection, kSection + part.size)) != be32(bytes, part.offset + part.size))
            add_fault(faults, fmt::format("the CRC of {} does not match", printable(part.name)));
    if (stands_at(bytes, sections.end, "END.")) {
        if (crc32_of(bytes.first(sections.end)) != be32(bytes, sections.end + 4))
            add_fault(faults, "the image's CRC does not match");
    } else if (!stands_at(bytes, sections.end, "ENDS")) {
        add_fault(faults, "its end is not there");
    }
    return faults;
}

}  // namespace

std::optional<VendorImage> ubnt_image(Bytes bytes) {
    if ((!stands_at(bytes, 0, "UBNT") && !stands_at(bytes, 0, "OPEN") && !stands_at(bytes, 0, "GEOS")) || bytes.size() <= kHeader ||
        crc32_of(bytes.first(kSummed)) != be32(bytes, kSummed))
        return std::nullopt;
    Sections sections = sections_of(bytes);
    if (sections.parts.empty())
        return std::nullopt;
    const bool is_signed = stands_at(bytes, sections.end, "ENDS");
    const bool plain = stands_at(bytes, sections.end, "END.");
    VendorImage image{.size = sections.end + (is_signed ? kSignedEnd
                                              : plain   ? kPlainEnd
                                                        : 0),
                      .header = kHeader,
                      .checked = true,
                      .verify = verify_ubnt};
    image.trailer = image.size - sections.end;
    image.description =
        fmt::format("Ubiquiti {}, version {}, {} sections, {}", as_text(bytes.first(4)), field_text(bytes, 4, 256), sections.parts.size(),
                    is_signed ? "signed (RSA)"
                    : plain   ? "not signed"
                              : "without an end");
    // Between two sections lie checksum and header of the next: nothing that needs a part.
    image.parts = std::move(sections.parts);
    return image;
}

}  // namespace shirushi::unpack
