#include "unpack/vendor/dlink_encrypted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/aes_cbc.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_image.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kBlock = 16;

// SHRS: magic, two sizes (one with padding), start of the chain, three SHA-512, 512 zeros, two signatures of 512 bytes.
constexpr std::uint64_t kShrsHeader = 0x6dc;
constexpr std::array<std::uint8_t, 16> kShrsKey{0xc0, 0x5f, 0xbf, 0x19, 0x36, 0xc9, 0x94, 0x29,
                                                0xce, 0x2a, 0x07, 0x81, 0xf0, 0x8d, 0x6a, 0xd8};

constexpr std::uint64_t kEncrptedHeader = 16;
constexpr std::uint64_t kEraseBlock = 0x20000;
constexpr std::string_view kEncrptedKey = "he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8";
constexpr std::string_view kEncrptedStart = "J%1iQl8$=lm-;8AE";

constexpr std::uint64_t kEncimgHeader = 0x80;
constexpr std::uint64_t kWrggHeader = 0xa0;
constexpr std::size_t kManglingPeriod = 0xfc;

struct Model {
    std::array<std::uint8_t, 16> beginning;  // always the same: it is the encrypted beginning of the same header
    std::string_view name;
    std::string_view signature;  // empty where no key is published
    std::string_view key;
    std::string_view start;
};

constexpr std::array kModels{
    Model{{0x35, 0x66, 0x6f, 0x68, 0xef, 0x1a, 0xfe, 0x1f, 0x34, 0xef, 0x4f, 0x11, 0x21, 0x05, 0x4e, 0xbe},
          "DAP-1665 B",
          "wapac25_dlink.2015_dap1665",
          "EfCHXytwsC6F0zsedwZc+9vDbCjE3ge4",
          "ggPy917jwESpnfXm"},
    Model{{0x68, 0x01, 0xcc, 0xfb, 0xad, 0x6b, 0xa0, 0xba, 0x33, 0x04, 0xb0, 0x9c, 0xbb, 0x48, 0xb0, 0x27},
          "DAP-1720 A",
          "wapac28_dlink.2015_dap1720",
          "qBiz6o/1RVQTtJBd3FS7FDbqogE8yoBm",
          "EfDMqWWxHCOhEqgY"},
    Model{{0xdf, 0x8c, 0x39, 0x0d, 0x22, 0xb4, 0xdc, 0x29, 0xfb, 0x4e, 0xbf, 0xdb, 0xe8, 0xe1, 0x8b, 0xfb},
          "DIR-822 C1",
          "wrgac43s_dlink.2015_dir822c1",
          "KNpsEntCcsep1jdFIs3wnXySKRGNCGmf",
          "uph587JdKHrtAUlr"},
    Model{{0xf5, 0x2a, 0xa0, 0xb4, 0x92, 0x53, 0xbf, 0xef, 0xf8, 0x21, 0xa6, 0x2e, 0x28, 0xa7, 0x39, 0x8b},
          "DIR-842 C1/C2",
          "wrgac65_dlink.2015_dir842",
          "xQYoRZeD726UAbRb846kO7TeNw8eZa6u",
          "zufEbNF3kUafxFiE"},
    Model{{0x21, 0xdd, 0xda, 0x00, 0x99, 0xd8, 0x87, 0xa9, 0xd5, 0x2d, 0x7e, 0xff, 0x3b, 0x58, 0x70, 0xa6},
          "DIR-842 C3",
          "wrgac65_dlink.2015_dir842EU",
          "xQYoRZeD726UAbRb846kO7TeNw8eZa6u",
          "zufEbNF3kUafxFiE"},
    Model{{0xe3, 0x13, 0x00, 0x5b, 0x76, 0xdf, 0x0b, 0xe8, 0x83, 0x24, 0x5a, 0x42, 0xff, 0x91, 0x2d, 0x3d},
          "DIR-850L A1",
          "wrgac05_dlob.hans_dir850l",
          "BIuS1CVMEQG+0pUeE99jnR+vLlLd9unr",
          "f3+odwHhmJL1ceW1"},
    Model{{0x0a, 0x14, 0xe4, 0x24, 0xff, 0x0f, 0xb4, 0xd7, 0x53, 0x66, 0xa0, 0xb0, 0x72, 0xfe, 0xab, 0xdf},
          "DIR-850L B1",
          "wrgac25_dlink.2013gui_dir850l",
          "qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W",
          "Mmb+IKQgnO8OuF4b"},
    Model{{0x4c, 0x1b, 0x95, 0xaf, 0x93, 0x72, 0x5f, 0x81, 0x03, 0x03, 0x96, 0x4d, 0xdd, 0x76, 0x01, 0x74},
          "DIR-859 A",
          "wrgac37_dlink.2013gui_dir859",
          "KY0H9R2PDL3eu1J4uCVd1CK7BJ7vF1kc",
          "qbStAzIRvWeQHz5U"},
    Model{{0x98, 0x9c, 0x3c, 0x2c, 0x6b, 0x19, 0x1b, 0x25, 0x6e, 0x03, 0xee, 0x0f, 0x72, 0x5c, 0x6c, 0xa0}, "DIR-865L A", {}, {}, {}},
    Model{{0x3d, 0xe6, 0x02, 0x63, 0x3f, 0xc1, 0x85, 0xe7, 0xd2, 0xbf, 0x64, 0xaf, 0x29, 0x57, 0x3a, 0xbd}, "DIR-868L A", {}, {}, {}},
    Model{{0x8e, 0x69, 0x57, 0xe7, 0x76, 0x09, 0xd7, 0x94, 0x47, 0x75, 0x78, 0xa2, 0x4a, 0x1f, 0xc9, 0xb2}, "DIR-880L A", {}, {}, {}},
    Model{{0x92, 0x61, 0x58, 0x58, 0x14, 0xdb, 0xbb, 0x3b, 0xe5, 0xa5, 0xf3, 0xe7, 0x10, 0x9c, 0xa2, 0x0b}, "DIR-885L A", {}, {}, {}},
    Model{{0xcb, 0xc3, 0xa7, 0x4c, 0x50, 0x0f, 0x42, 0x43, 0xa5, 0xd9, 0x7c, 0xa5, 0x25, 0x6b, 0xcd, 0xba}, "DIR-890L A", {}, {}, {}},
    Model{{0x91, 0x5a, 0xc9, 0xa2, 0x11, 0xff, 0xaa, 0x6d, 0xb0, 0x12, 0xe8, 0x8d, 0x2c, 0x3c, 0x23, 0xcb}, "DIR-895L A", {}, {}, {}},
};
constexpr Model kDap2000{{}, "DAP-2xxx", {}, "oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v", "0BO5nlYankuVBe4s"};

