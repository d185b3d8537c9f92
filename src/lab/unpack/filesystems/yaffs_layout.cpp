#include "unpack/filesystems/yaffs_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "unpack/filesystems/flash_checksum.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t lowest_sequence = 0x1000;
constexpr std::uint32_t highest_sequence = 0xefffff00;
constexpr std::uint32_t checkpoint_sequence = 0x21;
constexpr std::uint32_t extra_header = 0x80000000;   // a header's chunk number holds its parent and flags, its object number its type
constexpr std::uint32_t extra_flags = 0xe0000000;
constexpr std::uint32_t most_objects = 1U << 18U;    // YAFFS_MAX_OBJECT_ID
constexpr std::uint32_t most_chunks = 1U << 20U;     // YAFFS_MAX_CHUNK_ID
constexpr std::uint64_t header_bytes = 512;
constexpr std::size_t name_at = 10;
constexpr std::size_t name_room = 256;
constexpr std::size_t alias_at = 300;
constexpr std::size_t alias_room = 160;
constexpr std::uint64_t tried_pages = 48;     // that must make sense in a layout, but for
constexpr std::uint64_t nonsense_share = 4;   // one in so many, which bit errors may have spoiled
constexpr std::uint64_t enough_pages = 2;     // of them with tags; one may be chance
constexpr std::uint64_t most_erased = 64;     // pages skipped at the start
constexpr std::uint64_t most_foreign = 512;   // pages in a row that make no sense: some bad blocks

constexpr std::array<std::uint32_t, 6> pages_tried{512, 1024, 2048, 4096, 8192, 16384};
// What chips have; the tags' places are those of the drivers that are known.
constexpr std::array<std::uint32_t, 14> spares_tried{16, 32, 64, 128, 208, 216, 218, 224, 232, 256, 400, 436, 448, 512};
constexpr std::array<std::uint32_t, 8> tags_tried{0, 1, 2, 4, 8, 20, 28, 32};

std::uint32_t load(const std::uint8_t* at, Endian endian) { return endian == Endian::little ? load_le<std::uint32_t>(at) : load_be<std::uint32_t>(at); }

std::string text_at(Bytes page, std::size_t at, std::size_t room) {
    const std::string_view text = as_text(page.subspan(at, room));
    return std::string(text.substr(0, text.find('\0')));
}

/// YAFFS1: eight bytes of bit fields in the order of the processor, kept clear of the places that the page's ECC takes. Twelve of
/// the bits are a code of their own: the numbers, from 1 on, of the bits that are set, one on the other.
std::optional<YaffsTags> first_version_tags(Bytes spare, Endian endian) {
    const bool little = endian == Endian::little;
    std::array<std::uint8_t, 8> packed{spare[0], spare[1], spare[2], spare[3], spare[6], spare[7], spare[11], spare[12]};
    const std::uint32_t first = load(packed.data(), endian);
    const std::uint32_t second = load(packed.data() + 4, endian);
    const std::uint32_t code = little ? second >> 18U & 0xfffU : second >> 2U & 0xfffU;
    packed[6] &= little ? 0x03U : 0xc0U;  // without the code itself
    packed[7] &= little ? 0xc0U : 0x03U;
    std::uint32_t expected = 0;
    for (std::uint32_t bit = 0; bit < 64; ++bit)
        expected ^= (packed.at(bit / 8) >> bit % 8 & 1U) != 0 ? bit + 1 : 0;
    if (code != expected)
        return std::nullopt;
    YaffsTags tags{.sequence = lowest_sequence};
    tags.chunk = little ? first & 0xfffffU : first >> 12U;
    tags.size = little ? first >> 22U : first & 0x3ffU;
    tags.object = little ? second & 0x3ffffU : second >> 14U;
    tags.deleted = std::popcount(spare[4]) < 7;  // one bit may have fallen by itself
    return tags;
}

std::optional<YaffsTags> second_version_tags(const std::uint8_t* at, Endian endian) {
    YaffsTags tags{.sequence = load(at, endian), .object = load(at + 4, endian), .chunk = load(at + 8, endian), .size = load(at + 12, endian)};
    if (tags.sequence == checkpoint_sequence) {
        tags.checkpoint = true;
        return tags;
    }
    if (tags.sequence < lowest_sequence || tags.sequence > highest_sequence)
        return std::nullopt;
    if ((tags.chunk & extra_header) != 0) {
        if ((tags.chunk & ~extra_flags) > most_objects)
            return std::nullopt;
        tags.chunk = 0;
        tags.size = 0;
        tags.object &= 0x0fffffffU;
    }
    return tags;
}

/// Whether a layout's tags say of each of the first pages what the page is.
std::uint64_t sense_of(Bytes bytes, const YaffsLayout& layout) {
    std::uint64_t sense = 0;
    std::uint64_t headers = 0;
    std::uint64_t erased = 0;
    std::uint64_t nonsense = 0;
    std::uint32_t last_object = 0;
    for (std::uint64_t number = 0; number < tried_pages + erased; ++number) {
        const Bytes chunk = clipped(bytes, number * layout.stride(), layout.stride());
        if (chunk.size() < layout.stride())
            break;
        if (yaffs_erased(chunk)) {
            if (number == 0 || ++erased > most_erased)  // each layout would go over all that is erased
                break;
            continue;
        }
        const auto tags = yaffs_tags(chunk, layout);
        if (!tags) {
            if (number == 0 || ++nonsense > number / nonsense_share)
                return 0;
            continue;
        }
        if (tags->chunk == 0 && !tags->checkpoint) {
            ++headers;
            last_object = tags->object;
        }
        // Data without its header near is possible, but not that nothing belongs to anything.
        sense += tags->chunk == 0 || tags->object == last_object || headers == 0 ? 1 : 0;
    }
    return headers == 0 || sense < enough_pages ? 0 : sense;
}

