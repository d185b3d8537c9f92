#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/android/android_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSmallestHeader = 1632;  // version 0, with the second part of the command line
constexpr std::uint64_t kSmallestVendorHeader = 2112;
constexpr std::uint64_t kVendorEntry = 108;
constexpr std::uint32_t kMostRamdisks = 64;      // of one vendor_boot; real ones have up to four
constexpr std::size_t kShownCommandLine = 300;

struct Piece {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
};

struct Image {
    std::uint32_t version = 0;
    std::uint64_t page = 4096;
    std::string name;
    std::string command_line;
    std::uint32_t system_version = 0;
    std::vector<Piece> pieces;  // one after the other, each filled up to a page
    Bytes id;                   // empty where the version has none
    std::uint64_t claimed = 0;
};

std::string text_at(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
    const std::string_view raw = as_text(clipped(bytes, offset, size));
    return std::string(raw.substr(0, raw.find('\0')));
}

std::uint64_t filled(std::uint64_t size, std::uint64_t page) { return (size + page - 1) / page * page; }

bool plausible_page(std::uint64_t page) { return std::has_single_bit(page) && page >= 512 && page <= 65536; }

void lay_out(Image& image, std::uint64_t header) {
    std::uint64_t at = filled(header, image.page);
    for (Piece& piece : image.pieces) {
        piece.offset = at;
        if (piece.size != 0)
            image.claimed = at + piece.size;
        at += filled(piece.size, image.page);
    }
}

/// Versions 0 to 2: page size and addresses are in the header.
std::optional<Image> old_image_of(Bytes bytes) {
    const auto word = [&](std::size_t at) { return load_le<std::uint32_t>(bytes.data() + at); };
    if (bytes.size() < kSmallestHeader)
        return std::nullopt;
    const std::uint32_t version = word(40);
    // What became the version was the size of Qualcomm's table of device trees before.
    Image image{.version = version <= 2 ? version : 0, .page = word(36), .name = text_at(bytes, 48, 16), .command_line = text_at(bytes, 64, 512) + text_at(bytes, 608, 1024),
                .system_version = word(44), .id = bytes.subspan(576, 32)};
    if (!plausible_page(image.page) || word(8) == 0 || (version > 4 && version < 512))
        return std::nullopt;
    image.pieces = {{"kernel", word(8)}, {"ramdisk", word(16)}, {"second", word(24)}};
    std::uint64_t header = kSmallestHeader;
    if (image.version >= 1) {
        header = image.version == 1 ? 1648 : 1660;
        if (bytes.size() < header || word(1644) != header)
            return std::nullopt;
        image.pieces.push_back({"recovery_dtbo", word(1632)});
    }
    if (image.version == 2)
        image.pieces.push_back({"dtb", word(1648)});
    if (version > 4)
        image.pieces.push_back({"dt", version});
    lay_out(image, header);
    return image;
}

/// Versions 3 and 4: pages of 4 KiB, no addresses.
std::optional<Image> new_image_of(Bytes bytes) {
    const auto word = [&](std::size_t at) { return load_le<std::uint32_t>(bytes.data() + at); };
    const std::uint32_t header = word(20);
    Image image{.version = word(40), .command_line = text_at(bytes, 44, 1536), .system_version = word(16)};
    // Tools disagree about how much of it counts (1580 for version 3 and 1584 for version 4 in the documentation).
    const std::uint64_t fields = image.version == 3 ? 1580 : 1584;
    if (header < fields - 4 || header > image.page || bytes.size() < fields)
        return std::nullopt;
    image.pieces = {{"kernel", word(8)}, {"ramdisk", word(12)}};
    if (image.version == 4)
        image.pieces.push_back({"boot_signature", word(1580)});
    lay_out(image, fields);
    return image;
}

std::optional<Image> image_of(Bytes bytes) {
    if (bytes.size() < 1580 || as_text(bytes.first(8)) != "ANDROID!")
        return std::nullopt;
    const auto version = load_le<std::uint32_t>(bytes.data() + 40);
    auto image = version == 3 || version == 4 ? new_image_of(bytes) : old_image_of(bytes);
    return image && image->claimed != 0 ? image : std::nullopt;
}

std::optional<Image> vendor_image_of(Bytes bytes) {
    if (bytes.size() < kSmallestVendorHeader || as_text(bytes.first(8)) != "VNDRBOOT")
        return std::nullopt;
    const auto word = [&](std::size_t at) { return load_le<std::uint32_t>(bytes.data() + at); };
    Image image{.version = word(8), .page = word(12), .name = text_at(bytes, 2080, 16), .command_line = text_at(bytes, 28, 2048)};
    const std::uint32_t header = word(2096);
    // As above: 2112 and 2128 in the documentation, 2108 in mkbootimg of Android 11.
    const std::uint64_t fields = image.version == 3 ? 2112 : 2128;
    if ((image.version != 3 && image.version != 4) || !plausible_page(image.page) || header < fields - 4 || header > fields + 64 || bytes.size() < fields)
        return std::nullopt;
    image.pieces = {{"ramdisk", word(24)}, {"dtb", word(2100)}};
    if (image.version == 4) {
        image.pieces.push_back({"ramdisk_table", word(2112)});
        image.pieces.push_back({"bootconfig", word(2124)});
    }
    lay_out(image, fields);
    return image.claimed != 0 ? std::optional(image) : std::nullopt;
}