const Model* model_of(Bytes bytes) {
    const auto found =
        std::ranges::find_if(kModels, [&](const Model& model) { return std::ranges::equal(clipped(bytes, 0, kBlock), model.beginning); });
    return found == kModels.end() ? nullptr : &*found;
}

/// Key and start are published as the devices keep them, hidden behind the signature.
Buffer unmangled(std::string_view hidden, std::string_view signature) {
    Buffer plain;
    for (std::size_t i = 0; i < hidden.size(); ++i)
        plain.push_back(static_cast<std::uint8_t>(static_cast<unsigned char>(hidden[i]) ^ (i + 1) % kManglingPeriod ^
                                                  static_cast<unsigned char>(signature[i % signature.size()])));
    return plain;
}

crypto::AesCbcDecryption chain_for(const Model& model, std::string_view signature) {
    return {unmangled(model.key, signature), unmangled(model.start, signature)};
}

Result<void> decrypt_into(Sink& sink, crypto::AesCbcDecryption& chain, Bytes from) {
    for (std::uint64_t done = 0; done < from.size();) {
        const Bytes step = clipped(from, done, kStreamChunk);
        const auto room = TRY(sink.reserve(step.size()));
        if (!chain.decrypt(step, room))
            return fail(Errc::internal, "AES refused its input");
        sink.commit(step.size());
        done += step.size();
    }
    return {};
}

std::string incomplete(Bytes bytes, std::uint64_t size) {
    return bytes.size() < size ? cut_off(bytes.size(), size) : std::string();
}

Buffer decrypted(crypto::AesCbcDecryption chain, Bytes from) {
    Buffer to(from.size());
    return chain.decrypt(from, to) ? to : Buffer();
}

