#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 32;
constexpr std::uint64_t kTlvInfo = 4;
constexpr std::uint16_t kTlvMagic = 0x6907;
constexpr std::uint16_t kProtectedMagic = 0x6908;
constexpr std::uint32_t kEncrypted128 = 0x04;
constexpr std::uint32_t kEncrypted256 = 0x08;
constexpr std::uint32_t kNotBootable = 0x10;
constexpr std::uint32_t kCompressed = 0x200 | 0x400;
constexpr std::uint32_t kLargestImage = 256U << 20;  // flash slots of microcontrollers are far smaller
constexpr std::size_t kMostTlvs = 256;

struct Tlv {
    std::uint16_t type = 0;
    Bytes value;
};

struct Image {
    std::uint32_t load = 0;
    std::uint16_t header = 0;
    std::uint16_t protected_size = 0;
    std::uint32_t size = 0;
    std::uint32_t flags = 0;
    std::string version;
    std::vector<Tlv> tlvs;
    bool tlvs_whole = false;
    std::uint64_t claimed = 0;

    [[nodiscard]] bool encrypted() const { return (flags & (kEncrypted128 | kEncrypted256)) != 0; }
};

/// One area of type-length-value records, whose header says how long it is. Returns where it ends; 0 when it is none or cut off.
std::uint64_t read_tlvs(Bytes bytes, std::uint64_t at, std::uint16_t magic, std::vector<Tlv>& to) {
    const Bytes info = clipped(bytes, at, kTlvInfo);
    if (info.size() < kTlvInfo || load_le<std::uint16_t>(info.data()) != magic)
        return 0;
    const std::uint64_t total = load_le<std::uint16_t>(info.data() + 2);
    const Bytes area = clipped(bytes, at, total);
    if (total < kTlvInfo || area.size() < total)
        return 0;
    for (std::uint64_t position = kTlvInfo; position < total;) {
        const Bytes header = clipped(area, position, 4);
        if (header.size() < 4)
            return 0;
        const std::uint64_t size = load_le<std::uint16_t>(header.data() + 2);
        const Bytes value = clipped(area, position + 4, size);
        if (value.size() < size || to.size() >= kMostTlvs)
            return 0;
        to.push_back({load_le<std::uint16_t>(header.data()), value});
        position += 4 + size;
    }
    return at + total;
}

std::optional<Image> image_of(Bytes bytes) {
    if (bytes.size() < kHeader || load_le<std::uint32_t>(bytes.data()) != 0x96f3b83d)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    Image image{.load = load_le<std::uint32_t>(at + 4), .header = load_le<std::uint16_t>(at + 8), .protected_size = load_le<std::uint16_t>(at + 10),
                .size = load_le<std::uint32_t>(at + 12), .flags = load_le<std::uint32_t>(at + 16)};
    if (image.header < kHeader || image.size == 0 || image.size > kLargestImage || load_le<std::uint32_t>(at + 28) != 0)
        return std::nullopt;
    image.version = fmt::format("{}.{}.{}+{}", at[20], at[21], load_le<std::uint16_t>(at + 22), load_le<std::uint32_t>(at + 24));
    std::uint64_t end = std::uint64_t{image.header} + image.size;
    image.claimed = end + image.protected_size + kTlvInfo;
    if (image.protected_size != 0 && read_tlvs(bytes, end, kProtectedMagic, image.tlvs) != end + image.protected_size)
        return image;
    end = read_tlvs(bytes, end + image.protected_size, kTlvMagic, image.tlvs);
    image.tlvs_whole = end != 0;
    if (end != 0)
        image.claimed = end;
    return image;
}

const Tlv* find_tlv(const Image& image, std::uint16_t type) {
    const auto at = std::ranges::find(image.tlvs, type, &Tlv::type);
    return at == image.tlvs.end() ? nullptr : &*at;
}

/// Where the digest is of what stands here; that of an encrypted image is of the plain text.
std::optional<bool> digest_fits(Bytes bytes, const Image& image) {
    const Tlv* digest = find_tlv(image, 0x10);
    if (digest == nullptr || digest->value.size() != 32 || image.encrypted() || (image.flags & kCompressed) != 0)
        return std::nullopt;
    return std::ranges::equal(crypto::sha256(bytes.first(std::uint64_t{image.header} + image.size + image.protected_size)).bytes, digest->value);
}

std::string signatures(const Image& image) {
    struct Kind {
        std::uint16_t type;
        const char* name;
    };
    constexpr std::array kKinds{Kind{0x20, "RSA-2048"},   Kind{0x21, "ECDSA P-224"}, Kind{0x22, "ECDSA"}, Kind{0x23, "RSA-3072"}, Kind{0x24, "Ed25519"}};
    for (const Kind& kind : kKinds)
        if (find_tlv(image, kind.type) != nullptr)
            return fmt::format(", signed ({})", kind.name);
    return image.tlvs_whole ? ", not signed" : "";
}

std::string how_encrypted(const Image& image) {
    if (!image.encrypted())
        return "";
    const char* key = find_tlv(image, 0x30) != nullptr   ? ", its key under RSA-2048"
                      : find_tlv(image, 0x31) != nullptr ? ", its key wrapped with AES"
                      : find_tlv(image, 0x32) != nullptr ? ", its key under ECIES P-256"
                      : find_tlv(image, 0x33) != nullptr ? ", its key under X25519"
                                                         : "";
    return fmt::format("AES-{}-CTR{}, as MCUboot's header says", (image.flags & kEncrypted256) != 0 ? 256 : 128, key);
}

}  // namespace

std::optional<FoundContainer> identify_mcuboot(Bytes bytes) {
    const auto image = image_of(bytes);
    if (!image)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(image->claimed, bytes.size()), .description = "version " + image->version};
    if (image->load != 0)
        found.description += fmt::format(", load {}", address_name(image->load));
    if ((image->flags & kNotBootable) != 0)
        found.description += ", not bootable";
    if ((image->flags & kCompressed) != 0)
        found.description += (image->flags & 0x200) != 0 ? ", compressed LZMA1" : ", compressed LZMA2";
    found.description += signatures(*image);
    if (const Tlv* counter = find_tlv(*image, 0x50); counter != nullptr && counter->value.size() == 4)
        found.description += fmt::format(", security counter {}", load_le<std::uint32_t>(counter->value.data()));
    const auto fits = image->tlvs_whole ? digest_fits(bytes, *image) : std::nullopt;
    if (fits)
        found.description += *fits ? ", SHA-256 fits" : "";
    if (image->claimed > bytes.size())
        found.description += ", " + cut_off(bytes.size(), image->claimed);
    found.checked = fits == true;
    return found;
}

Result<Parts> split_mcuboot(Bytes bytes) {
    const auto image = image_of(bytes);
    if (!image)
        return fail(Errc::internal, "not an MCUboot image after all");
    Parts result;
    result.parts.push_back({.name = "image", .offset = image->header, .size = image->size, .encrypted = how_encrypted(*image)});
    if (image->claimed > bytes.size())
        result.damage = "cut off";
    else if (!image->tlvs_whole)
        result.damage = "the records behind the image (digest, signature) cannot be read";
    else if (digest_fits(bytes, *image) == false)
        result.damage = "the SHA-256 does not match";
    return result;
}

}  // namespace shirushi::unpack