/// Headers, but nothing behind their pages: a dump without spare areas. Their distances tell the size of a page.
std::optional<YaffsLayout> without_spare(Bytes bytes) {
    constexpr std::uint64_t window = std::uint64_t{256} << 10U;
    constexpr std::uint64_t enough_headers = 4;
    for (const Endian endian : {Endian::little, Endian::big}) {
        if (!yaffs_header(clipped(bytes, 0, header_bytes), endian))
            continue;
        std::uint64_t headers = 0;
        std::uint64_t page = 0;
        for (std::uint64_t at = 0; at < window; at += header_bytes) {
            if (yaffs_header(clipped(bytes, at, header_bytes), endian)) {
                page = std::gcd(page, at);
                ++headers;
            }
        }
        if (headers >= enough_headers && std::ranges::find(pages_tried, page) != pages_tried.end())
            return YaffsLayout{.page = static_cast<std::uint32_t>(page), .spare = 0, .tags = 0, .endian = endian};
    }
    return std::nullopt;
}

}  // namespace

std::optional<YaffsHeader> yaffs_header(Bytes page, Endian endian) {
    if (page.size() < header_bytes)
        return std::nullopt;
    const std::uint8_t* at = page.data();
    YaffsHeader header{.type = static_cast<YaffsType>(load(at, endian)), .parent = load(at + 4, endian)};
    const bool padded = page[8] == 0xff && page[9] == 0xff;  // where a checksum was once
    if (header.type < YaffsType::file || header.type > YaffsType::special || header.parent == 0 || header.parent > most_objects || !padded ||
        std::ranges::find(page.subspan(name_at, name_room), std::uint8_t{0}) == page.begin() + name_at + name_room)
        return std::nullopt;
    header.name = text_at(page, name_at, name_room);
    header.mode = load(at + 268, endian);
    header.uid = load(at + 272, endian);
    header.gid = load(at + 276, endian);
    header.modified = load(at + 284, endian);
    const std::uint32_t high = load(at + 496, endian);  // older versions leave it erased, and so it is for what is no file
    header.size = load(at + 292, endian) | (high == 0xffffffffU ? 0 : std::uint64_t{high} << 32U);
    header.same_as = load(at + 296, endian);
    if (header.type == YaffsType::symlink)
        header.target = text_at(page, alias_at, alias_room);
    const std::uint32_t shrinks = load(at + 508, endian);
    header.shrinks = shrinks != 0 && shrinks != 0xffffffffU;
    return header;
}

bool yaffs_erased(Bytes chunk) { return is_erased(chunk); }

std::optional<YaffsTags> yaffs_tags(Bytes chunk, const YaffsLayout& layout) {
    if (chunk.size() < layout.stride() || layout.spare == 0)
        return std::nullopt;
    const Bytes spare = chunk.subspan(layout.page);
    const auto tags = layout.first_version ? first_version_tags(spare, layout.endian) : second_version_tags(spare.data() + layout.tags, layout.endian);
    if (!tags || tags->checkpoint)
        return tags;
    if (tags->object == 0 || tags->object > most_objects || tags->chunk > most_chunks)
        return std::nullopt;
    if (tags->chunk == 0)
        return yaffs_header(chunk, layout.endian) ? tags : std::nullopt;
    return tags->size <= layout.page ? tags : std::nullopt;
}

std::optional<YaffsLayout> yaffs_layout(Bytes bytes) {
    std::optional<YaffsLayout> best;
    std::uint64_t most_sense = 0;
    const auto consider = [&](const YaffsLayout& layout) {
        if (const std::uint64_t sense = sense_of(bytes, layout); sense > most_sense) {
            most_sense = sense;
            best = layout;
        }
    };
    for (const Endian endian : {Endian::little, Endian::big}) {
        for (const std::uint32_t page : pages_tried)
            for (const std::uint32_t spare : spares_tried)
                for (const std::uint32_t tags : tags_tried)
                    if (spare >= page / 64 && spare <= page / 8 && tags + 16 <= spare)
                        consider({.page = page, .spare = spare, .tags = tags, .endian = endian});
        consider({.page = 512, .spare = 16, .tags = 0, .endian = endian, .first_version = true});
    }
    return best ? best : without_spare(bytes);
}

std::string describe(const YaffsLayout& layout) {
    const std::string_view order = layout.endian == Endian::little ? "little-endian" : "big-endian";
    if (layout.spare == 0)
        return fmt::format("YAFFS2, pages of {} bytes without their spare areas, {}", layout.page, order);
    if (layout.first_version)
        return fmt::format("YAFFS1, pages of {} + {} bytes, {}", layout.page, layout.spare, order);
    return fmt::format("YAFFS2, pages of {} + {} bytes, tags at {}, {}", layout.page, layout.spare, layout.tags, order);
}

YaffsExtent measure_yaffs(Bytes bytes, const YaffsLayout& layout) {
    YaffsExtent extent;
    std::uint64_t foreign = 0;
    for (std::uint64_t at = 0; at < bytes.size() && foreign <= most_foreign; at += layout.stride()) {
        const Bytes chunk = clipped(bytes, at, layout.stride());
        const bool header = yaffs_header(chunk, layout.endian).has_value();
        const bool ours = layout.spare == 0 ? header : yaffs_tags(chunk, layout).has_value();
        if (ours) {
            extent.end = at + chunk.size();
            extent.headers += header ? 1 : 0;
            ++extent.pages;
            foreign = 0;
        } else if (!yaffs_erased(chunk)) {
            ++foreign;
        }
    }
    return extent;
}

}  // namespace shirushi::unpack
