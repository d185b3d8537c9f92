// SEAMA of Alpha Networks, in D-Link's devices: OpenWrt's oseama.c and seama.h (firmware-utils). A seal (a header without an image, whose
// texts describe the device) holds entities; in flash an entity stands alone. Magic, 16 reserved bits, 16 bits of the texts' size, 32
// bits of the image's size, and where there is an image its MD5; then the texts ("key=value", zero-ended) and the image. Big endian,
// or all of it little endian. An older firmware of the same magic calls itself DLOB.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSeal = 12;
constexpr std::uint64_t kEntity = 28;
constexpr std::uint64_t kMostTexts = 4096;
constexpr int kMostEntities = 64;  // devices have one or two

struct Header {
    std::uint64_t texts_at = 0;
    std::uint64_t texts_size = 0;
    std::uint64_t image_size = 0;  // 0: a seal
    [[nodiscard]] std::uint64_t image_at() const { return texts_at + texts_size; }
    [[nodiscard]] std::uint64_t end() const { return image_at() + image_size; }
};

std::optional<Endian> endian_of(Bytes bytes, std::uint64_t at) {
    if (be32(bytes, at) == 0x5ea3a417)
        return Endian::big;
    if (le32(bytes, at) == 0x5ea3a417)
        return Endian::little;
    return std::nullopt;
}

std::optional<Header> header_at(Bytes bytes, std::uint64_t at, Endian endian) {
    if (endian_of(bytes, at) != endian || bytes.size() - at < kSeal)
        return std::nullopt;
    const std::uint64_t first = word16(bytes, at + 4, endian);
    const std::uint64_t second = word16(bytes, at + 6, endian);
    Header header{.image_size = word32(bytes, at + 8, endian)};
    header.texts_size = std::max(first, second);  // the other one is reserved and zero
    header.texts_at = at + (header.image_size == 0 ? kSeal : kEntity);
    const Bytes texts = clipped(bytes, header.texts_at, header.texts_size);
    const bool text_only = std::ranges::all_of(texts, [](std::uint8_t byte) { return byte == 0 || (byte >= 0x20 && byte <= 0x7e); });
    if ((first != 0 && second != 0) || header.texts_size > kMostTexts || texts.size() < header.texts_size || !text_only)
        return std::nullopt;
    return header;
}

std::string texts_of(Bytes bytes, const Header& header) {
    std::string all;
    for (const std::string_view text : split(as_text(clipped(bytes, header.texts_at, header.texts_size)), '\0'))
        if (!text.empty())
            all += (all.empty() ? "" : ", ") + excerpt(text);
    return all;
}

/// "type=firmware": the role of the image.
std::string role_of(Bytes bytes, const Header& header) {
    for (const std::string_view text : split(as_text(clipped(bytes, header.texts_at, header.texts_size)), '\0'))
        if (text.starts_with("type=") && text.size() > 5)
            return std::string(text.substr(5));
    return "image";
}

std::vector<Header> entities_of(Bytes bytes, std::uint64_t at, Endian endian) {
    std::vector<Header> entities;
    for (int i = 0; i < kMostEntities && at < bytes.size(); ++i) {
        const auto entity = header_at(bytes, at, endian);
        if (!entity || entity->image_size == 0)
            break;
        entities.push_back(*entity);
        at = entity->end();
    }
    return entities;
}

std::vector<Header> read_entities(Bytes bytes) {
    const auto endian = endian_of(bytes, 0);
    const auto first = endian ? header_at(bytes, 0, *endian) : std::nullopt;
    return first ? entities_of(bytes, first->image_size == 0 ? first->end() : 0, *endian) : std::vector<Header>();
}

std::string verify_seama(Bytes bytes) {
    std::string faults;
    for (const Header& entity : read_entities(bytes)) {
        const auto digest = crypto::md5({clipped(bytes, entity.image_at(), entity.image_size)});
        if (!std::ranges::equal(digest, clipped(bytes, entity.texts_at - digest.size(), digest.size())))
            add_fault(faults, fmt::format("the MD5 of {} does not match", printable(role_of(bytes, entity))));
    }
    return faults;
}

}  // namespace

std::optional<VendorImage> seama_image(Bytes bytes) {
    const auto endian = endian_of(bytes, 0);
    const auto first = endian ? header_at(bytes, 0, *endian) : std::nullopt;
    const auto entities = read_entities(bytes);
    if (!first || entities.empty())
        return std::nullopt;
    const bool sealed = first->image_size == 0;
    if (!sealed && first->texts_size == 0)
        return std::nullopt;
    VendorImage image{.size = entities.back().end(), .header = entities.front().image_at(), .verify = verify_seama};
    image.description = fmt::format("{}, {}: {}", *endian == Endian::big ? "big endian" : "little endian",
                                    sealed ? fmt::format("sealed, {} entities", entities.size()) : std::string("entity"),
                                    sealed ? texts_of(bytes, *first) + "; " + texts_of(bytes, entities.front()) : texts_of(bytes, *first));
    for (std::size_t i = 0; i < entities.size(); ++i) {
        const std::string role = role_of(bytes, entities[i]);
        image.parts.push_back({i == 0 ? role : fmt::format("{}{}", role, i), entities[i].image_at(), entities[i].image_size, {}});
    }
    return image;
}

}  // namespace shirushi::unpack
