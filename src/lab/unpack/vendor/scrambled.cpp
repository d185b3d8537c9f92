// Content that a published constant turns back. Senao's header, which EnGenius and others use (OpenWrt's mksenaofw.c): bytes XORed with a
// pattern made of the header's own magic, MD5 of the plain content. Buffalo's "start" files (buffalo-lib.c and buffalo-enc.c there): a
// cipher like RC4 with the key "Buffalo" and a checksum of the plain content. Instar's HD update files: a ZIP archive whose signatures
// are other ones (unblob's instar_hd.py, onekey-sec/unblob). Dahua's cameras: one whose first two bytes are other ones (binwalk's dahua_zip.rs).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/stored_digests.hpp"
#include "unpack/vendor/decoded_images.hpp"
#include "unpack/vendor/vendor_image.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSenaoHeader = 0x60;
constexpr std::uint64_t kCapwapHeader = 40;
constexpr std::uint64_t kLongestModel = 256;
constexpr std::uint64_t kMostPadding = 0x20000;  // one block of the flash
constexpr std::uint64_t kZipEnd = 22;

// Senao -----------------------------------------------------------------------------------------------------------------------

/// What lies before the content: the header, and the one that names the model where there is one.
std::optional<std::uint64_t> senao_header(Bytes bytes) {
    if (be32(bytes, 28) != 0 || be32(bytes, kSenaoHeader) != 0x616c6c00)
        return kSenaoHeader;
    const std::uint64_t model = be32(bytes, kSenaoHeader + kCapwapHeader - 4);
    return model <= kLongestModel ? std::optional(kSenaoHeader + kCapwapHeader + model) : std::nullopt;
}

std::uint8_t senao_pattern(std::uint32_t magic, std::uint64_t i) {
    return static_cast<std::uint8_t>(magic >> i % 8);
}

const char* senao_type(std::uint32_t type) {
    constexpr std::array kTypes{"combined", "boot loader", "kernel", "kernel and applications", "applications"};
    return type < kTypes.size() ? kTypes.at(type) : "other";
}

// Buffalo ---------------------------------------------------------------------------------------------------------------------

struct Buffalo {
    std::uint8_t seed = 0;
    Bytes product;  // encrypted, with its zero
    Bytes version;
    std::uint64_t data = 0;  // offset
    std::uint64_t size = 0;
};

std::optional<Buffalo> buffalo_of(Bytes bytes) {
    if (!stands_at(bytes, 0, std::string_view("start\0", 6)) && !stands_at(bytes, 0, std::string_view("asar1\0", 6)))
        return std::nullopt;
    Buffalo buffalo{.seed = bytes.size() > 6 ? bytes[6] : std::uint8_t{0}};
    const std::uint64_t product = be32(bytes, 7);
    const std::uint64_t version = be32(bytes, 11 + product);
    if (product < 2 || product > 32 || version < 2 || version > 8)
        return std::nullopt;
    buffalo.product = clipped(bytes, 11, product);
    buffalo.version = clipped(bytes, 15 + product, version);
    buffalo.data = 19 + product + version;
    buffalo.size = be32(bytes, buffalo.data - 4);
    if (buffalo.size == 0 || bytes.size() <= buffalo.data)
        return std::nullopt;
    return buffalo;
}

/// RC4's key schedule and stream over a state of `states` bytes whose indexes stay below 256.
Buffer buffalo_decrypted(std::uint8_t seed, Bytes from, std::uint64_t states) {
    constexpr std::string_view kKey = "Buffalo";
    Buffer key{seed};
    key.insert(key.end(), kKey.begin(), kKey.end());
    Buffer state(states);
    for (std::uint64_t i = 0; i < states; ++i)
        state[i] = static_cast<std::uint8_t>(i);
    for (std::uint64_t i = 0, k = 0; i < states; ++i) {
        k = (k + key[i % key.size()] + state[i]) % states;
        std::swap(state[i], state[k]);
    }
    Buffer to(from.size());
    std::uint8_t i = 0;
    std::uint8_t j = 0;
    for (std::size_t at = 0; at < from.size(); ++at) {
        i = static_cast<std::uint8_t>((i + 1U) % states);
        j = static_cast<std::uint8_t>((j + std::uint64_t{state[i]}) % states);
        std::swap(state[i], state[j]);
        to[at] = from[at] ^ state[(std::uint64_t{state[i]} + state[j]) % states];
    }
    return to;
}

