#include "unpack/archives/rauc.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "unpack/archives/signed_message.hpp"
#include "unpack/filesystems/squashfs.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kTrailer = 8;
constexpr std::uint64_t kMostMessage = std::uint64_t{64} << 10;  // RAUC's own ceiling
constexpr std::uint64_t kBlock = 4096;  // payload and hash tree are whole blocks

struct Bundle {
    std::uint64_t message_at = 0;
    std::uint64_t size = 0;
    SignedMessage message;
    std::uint64_t file_system = 0;  // bytes of the SquashFS; 0 when there is none in the clear
};

/// The message at `at`, when its size stands behind it.
std::optional<Bundle> bundle_with(Bytes bytes, std::uint64_t at, std::uint64_t size) {
    const Bytes trailer = clipped(bytes, at + size, kTrailer);
    if (size == 0 || size > kMostMessage || trailer.size() < kTrailer || load_be<std::uint64_t>(trailer.data()) != size)
        return std::nullopt;
    auto message = read_signed_message(bytes.subspan(at, size));
    if (!message || message->size != size)
        return std::nullopt;
    return Bundle{.message_at = at, .size = at + size + kTrailer, .message = std::move(*message)};
}

std::optional<Bundle> bundle_of(Bytes bytes) {
    const auto squashfs = identify_squashfs(bytes);
    const std::uint64_t file_system = squashfs ? squashfs->size : 0;
    std::optional<Bundle> bundle;
    // In the plain format the message follows at once, whatever stands behind the bundle.
    if (const std::uint64_t at = (file_system + kBlock - 1) / kBlock * kBlock; file_system != 0 && at < bytes.size()) {
        const auto message = read_signed_message(clipped(bytes, at, kMostMessage));
        bundle = message ? bundle_with(bytes, at, message->size) : std::nullopt;
    }
    if (!bundle && bytes.size() > kBlock + kTrailer) {
        const auto size = load_be<std::uint64_t>(bytes.data() + bytes.size() - kTrailer);
        if (size <= kMostMessage && size + kTrailer < bytes.size() && (bytes.size() - kTrailer - size) % kBlock == 0)
            bundle = bundle_with(bytes, bytes.size() - kTrailer - size, size);
    }
    if (bundle)
        bundle->file_system = file_system;
    return bundle;
}

/// "key=value" of a section of the manifest (GLib's key file format).
std::string manifest_value(std::string_view manifest, std::string_view section, std::string_view key) {
    std::string_view current;
    for (const std::string_view raw : lines_of(manifest)) {
        const std::string_view line = trimmed(raw);
        const std::size_t equals = line.find('=');
        if (line.starts_with('[') && line.ends_with(']'))
            current = line.substr(1, line.size() - 2);
        else if (equals != std::string_view::npos && current == section && trimmed(line.substr(0, equals)) == key)
            return excerpt(trimmed(line.substr(equals + 1)));
    }
    return {};
}

bool is_encrypted(const Bundle& bundle) {
    return bundle.message.enveloped || manifest_value(as_text(bundle.message.content), "bundle", "format") == "crypt";
}

std::string described(const Bundle& bundle) {
    const std::string_view manifest = as_text(bundle.message.content);
    std::string format = manifest_value(manifest, "bundle", "format");
    if (format.empty())
        format = is_encrypted(bundle) ? "crypt" : "plain";
    std::string text = fmt::format("RAUC bundle, format {}", format);
    for (const char* key : {"compatible", "version", "build"})
        if (const std::string value = manifest_value(manifest, "update", key); !value.empty())
            text += fmt::format(", {} {}", key, value);
    if (const std::uint64_t end = (bundle.file_system + kBlock - 1) / kBlock * kBlock; bundle.file_system != 0 && end < bundle.message_at)
        text += fmt::format(", {} bytes of hash tree", bundle.message_at - end);
    if (bundle.message.enveloped)
        return text;
    return text + (bundle.message.signer.empty() ? ", signed (not verified)" : fmt::format(", signed by {} (not verified)", bundle.message.signer));
}

}  // namespace

std::optional<FoundContainer> identify_rauc(Bytes bytes) {
    const auto bundle = bundle_of(bytes);
    if (!bundle || (bundle->file_system == 0 && !is_encrypted(*bundle)))
        return std::nullopt;
    FoundContainer found{.size = bundle->size, .description = described(*bundle), .checked = true};
    if (is_encrypted(*bundle))
        found.encrypted = bundle->message.enveloped ? "for its recipients only, as the CMS message says (its payload AES-256)" : "AES-256, as the manifest's format crypt says";
    return found;
}

Result<Parts> split_rauc(Bytes bytes) {
    const auto bundle = bundle_of(bytes);
    if (!bundle)
        return fail(Errc::internal, "not a RAUC bundle after all");
    Parts result;
    const bool encrypted = is_encrypted(*bundle);
    const std::uint64_t payload = encrypted ? bundle->message_at : bundle->file_system;
    result.parts.push_back({"payload.squashfs", 0, payload, encrypted ? "by dm-crypt, as the bundle's format says" : ""});
    result.parts.push_back({"signature.cms", bundle->message_at, bundle->size - kTrailer - bundle->message_at});
    return result;
}

}  // namespace shirushi::unpack
