// What Matter's and Zigbee's devices fetch as an update: a header that says for which product, then the image, or tagged pieces.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kMatterPrefix = 16;  // file identifier, whole size, header's size
constexpr std::uint32_t kMostMatterHeader = 65536;
constexpr std::uint64_t kLeastZigbeeHeader = 56;
constexpr std::uint64_t kMostZigbeeHeader = 69;  // with its three optional fields
constexpr std::size_t kMostElements = 256;

enum MatterTag : std::uint8_t { vendor, product, version, version_text, payload_size, least_version, most_version, notes, digest_type, digest, tags };

struct Matter {
    std::array<std::uint64_t, tags> numbers{};
    std::array<Bytes, tags> texts{};
    std::uint64_t header = 0;  // with its prefix
    std::uint64_t size = 0;
};

/// One element of Matter's TLV: a control byte with type and form of the tag, a tag of at most one byte, a value. False where it is of a
/// type that no header holds, or cut off.
bool read_element(Reader& reader, Matter& to) {
    const std::uint8_t control = reader.u8().value_or(0xff);
    const unsigned type = control & 31U;
    const unsigned tag = control >> 5U == 0 ? tags : control >> 5U == 1 ? reader.u8().value_or(0xff) : 0xff;
    if (type == 0x15 || type == 0x18)  // a structure begins, ends
        return tag == tags;
    const bool number = type >= 4 && type <= 7;
    const bool text = type >= 12 && type <= 19;
    if (tag >= tags || (!number && !text))
        return false;
    const auto bytes = reader.take(std::uint64_t{1} << (type & 3U));
    if (!bytes)
        return false;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes->size(); ++i)
        value |= std::uint64_t{(*bytes)[i]} << 8 * i;
    if (number) {
        to.numbers.at(tag) = value;
        return true;
    }
    const auto content = reader.take(value);
    to.texts.at(tag) = content.value_or(Bytes());
    return content.has_value();
}

std::optional<Matter> matter_of(Bytes bytes) {
    if (bytes.size() < kMatterPrefix || load_le<std::uint32_t>(bytes.data()) != 0x1beef11e)
        return std::nullopt;
    const auto header = load_le<std::uint32_t>(bytes.data() + 12);
    Matter matter{.header = kMatterPrefix + header, .size = load_le<std::uint64_t>(bytes.data() + 4)};
    Reader reader(clipped(bytes, kMatterPrefix, header));
    if (header > kMostMatterHeader || reader.remaining() < header)
        return std::nullopt;
    while (reader.remaining() != 0)
        if (!read_element(reader, matter))
            return std::nullopt;
    const std::uint64_t payload = matter.numbers[payload_size];
    return matter.size > matter.header && matter.size - matter.header == payload ? std::optional(matter) : std::nullopt;
}

struct Zigbee {
    std::uint64_t header = 0;
    std::uint64_t size = 0;
    std::string description;
};

std::optional<Zigbee> zigbee_of(Bytes bytes) {
    if (bytes.size() < kLeastZigbeeHeader || load_le<std::uint32_t>(bytes.data()) != 0x0beef11e)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    const Zigbee zigbee{.header = load_le<std::uint16_t>(at + 6), .size = load_le<std::uint32_t>(at + 52),
                        .description = fmt::format("manufacturer 0x{:04x}, image type 0x{:04x}, version 0x{:08x}: {}", load_le<std::uint16_t>(at + 10), load_le<std::uint16_t>(at + 12),
                                                   load_le<std::uint32_t>(at + 14), excerpt(as_text(bytes.subspan(20, 32)).substr(0, as_text(bytes.subspan(20, 32)).find('\0')), 32))};
    const bool right = load_le<std::uint16_t>(at + 4) == 0x0100 && zigbee.header >= kLeastZigbeeHeader && zigbee.header <= kMostZigbeeHeader && zigbee.size > zigbee.header;
    return right ? std::optional(zigbee) : std::nullopt;
}

std::string name_of_element(std::uint16_t tag) {
    constexpr std::array kNames{"image"sv, "signature"sv, "certificate"sv, "integrity-code"sv, "pictures"sv, "signature-2"sv, "certificate-2"sv};
    return tag < kNames.size() ? std::string(kNames.at(tag)) : fmt::format("element-0x{:04x}", tag);
}

FoundContainer found_of(std::uint64_t size, std::uint64_t there, std::string description) {
    FoundContainer found{.size = std::min(size, there), .description = std::move(description), .checked = size <= there};
    if (size > there)
        found.description += ", " + cut_off(there, size);
    return found;
}

}  // namespace

std::optional<FoundContainer> identify_matter_ota(Bytes bytes) {
    const auto matter = matter_of(bytes);
    if (!matter)
        return std::nullopt;
    return found_of(matter->size, bytes.size(), fmt::format("vendor 0x{:04x}, product 0x{:04x}, version {} ({})", matter->numbers[vendor], matter->numbers[product],
                                                            excerpt(as_text(matter->texts[version_text]), 64), matter->numbers[version]));
}

Result<Parts> split_matter_ota(Bytes bytes) {
    constexpr std::uint64_t kSha256 = 1;  // in IANA's register of named information
    const auto matter = matter_of(bytes);
    if (!matter)
        return fail(Errc::bad_input, "it has no header");
    Parts parts{.parts = {{.name = "image", .offset = matter->header, .size = matter->size - matter->header}}};
    const Bytes image = clipped(bytes, matter->header, matter->size - matter->header);
    if (matter->numbers[digest_type] == kSha256 && !std::ranges::equal(matter->texts[digest], crypto::sha256(image).bytes))
        parts.damage = "the image's SHA-256 does not match";
    return parts;
}

std::optional<FoundContainer> identify_zigbee_ota(Bytes bytes) {
    const auto zigbee = zigbee_of(bytes);
    return zigbee ? std::optional(found_of(zigbee->size, bytes.size(), zigbee->description)) : std::nullopt;
}

Result<Parts> split_zigbee_ota(Bytes bytes) {
    const auto zigbee = zigbee_of(bytes);
    if (!zigbee)
        return fail(Errc::bad_input, "it has no header");
    Parts parts;
    for (std::uint64_t at = zigbee->header; at < zigbee->size && parts.parts.size() < kMostElements;) {
        const Bytes header = clipped(bytes, at, 6);
        const std::uint64_t size = header.size() < 6 ? UINT64_MAX : load_le<std::uint32_t>(header.data() + 2);
        if (size > zigbee->size - std::min(zigbee->size, at + 6)) {
            parts.damage = fmt::format("the element at 0x{:x} does not lie in it", at);
            break;
        }
        parts.parts.push_back({.name = name_of_element(load_le<std::uint16_t>(header.data())), .offset = at + 6, .size = size});
        at += 6 + size;
    }
    return parts;
}

}  // namespace shirushi::unpack