/// Years and months since 2000 below, three numbers of seven bits above.
std::string system_version(std::uint32_t packed) {
    if (packed == 0)
        return "";
    return fmt::format(", Android {}.{}.{}, patches of {}-{:02}", packed >> 25U, packed >> 18U & 0x7fU, packed >> 11U & 0x7fU, 2000 + (packed >> 4U & 0x7fU), packed & 0xfU);
}

/// SHA-1 of each piece and its size, empty pieces included.
std::optional<bool> id_fits(Bytes bytes, const Image& image) {
    if (image.id.empty() || image.claimed > bytes.size() || std::ranges::all_of(image.id, [](std::uint8_t byte) { return byte == 0; }))
        return std::nullopt;
    std::vector<std::array<std::uint8_t, 4>> sizes(image.pieces.size());
    std::vector<Bytes> hashed;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Piece& piece = image.pieces[i];
        for (unsigned byte = 0; byte < 4; ++byte)
            sizes[i].at(byte) = static_cast<std::uint8_t>(piece.size >> 8 * byte);
        hashed.push_back(clipped(bytes, piece.offset, piece.size));
        hashed.emplace_back(sizes[i]);
    }
    return std::ranges::equal(crypto::sha1(hashed), image.id.first(20));
}

FoundContainer found_for(Bytes bytes, const Image& image, std::string description) {
    if (!image.name.empty())
        description += fmt::format(", \"{}\"", excerpt(image.name));
    description += system_version(image.system_version);
    if (!image.command_line.empty())
        description += fmt::format(", command line \"{}\"", excerpt(image.command_line, kShownCommandLine));
    FoundContainer found{.size = std::min<std::uint64_t>(filled(image.claimed, image.page), bytes.size()), .description = std::move(description)};
    if (image.claimed > bytes.size())
        found.description += ", " + cut_off(bytes.size(), image.claimed);
    return found;
}

Parts parts_of(Bytes bytes, const Image& image) {
    Parts result;
    for (const Piece& piece : image.pieces)
        if (piece.size != 0)
            result.parts.push_back({.name = piece.name, .offset = piece.offset, .size = piece.size, .encrypted = {}});
    if (image.claimed > bytes.size())
        result.damage = "cut off";
    return result;
}

/// Version 4: the ramdisk's section holds several, which a table names.
void name_ramdisks(Bytes bytes, const Image& image, Parts& result) {
    const auto section = image.pieces[0];
    const Bytes table = clipped(bytes, image.pieces[2].offset, image.pieces[2].size);
    const auto count = load_le<std::uint32_t>(bytes.data() + 2116);
    const auto entry_size = load_le<std::uint32_t>(bytes.data() + 2120);
    if (count == 0 || count > kMostRamdisks || entry_size < kVendorEntry || std::uint64_t{count} * entry_size > table.size()) {
        result.damage = "the table of ramdisks cannot be read";
        return;
    }
    std::vector<Part> ramdisks;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Bytes entry = table.subspan(i * entry_size, kVendorEntry);
        const auto size = load_le<std::uint32_t>(entry.data());
        const auto offset = load_le<std::uint32_t>(entry.data() + 4);
        if (std::uint64_t{offset} + size > section.size) {
            result.damage = fmt::format("ramdisk {} does not lie in its section", i);
            return;
        }
        const std::string name = text_at(entry, 12, 32);
        ramdisks.push_back({.name = name.empty() ? fmt::format("ramdisk{}", i) : "ramdisk " + name, .offset = section.offset + offset, .size = size, .encrypted = {}});
    }
    std::erase_if(result.parts, [](const Part& part) { return part.name == "ramdisk" || part.name == "ramdisk_table"; });
    result.parts.insert(result.parts.begin(), ramdisks.begin(), ramdisks.end());
}

}  // namespace

std::optional<FoundContainer> identify_android_boot(Bytes bytes) {
    const auto image = image_of(bytes);
    if (!image)
        return std::nullopt;
    auto found = found_for(bytes, *image, fmt::format("version {}, pages of {}", image->version, image->page));
    if (id_fits(bytes, *image) == true) {
        found.description += ", SHA-1 fits";
        found.checked = true;
    }
    return found;
}

Result<Parts> split_android_boot(Bytes bytes) {
    const auto image = image_of(bytes);
    if (!image)
        return fail(Errc::internal, "not an Android boot image after all");
    Parts result = parts_of(bytes, *image);
    if (id_fits(bytes, *image) == false)
        result.damage = "its id is not the SHA-1 of its parts: something was changed since, or it was made by another tool";
    return result;
}

std::optional<FoundContainer> identify_android_vendor_boot(Bytes bytes) {
    const auto image = vendor_image_of(bytes);
    if (!image)
        return std::nullopt;
    return found_for(bytes, *image, fmt::format("version {}, pages of {}", image->version, image->page));
}

Result<Parts> split_android_vendor_boot(Bytes bytes) {
    const auto image = vendor_image_of(bytes);
    if (!image)
        return fail(Errc::internal, "not a vendor boot image after all");
    Parts result = parts_of(bytes, *image);
    if (image->version == 4 && result.damage.empty())
        name_ramdisks(bytes, *image, result);
    return result;
}

}  // namespace shirushi::unpack
