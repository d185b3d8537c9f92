#include "unpack/disks/encrypted_volumes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 592;      // of version 1; version 2's is larger
constexpr std::uint64_t kJson = 4096;       // where version 2's description begins
constexpr std::uint64_t kMostJson = std::uint64_t{4} << 20;

/// A field of printable text, ended or filled with zeros; empty where it is none.
std::string_view text_field(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
    const std::string_view field = as_text(clipped(bytes, offset, size));
    const std::string_view text = field.substr(0, field.find('\0'));
    const bool printable = std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter < '\x7f'; });
    return printable ? text : std::string_view();
}

/// The value of the last member "encryption" in version 2's JSON: the segments stand behind the key slots, which have one, too.
std::string_view cipher_of_json(std::string_view json) {
    constexpr std::string_view kMember = "\"encryption\":\"";
    const std::size_t at = json.rfind(kMember);
    return at == std::string_view::npos ? "" : json.substr(at + kMember.size(), std::min(json.find('"', at + kMember.size()) - at - kMember.size(), std::size_t{64}));
}

}  // namespace

std::optional<FoundContainer> identify_luks(Bytes bytes) {
    if (bytes.size() < kHeader || as_text(bytes.first(6)) != "LUKS\xba\xbe")
        return std::nullopt;
    const auto version = load_be<std::uint16_t>(bytes.data() + 6);
    const std::string_view uuid = text_field(bytes, 168, 40);
    if (version == 1) {
        const std::string_view cipher = text_field(bytes, 8, 32);
        if (cipher.empty() || uuid.empty())
            return std::nullopt;
        return FoundContainer{.size = bytes.size(), .description = fmt::format("version 1, {}", uuid), .checked = true,
                              .encrypted = fmt::format("{}-{} with a key of {} bits, as its LUKS header says", cipher, text_field(bytes, 40, 32), 8 * load_be<std::uint32_t>(bytes.data() + 108))};
    }
    const auto header = load_be<std::uint64_t>(bytes.data() + 8);
    if (version != 2 || header < 2 * kJson || header > kMostJson || text_field(bytes, 72, 32).empty() || uuid.empty())
        return std::nullopt;
    const std::string_view cipher = cipher_of_json(as_text(clipped(bytes, kJson, header - kJson)));
    const std::string_view label = text_field(bytes, 24, 48);
    return FoundContainer{.size = bytes.size(), .description = fmt::format("version 2, {}{}{}", uuid, label.empty() ? "" : ", ", label), .checked = true,
                          .encrypted = fmt::format("{}, as its LUKS header says", cipher.empty() ? "with an unknown cipher" : excerpt(cipher, 64))};
}

std::optional<FoundContainer> identify_openssl_encrypted(Bytes bytes) {
    constexpr std::uint64_t kSalt = 16;  // behind the word
    if (bytes.size() <= kSalt || bytes.size() % 8 != 0 || as_text(bytes.first(8)) != "Salted__")
        return std::nullopt;
    return FoundContainer{.size = bytes.size(), .description = "openssl enc", .checked = true,
                          .encrypted = fmt::format("with a password, as the word Salted__ of openssl enc says{}", bytes.size() % 16 == 0 ? "" : ", by a cipher of 8-byte blocks")};
}

}  // namespace shirushi::unpack