/// CRC-32 begun with the length, of bytes that are taken as signed.
std::uint32_t buffalo_sum(Bytes bytes) {
    auto sum = static_cast<std::uint32_t>(bytes.size());
    for (const std::uint8_t byte : bytes) {
        sum ^= static_cast<std::uint32_t>(std::int32_t{static_cast<std::int8_t>(byte)});
        for (int bit = 0; bit < 8; ++bit)
            sum = sum >> 1U ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return sum;
}

// ZIP -------------------------------------------------------------------------------------------------------------------------

/// A ZIP archive but for its signatures, up to the end record with this one, whose directory ends where it begins.
std::optional<FoundContainer> changed_zip(Bytes bytes, std::string_view end_signature, std::string_view description) {
    if (le16(bytes, 4) > 63 || le16(bytes, 26) == 0 || le16(bytes, 26) > 1024)
        return std::nullopt;
    const std::string_view text = as_text(bytes);
    for (std::size_t at = text.find(end_signature); at != std::string_view::npos; at = text.find(end_signature, at + 4))
        if (bytes.size() - at >= kZipEnd && std::uint64_t{le32(bytes, at + 12)} + le32(bytes, at + 16) == at)
            return FoundContainer{.size = std::min<std::uint64_t>(bytes.size(), at + kZipEnd + le16(bytes, at + 20)),
                                  .description = fmt::format("{}, {} files", description, le16(bytes, at + 10)),
                                  .checked = true,
                                  .encrypted = {}};
    return std::nullopt;
}

/// Product or version: text with its zero, or nothing when the key does not fit.
std::string buffalo_text(std::uint8_t seed, Bytes encrypted) {
    for (const std::uint64_t states : {std::uint64_t{256}, std::uint64_t{encrypted.size()}}) {
        const Buffer plain = buffalo_decrypted(seed, encrypted, states);
        if (plain.back() == 0 && is_text_field(plain, 0, plain.size()))
            return field_text(plain, 0, plain.size());
    }
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_senao(Bytes bytes) {
    const auto header = bytes.size() > kSenaoHeader && be32(bytes, 0x5c) != 0 ? senao_header(bytes) : std::nullopt;
    const std::uint64_t size = be32(bytes, 32);
    if (!header || bytes.size() < *header || size == 0 || !is_text_field(bytes, 12, 16) || be32(bytes, 36) != 0 ||
        byte_sum(bytes.first(*header)) - byte_sum(bytes.subspan(0x58, 4)) != be32(bytes, 0x58))
        return std::nullopt;
    VendorImage image{.size = *header + size,
                      .description = fmt::format("Senao vendor 0x{:x}, product 0x{:x}, version {}, {}", be32(bytes, 4), be32(bytes, 8),
                                                 field_text(bytes, 12, 16), senao_type(be32(bytes, 28))),
                      .checked = true};
    if (*header > kSenaoHeader)
        image.description += fmt::format(
            ", model {}, software {}.{}.{}, of {}", field_text(bytes, kSenaoHeader + kCapwapHeader, *header - kSenaoHeader - kCapwapHeader),
            be32(bytes, kSenaoHeader + 8), be32(bytes, kSenaoHeader + 12), be32(bytes, kSenaoHeader + 16), be32(bytes, kSenaoHeader + 20));
    // Zeros fill up a block behind it: there the bare pattern goes on.
    const std::uint32_t magic = be32(bytes, 0x5c);
    for (std::uint64_t i = size; i - size < kMostPadding && *header + i < bytes.size() && bytes[*header + i] == senao_pattern(magic, i);
         ++i)
        image.size = *header + i + 1;
    return identify_vendor_image(std::move(image), bytes.size());
}

Result<void> read_senao(Bytes bytes, Share share, Sink& sink) {
    const auto header = share.index == 0 ? senao_header(bytes) : std::nullopt;
    if (!header)
        return {};
    const std::uint64_t size = be32(bytes, 32);
    const Bytes content = clipped(bytes, *header, size);
    Buffer plain(content.begin(), content.end());
    for (std::size_t i = 0; i < plain.size(); ++i)
        plain[i] ^= senao_pattern(be32(bytes, 0x5c), i);
    const bool fits = std::ranges::equal(crypto::md5({plain}), bytes.subspan(40, 16));
    TRY(sink.begin_stream("firmware", "with the header's pattern taken off"));
    TRY(sink.write(plain));
    return sink.end(content.size() < size ? cut_off(content.size(), size)
                    : fits                ? ""
                                          : "the MD5 does not match");
}

std::optional<FoundContainer> identify_buffalo(Bytes bytes) {
    const auto buffalo = buffalo_of(bytes);
    if (!buffalo)
        return std::nullopt;
    const std::string product = buffalo_text(buffalo->seed, buffalo->product);
    const std::string version = buffalo_text(buffalo->product[0], buffalo->version);
    VendorImage image{.size = buffalo->data + buffalo->size + 4};
    if (product.empty() || version.empty()) {
        image.description = "Buffalo";
        image.encrypted = "with Buffalo's cipher and another key than the published one";
    } else {
        image.description = fmt::format("Buffalo {}, version {}", product, version);
        image.checked = true;
    }
    return identify_vendor_image(std::move(image), bytes.size());
}

Result<void> read_buffalo(Bytes bytes, Share share, Sink& sink) {
    const auto buffalo = buffalo_of(bytes);
    if (share.index != 0 || !buffalo || buffalo_text(buffalo->seed, buffalo->product).empty())
        return {};
    const Bytes content = clipped(bytes, buffalo->data, buffalo->size);
    const bool whole = content.size() == buffalo->size;
    Buffer plain = buffalo_decrypted(buffalo->version[0], content, 256);
    bool fits = whole && buffalo_sum(plain) == be32(bytes, buffalo->data + buffalo->size);
    if (whole && !fits) {
        Buffer other = buffalo_decrypted(buffalo->version[0], content, content.size());  // newer devices: a state as long as the content
        fits = buffalo_sum(other) == be32(bytes, buffalo->data + buffalo->size);
        if (fits)
            plain = std::move(other);
    }
    TRY(sink.begin_stream("firmware", "decrypted with Buffalo's published key"));
    TRY(sink.write(plain));
    return sink.end(!whole ? cut_off(content.size(), buffalo->size)
                    : fits ? ""
                           : "the checksum does not match");
}

std::optional<FoundContainer> identify_instar_zip(Bytes bytes) {
    if (!stands_at(bytes, 0, "PK\x03\x07"))
        return std::nullopt;
    return changed_zip(bytes, "PK\x05\x09", "Instar HD, a ZIP archive with other signatures");
}

Result<void> read_instar_zip(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    constexpr std::array<std::array<std::uint8_t, 3>, 3> kSignatures{
        {{3, 7, 4}, {1, 8, 2}, {5, 9, 6}}};  // the third byte, the fourth, what it is in ZIP
    Buffer plain(bytes.begin(), bytes.end());
    for (std::size_t i = 0; i + 4 <= plain.size(); ++i)
        if (plain[i] == 'P' && plain[i + 1] == 'K')
            for (const auto& [third, theirs, usual] : kSignatures)
                if (plain[i + 2] == third && plain[i + 3] == theirs)
                    plain[i + 3] = usual;
    TRY(sink.begin_stream("archive.zip", "with ZIP's own signatures"));
    TRY(sink.write(plain));
    return sink.end("");
}

std::optional<FoundContainer> identify_dahua_zip(Bytes bytes) {
    if (!stands_at(bytes, 0, "DH\x03\x04"))
        return std::nullopt;
    return changed_zip(bytes, "PK\x05\x06", "Dahua, a ZIP archive that begins with DH");
}

Result<void> read_dahua_zip(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    TRY(sink.begin_stream("archive.zip", "with ZIP's own signatures"));
    TRY(sink.write(as_bytes("PK")));
    TRY(sink.write(clipped(bytes, 2, bytes.size())));
    return sink.end("");
}

}  // namespace shirushi::unpack
