#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/android/android_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 256;
constexpr std::uint64_t kFooter = 64;
constexpr std::uint64_t kLargestBlock = 1U << 20;  // 64 KiB are all that the boot loader's library takes
constexpr std::size_t kMostDescriptors = 1024;
constexpr std::size_t kDescribed = 600;            // bytes of the descriptors' list

struct Header {
    std::uint64_t authentication = 0;
    std::uint64_t auxiliary = 0;
    std::uint32_t algorithm = 0;
    std::uint64_t hash_offset = 0;
    std::uint64_t hash_size = 0;
    std::uint64_t descriptors_offset = 0;
    std::uint64_t descriptors_size = 0;
    std::uint64_t rollback = 0;
    std::uint32_t flags = 0;
    std::string release;

    [[nodiscard]] std::uint64_t size() const { return kHeader + authentication + auxiliary; }
};

std::optional<Header> header_of(Bytes bytes) {
    if (bytes.size() < kHeader || as_text(bytes.first(4)) != "AVB0" || load_be<std::uint32_t>(bytes.data() + 4) != 1)
        return std::nullopt;
    const auto number = [&](std::size_t at) { return load_be<std::uint64_t>(bytes.data() + at); };
    Header header{.authentication = number(12), .auxiliary = number(20), .algorithm = load_be<std::uint32_t>(bytes.data() + 28), .hash_offset = number(32), .hash_size = number(40),
                  .descriptors_offset = number(96), .descriptors_size = number(104), .rollback = number(112), .flags = load_be<std::uint32_t>(bytes.data() + 120)};
    const std::string_view release = as_text(bytes.subspan(128, 48));
    header.release = printable(release.substr(0, release.find('\0')));
    if (header.authentication > kLargestBlock || header.auxiliary > kLargestBlock || header.authentication % 64 != 0 || header.auxiliary % 64 != 0 || header.algorithm > 6)
        return std::nullopt;
    if (header.descriptors_offset > header.auxiliary || header.descriptors_size > header.auxiliary - header.descriptors_offset)
        return std::nullopt;
    return header;
}

/// A text of `size` bytes at `offset` in a descriptor.
std::string text_in(Bytes descriptor, std::uint64_t offset, std::uint64_t size) { return printable(as_text(clipped(descriptor, offset, size))); }

/// One descriptor in words: what is verified, and how.
std::string told(std::uint64_t tag, Bytes body) {
    const auto word = [&](std::size_t at) { return at + 4 <= body.size() ? load_be<std::uint32_t>(body.data() + at) : 0; };
    const auto number = [&](std::size_t at) { return at + 8 <= body.size() ? load_be<std::uint64_t>(body.data() + at) : 0; };
    const auto c_text = [&](std::size_t at, std::size_t size) { return as_text(clipped(body, at, size)).substr(0, as_text(clipped(body, at, size)).find('\0')); };
    switch (tag) {
        case 0:
            return fmt::format("{} = {}", text_in(body, 16, number(0)), text_in(body, 16 + number(0) + 1, number(8)));
        case 1:
            return fmt::format("hash tree of {} ({}, {} bytes)", text_in(body, 164, word(88)), printable(c_text(56, 32)), number(4));
        case 2:
            return fmt::format("hash of {} ({}, {} bytes)", text_in(body, 116, word(40)), printable(c_text(8, 32)), number(0));
        case 3:
            return fmt::format("command line \"{}\"", text_in(body, 8, word(4)));
        case 4:
            return fmt::format("chain to {}", text_in(body, 76, word(4)));
        default:
            return fmt::format("descriptor {}", tag);
    }
}

std::string descriptors(Bytes area) {
    std::string text;
    for (std::size_t i = 0; i < kMostDescriptors && area.size() >= 16 && text.size() < kDescribed; ++i) {
        const auto tag = load_be<std::uint64_t>(area.data());
        const auto size = load_be<std::uint64_t>(area.data() + 8);
        if (size > area.size() - 16)
            return text + ", a descriptor that is damaged";
        text += ", " + told(tag, area.subspan(16, size));
        area = area.subspan(16 + size);
    }
    return excerpt(text, kDescribed);
}

}  // namespace

std::optional<FoundContainer> identify_android_vbmeta(Bytes bytes) {
    constexpr std::array<const char*, 7> kAlgorithms{"not signed",      "SHA256 with RSA-2048", "SHA256 with RSA-4096", "SHA256 with RSA-8192", "SHA512 with RSA-2048", "SHA512 with RSA-4096",
                                                     "SHA512 with RSA-8192"};
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(header->size(), bytes.size())};
    found.description = fmt::format("{}, {}, rollback index {}", header->release, kAlgorithms.at(header->algorithm), header->rollback);
    if ((header->flags & 1U) != 0)
        found.description += ", hash trees are switched off";
    if ((header->flags & 2U) != 0)
        found.description += ", VERIFICATION IS SWITCHED OFF";
    if (header->size() > bytes.size()) {
        found.description += ", " + cut_off(bytes.size(), header->size());
        return found;
    }
    const Bytes auxiliary = bytes.subspan(kHeader + header->authentication, header->auxiliary);
    if (header->algorithm >= 1 && header->algorithm <= 3 && header->hash_size == 32) {
        crypto::Sha256 sum;
        sum.update(bytes.first(kHeader));
        sum.update(auxiliary);
        const Digest digest = sum.finish();
        found.checked = std::ranges::equal(digest.bytes, clipped(bytes.subspan(kHeader, header->authentication), header->hash_offset, 32));
        found.description += found.checked ? ", digest fits" : ", DIGEST DOES NOT MATCH";
    }
    found.description += descriptors(auxiliary.subspan(header->descriptors_offset, header->descriptors_size));
    return found;
}

std::optional<FoundContainer> identify_android_avb_footer(Bytes bytes) {
    if (bytes.size() < kFooter || as_text(bytes.first(4)) != "AVBf" || load_be<std::uint32_t>(bytes.data() + 4) != 1)
        return std::nullopt;
    const auto original = load_be<std::uint64_t>(bytes.data() + 12);
    const auto offset = load_be<std::uint64_t>(bytes.data() + 20);
    const auto size = load_be<std::uint64_t>(bytes.data() + 28);
    const bool reserved = std::ranges::all_of(bytes.subspan(36, 28), [](std::uint8_t byte) { return byte == 0; });
    if (!reserved || original > offset || size < kHeader || size > 2 * kLargestBlock)
        return std::nullopt;
    return FoundContainer{.size = kFooter, .description = fmt::format("footer of verified boot: image of {} bytes, vbmeta at 0x{:x}", original, offset), .checked = true};
}

}  // namespace shirushi::unpack