/// Where "signature=..." of an Alpha header, decrypted, says that the image ends; nothing when it is no such header.
std::optional<std::uint64_t> encimg_size(Bytes bytes, const Model& model) {
    const Bytes encrypted = clipped(bytes, 0, kEncimgHeader);
    if (encrypted.size() < kEncimgHeader)
        return std::nullopt;
    const Buffer header = decrypted(chain_for(model, model.signature), encrypted);
    const std::uint32_t length = be32(header, 4);
    const std::string expected = fmt::format("signature={}", model.signature);
    if (be32(header, 0) != 0x5ea3a417 || length > kEncimgHeader - 24 || !stands_at(header, 12, expected))
        return std::nullopt;
    const std::uint64_t size = be32(header, 12 + length + 8);
    return size % kBlock == 0 ? std::optional(kEncimgHeader + size) : std::nullopt;
}

/// Without and with padding: which of the two fields is which, sources do not agree on.
std::pair<std::uint64_t, std::uint64_t> shrs_sizes(Bytes bytes) {
    return std::minmax<std::uint64_t>({be32(bytes, 4), be32(bytes, 8)});
}

std::uint64_t wrgg_size(Bytes bytes) {
    return kWrggHeader + std::min(be32(bytes, 104), le32(bytes, 104));
}

}  // namespace

std::optional<FoundContainer> identify_shrs(Bytes bytes) {
    const auto [size, padded] = shrs_sizes(bytes);
    if (!stands_at(bytes, 0, "SHRS") || bytes.size() < kShrsHeader || padded % kBlock != 0 || size == 0 || padded - size > 4096 ||
        !is_filled_with(bytes.subspan(0xdc, 0x200), 0))
        return std::nullopt;
    return identify_vendor_image(
        VendorImage{.size = kShrsHeader + padded, .description = fmt::format("D-Link, AES-128-CBC, {} bytes, signed twice", size)},
        bytes.size());
}

Result<void> read_shrs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0 || bytes.size() < kShrsHeader)
        return {};
    const auto sizes = shrs_sizes(bytes);
    const std::uint64_t size = sizes.first;
    const std::uint64_t padded = sizes.second;
    const Bytes payload = clipped(bytes, kShrsHeader, padded);
    const Buffer plain = decrypted({kShrsKey, bytes.subspan(12, kBlock)}, payload.first(payload.size() / kBlock * kBlock));
    const auto fits = [&](Bytes text, std::uint64_t digest_at) {
        return std::ranges::any_of(std::array{size, padded}, [&](std::uint64_t length) {
            return std::ranges::equal(crypto::sha512({clipped(text, 0, length)}), bytes.subspan(digest_at, 64));
        });
    };
    // Any key decrypts to something: only the digest of the plain text tells that it is the right one.
    const bool right_key = fits(plain, 92);
    if (!right_key && fits(payload, 156))
        return fail(Errc::unsupported, "encrypted: AES-128-CBC, and the published key is not the one it was made with");
    TRY(sink.begin_stream("decrypted", "decrypted with D-Link's published key"));
    TRY(sink.write(clipped(plain, 0, size)));
    return sink.end(right_key                 ? ""
                    : payload.size() < padded ? incomplete(bytes, kShrsHeader + padded)
                                              : "neither of the SHA-512 digests matches");
}

std::optional<FoundContainer> identify_encrpted_img(Bytes bytes) {
    const std::uint64_t size = be32(bytes, 12);
    if (!stands_at(bytes, 0, "encrpted_img") || size < kBlock || bytes.size() < kEncrptedHeader + kBlock)
        return std::nullopt;
    VendorImage image{.size = kEncrptedHeader + size, .description = "D-Link, AES-256-CBC"};
    const Buffer first = decrypted({as_bytes(kEncrptedKey), as_bytes(kEncrptedStart)}, bytes.subspan(kEncrptedHeader, kBlock));
    image.checked = stands_at(first, 0, "UBI#");
    if (!image.checked)
        image.encrypted = "AES-256-CBC, and the published key does not fit";
    return identify_vendor_image(std::move(image), bytes.size());
}

