#include <fmt/format.h>
#include <zlib.h>

#include "base/text.hpp"
#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSuffix = 16;
constexpr std::uint64_t kPrefix = 11;
constexpr std::uint64_t kTargetPrefix = 274;
constexpr std::uint64_t kElementPrefix = 8;
constexpr std::size_t kMostElements = 4096;  // of all targets; real files have a few

struct Suffix {
    std::uint16_t device = 0;
    std::uint16_t product = 0;
    std::uint16_t vendor = 0;
    std::uint16_t specification = 0;
    std::uint32_t checksum = 0;
};

/// DFU 1.1, table B.1: read from the last byte on. Longer suffixes are allowed for, none is known.
std::optional<Suffix> suffix_of(Bytes bytes) {
    if (bytes.size() <= kSuffix)
        return std::nullopt;
    const std::uint8_t* at = bytes.data() + bytes.size() - kSuffix;
    if (as_text(bytes.subspan(bytes.size() - 8, 3)) != "UFD" || at[11] != kSuffix)
        return std::nullopt;
    return Suffix{.device = load_le<std::uint16_t>(at), .product = load_le<std::uint16_t>(at + 2), .vendor = load_le<std::uint16_t>(at + 4),
                  .specification = load_le<std::uint16_t>(at + 6), .checksum = load_le<std::uint32_t>(at + 12)};
}

/// The checksum covers all before itself, and is stored without the last inversion.
bool checksum_fits(Bytes bytes, const Suffix& suffix) {
    return static_cast<std::uint32_t>(~crc32_z(0, bytes.data(), bytes.size() - 4)) == suffix.checksum;
}

std::string described(const Suffix& suffix) {
    const auto told = [](std::uint16_t number) { return number == 0xffff ? std::string("any") : fmt::format("{:04x}", number); };
    return fmt::format("for USB device {}:{}, version {}", told(suffix.vendor), told(suffix.product), told(suffix.device));
}

struct Prefix {
    std::uint32_t size = 0;  // all but the suffix
    std::uint8_t targets = 0;
};

std::optional<Prefix> prefix_of(Bytes bytes) {
    if (bytes.size() < kPrefix || as_text(bytes.first(6)) != "DfuSe\x01")
        return std::nullopt;
    const Prefix prefix{.size = load_le<std::uint32_t>(bytes.data() + 6), .targets = bytes[10]};
    const bool target = bytes.size() < kPrefix + 6 || as_text(bytes.subspan(kPrefix, 6)) == "Target";
    if (prefix.size < kPrefix || prefix.targets == 0 || !target)
        return std::nullopt;
    return prefix;
}

/// One target's elements. Returns where it ends.
std::uint64_t add_elements(Bytes bytes, std::uint64_t at, unsigned target, Parts& result) {
    const std::uint8_t* header = bytes.data() + at;
    const bool named = load_le<std::uint32_t>(header + 7) != 0;
    const std::string_view raw = as_text(bytes.subspan(at + 11, 255));
    const std::string name = named ? fmt::format(" {}", printable(raw.substr(0, raw.find('\0')))) : "";
    const auto size = load_le<std::uint32_t>(header + 266);
    const auto elements = load_le<std::uint32_t>(header + 270);
    const std::uint64_t end = at + kTargetPrefix + size;
    at += kTargetPrefix;
    for (std::uint32_t i = 0; i < elements; ++i) {
        const Bytes element = clipped(bytes, at, kElementPrefix);
        if (element.size() < kElementPrefix || at + kElementPrefix > end || result.parts.size() >= kMostElements) {
            result.damage = fmt::format("target {}: {} of {} elements could be read", target, i, elements);
            return end;
        }
        const auto address = load_le<std::uint32_t>(element.data());
        const auto length = load_le<std::uint32_t>(element.data() + 4);
        result.parts.push_back({.name = fmt::format("{} (target {}{})", address_name(address), target, name), .offset = at + kElementPrefix, .size = length, .encrypted = {}});
        at += kElementPrefix + length;
    }
    if (at != end)
        result.damage = fmt::format("target {}: its elements do not fill it", target);
    return end;
}

}  // namespace

std::optional<FoundContainer> identify_dfu(Bytes bytes) {
    const auto suffix = suffix_of(bytes);
    if (!suffix || prefix_of(bytes) || !checksum_fits(bytes, *suffix))
        return std::nullopt;
    return FoundContainer{.size = bytes.size(), .description = described(*suffix), .checked = true};
}

Result<Parts> split_dfu(Bytes bytes) {
    return Parts{.parts = {{.name = "firmware", .offset = 0, .size = bytes.size() - kSuffix, .encrypted = {}}}, .damage = {}};
}

std::optional<FoundContainer> identify_dfuse(Bytes bytes) {
    const auto prefix = prefix_of(bytes);
    if (!prefix)
        return std::nullopt;
    const Bytes all = clipped(bytes, 0, std::uint64_t{prefix->size} + kSuffix);
    std::string description = fmt::format("{} target{}", prefix->targets, prefix->targets == 1 ? "" : "s");
    const bool whole = all.size() == std::uint64_t{prefix->size} + kSuffix;
    const auto suffix = whole ? suffix_of(all) : std::nullopt;
    if (suffix)
        description += ", " + described(*suffix);
    if (!whole)
        description += ", " + cut_off(all.size(), std::uint64_t{prefix->size} + kSuffix);
    return FoundContainer{.size = all.size(), .description = std::move(description), .checked = suffix && checksum_fits(all, *suffix)};
}

Result<Parts> split_dfuse(Bytes bytes) {
    const auto prefix = prefix_of(bytes);
    if (!prefix)
        return fail(Errc::internal, "not a DfuSe file after all");
    Parts result;
    std::uint64_t at = kPrefix;
    for (unsigned target = 0; target < prefix->targets; ++target) {
        const Bytes header = clipped(bytes, at, kTargetPrefix);
        if (header.size() < kTargetPrefix || as_text(header.first(6)) != "Target") {
            result.damage = fmt::format("{} of {} targets could be read", target, prefix->targets);
            break;
        }
        at = add_elements(bytes, at, target, result);
    }
    const auto suffix = suffix_of(bytes);
    if (result.damage.empty() && !suffix)
        result.damage = "the suffix is missing";
    else if (result.damage.empty() && !checksum_fits(bytes, *suffix))
        result.damage = "the checksum does not match";
    return result;
}

}  // namespace shirushi::unpack
