#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "unpack/boot/boot_images.hpp"
#include "unpack/boot/linux_images.hpp"
#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kMagic = 0x016f2818;
constexpr std::uint32_t kSecondMagic = 0x45454545;
constexpr std::uint32_t kSizeTag = 0x5a534c4b;  // "KLSZ"
constexpr std::uint32_t kNop = 0xe1a00000;      // mov r0, r0
constexpr std::uint64_t kHeader = 0x40;
constexpr std::uint64_t kLargest = std::uint64_t{256} << 20;
constexpr std::uint64_t kLoaderReach = std::uint64_t{256} << 10;  // decompressors are some ten KiB long
constexpr std::size_t kMostTrees = 64;                            // appended one behind the other

struct Header {
    Endian endian = Endian::little;  // of the header's own words
    bool big_endian_kernel = false;
    std::uint32_t size = 0;
    std::uint64_t payload_end = 0;  // 0: not said
};

/// The table that newer kernels put behind their header words: entries of a length in words, a tag, data; ended by a zero.
std::uint64_t payload_end(Bytes bytes, std::uint64_t table, Endian endian, std::uint32_t size) {
    constexpr int kMostEntries = 16;
    Reader reader(clipped(bytes, table, 1024), endian);
    for (int i = 0; i < kMostEntries; ++i) {
        const auto words = reader.u32();
        const auto tag = reader.u32();
        if (!tag || *words == 0 || *words > 64)
            return 0;
        const auto first = reader.u32();  // where the unpacked size stands: the payload's last word
        if (!first)
            return 0;
        if (*tag == kSizeTag)
            return *first >= kHeader && *first + std::uint64_t{4} <= size ? *first + std::uint64_t{4} : 0;
        if (!reader.skip((std::uint64_t{*words} - 1) * 4))
            return 0;
    }
    return 0;
}

std::optional<Header> header_of(Bytes bytes) {
    if (bytes.size() < kHeader)
        return std::nullopt;
    Header header;
    header.endian = load_le<std::uint32_t>(bytes.data() + 0x24) == kMagic ? Endian::little : Endian::big;
    Reader reader(bytes, header.endian);
    std::array<std::uint32_t, 16> words{};
    for (std::uint32_t& word : words)
        word = reader.u32().value_or(0);
    if (words[9] != kMagic || words[11] <= words[10])
        return std::nullopt;
    header.size = words[11] - words[10];
    const bool second = words[13] == kSecondMagic;
    // Kernels before 4.15 have no second magic, but always begin with instructions that do nothing.
    const bool nops = std::ranges::all_of(std::span(words).subspan(2, 4), [](std::uint32_t word) { return word == kNop; });
    if ((!second && !nops) || header.size < 1024 || header.size > kLargest)
        return std::nullopt;
    header.big_endian_kernel = words[12] == 0x01020304 || header.endian == Endian::big;
    if (second && words[14] >= kHeader && words[14] < header.size)
        header.payload_end = payload_end(bytes, words[14], header.endian, header.size);
    return header;
}

struct Payload {
    std::uint64_t offset = 0;
    std::string_view compression;
};

std::optional<std::string_view> compression_at(Bytes at) {
    switch (at[0]) {
        case 0x1f: return at[1] == 0x8b && identify_gzip(at) ? std::optional("gzip"sv) : std::nullopt;
        case 0xfd: return at[1] == '7' && identify_xz(at) ? std::optional("xz"sv) : std::nullopt;
        case 0x89: return as_text(clipped(at, 1, 8)) == "LZO\0\r\n\x1a\n"sv ? std::optional("lzo"sv) : std::nullopt;
        case 0x02: return at[1] == 0x21 && load_le<std::uint32_t>(at.data()) == 0x184c2102 && identify_lz4_legacy(at) ? std::optional("lz4"sv) : std::nullopt;
        case 0x28: return at[1] == 0xb5 && load_le<std::uint32_t>(at.data()) == 0xfd2fb528 && identify_zstd(at) ? std::optional("zstd"sv) : std::nullopt;
        case 0x42: return at[1] == 'Z' && at[2] == 'h' && identify_bzip2(at) ? std::optional("bzip2"sv) : std::nullopt;
        case 0x5d: return at[1] == 0 && at[2] == 0 && identify_lzma(at) ? std::optional("lzma"sv) : std::nullopt;
        default: return std::nullopt;
    }
}

/// The first thing behind the header that looks like a compressed stream.
std::optional<Payload> payload_in(Bytes kernel) {
    const std::uint64_t last = std::min<std::uint64_t>(kernel.size(), kHeader + kLoaderReach);
    for (std::uint64_t at = kHeader; at + 32 < last; ++at)
        if (const auto compression = compression_at(kernel.subspan(at)))
            return Payload{at, *compression};
    return std::nullopt;
}

std::size_t trees_behind(Bytes bytes, std::uint64_t at) {
    std::size_t count = 0;
    while (count < kMostTrees) {
        const Bytes rest = clipped(bytes, at, UINT64_MAX);
        const auto tree = rest.size() >= 40 && load_be<std::uint32_t>(rest.data()) == 0xd00dfeed ? identify_device_tree(rest) : std::nullopt;
        if (!tree)
            break;
        ++count;
        at += tree->size;
    }
    return count;
}

}  // namespace

std::optional<FoundContainer> identify_zimage(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    const Bytes kernel = clipped(bytes, 0, header->size);
    std::string description = fmt::format("Linux zImage, arm, {} endian", header->big_endian_kernel ? "big" : "little");
    const auto payload = payload_in(kernel);
    description += payload ? fmt::format(", {} at 0x{:x}", payload->compression, payload->offset) : ", no compressed kernel found";
    if (header->payload_end != 0 && header->payload_end <= kernel.size()) {
        const std::uint8_t* word = kernel.data() + header->payload_end - 4;
        const auto unpacked = header->endian == Endian::little ? load_le<std::uint32_t>(word) : load_be<std::uint32_t>(word);
        description += fmt::format(", unpacks to {} bytes", unpacked);
    }
    if (kernel.size() < header->size)
        description += ", " + cut_off(kernel.size(), header->size);
    else if (const std::size_t trees = trees_behind(bytes, header->size); trees != 0)
        description += fmt::format(", {} appended behind it", trees == 1 ? "a device tree" : fmt::format("{} device trees", trees));
    return FoundContainer{.size = kernel.size(), .description = std::move(description), .checked = true};
}

Result<Parts> split_zimage(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return fail(Errc::internal, "not a zImage after all");
    const Bytes kernel = clipped(bytes, 0, header->size);
    Parts result;
    if (kernel.size() < header->size)
        result.damage = cut_off(kernel.size(), header->size);
    const auto payload = payload_in(kernel);
    if (!payload) {
        result.parts.push_back({.name = "kernel", .offset = kHeader, .size = kernel.size() - kHeader, .encrypted = {}});
        return result;
    }
    const std::uint64_t end = header->payload_end > payload->offset ? std::min<std::uint64_t>(header->payload_end, kernel.size()) : kernel.size();
    if (payload->offset > kHeader)
        result.parts.push_back({.name = "loader", .offset = kHeader, .size = payload->offset - kHeader, .encrypted = {}});
    result.parts.push_back({.name = "payload", .offset = payload->offset, .size = end - payload->offset, .encrypted = {}});
    if (end < kernel.size())
        result.parts.push_back({.name = "tables", .offset = end, .size = kernel.size() - end, .encrypted = {}});
    return result;
}

}  // namespace shirushi::unpack