Result<void> read_encrpted_img(Bytes bytes, Share share, Sink& sink) {
    const auto found = identify_encrpted_img(bytes);
    if (share.index != 0 || !found || !found->encrypted.empty())
        return {};
    const std::uint64_t size = be32(bytes, 12);
    const Bytes payload = clipped(bytes, kEncrptedHeader, size);
    TRY(sink.begin_stream("decrypted", "decrypted with D-Link's published key"));
    for (std::uint64_t at = 0; at + kBlock <= payload.size(); at += kEraseBlock) {
        const Bytes block = clipped(payload, at, kEraseBlock);
        crypto::AesCbcDecryption chain(as_bytes(kEncrptedKey), as_bytes(kEncrptedStart));
        TRY(decrypt_into(sink, chain, block.first(block.size() / kBlock * kBlock)));
    }
    return sink.end(payload.size() % kBlock != 0 && payload.size() == size ? "it ends within a block of the cipher"
                                                                           : incomplete(bytes, kEncrptedHeader + size));
}

std::optional<FoundContainer> identify_encimg(Bytes bytes) {
    const Model* model = model_of(bytes);
    if (model == nullptr)
        return std::nullopt;
    VendorImage image{.size = bytes.size(), .description = fmt::format("D-Link {} (Alpha Networks), AES-256-CBC", model->name)};
    if (model->signature.empty()) {
        image.encrypted = fmt::format("AES-256-CBC, as every image for the {} is; its key is not known here", model->name);
    } else {
        const auto size = encimg_size(bytes, *model);
        if (!size)
            return std::nullopt;
        image.size = *size;
        image.checked = true;
    }
    return identify_vendor_image(std::move(image), bytes.size());
}

Result<void> read_encimg(Bytes bytes, Share share, Sink& sink) {
    const Model* model = model_of(bytes);
    if (share.index != 0 || model == nullptr || model->signature.empty())
        return {};
    const std::uint64_t size = encimg_size(bytes, *model).value_or(bytes.size());
    const Bytes image = clipped(bytes, 0, size);
    auto chain = chain_for(*model, model->signature);
    TRY(sink.begin_stream("decrypted", "decrypted with the model's published key"));
    TRY(decrypt_into(sink, chain, image.first(image.size() / kBlock * kBlock)));
    return sink.end(incomplete(bytes, size));
}

bool is_encrypted_wrgg(Bytes bytes) {
    if (!stands_at(bytes, 0, "wap") || !is_text_field(bytes, 0, 32) || le32(bytes, 32) != 0x20080321 || le32(bytes, 36) != 0x20080321 ||
        bytes.size() < kWrggHeader + kBlock)
        return false;
    const std::string signature = field_text(bytes, 0, 32);
    // The same inner header as without the WRGG03 one, or at once a kernel: what only the right key gives.
    const Buffer first = decrypted(chain_for(kDap2000, signature), bytes.subspan(kWrggHeader, kBlock));
    constexpr std::array kBeginnings{"\x5e\xa3\xa4\x17"sv,
                                     "\x17\xa4\xa3\x5e"sv,
                                     "\x5d\0\0"sv,
                                     "\xd0\x0d\xfe\xed"sv,
                                     "\x27\x05\x19\x56"sv,
                                     "\x1f\x8b\x08"sv,
                                     "UBI#"sv,
                                     "hsqs"sv,
                                     "sqsh"sv};
    return std::ranges::any_of(kBeginnings, [&](std::string_view beginning) { return stands_at(first, 0, beginning); });
}

std::optional<FoundContainer> identify_encrypted_wrgg(Bytes bytes) {
    if (!is_encrypted_wrgg(bytes))
        return std::nullopt;
    return identify_vendor_image(VendorImage{.size = wrgg_size(bytes),
                                             .description = fmt::format("{}, model {}, version {}, AES-256-CBC", field_text(bytes, 0, 32),
                                                                        field_text(bytes, 56, 16), field_text(bytes, 40, 16)),
                                             .checked = true},
                                 bytes.size());
}

Result<void> read_encrypted_wrgg(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0 || !is_encrypted_wrgg(bytes))
        return {};
    const std::uint64_t size = wrgg_size(bytes);
    const Bytes payload = clipped(bytes, kWrggHeader, size - kWrggHeader);
    auto chain = chain_for(kDap2000, field_text(bytes, 0, 32));
    TRY(sink.begin_stream("decrypted", "decrypted with Alpha Networks' published key"));
    TRY(decrypt_into(sink, chain, payload.first(payload.size() / kBlock * kBlock)));
    return sink.end(incomplete(bytes, size));
}

}  // namespace shirushi::unpack
