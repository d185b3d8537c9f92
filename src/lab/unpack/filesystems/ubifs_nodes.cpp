#include "unpack/filesystems/ubifs_nodes.hpp"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/streams/lzo.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t magic = 0x06101831;
constexpr std::uint64_t checksum_from = 8;  // magic and checksum itself are not covered
constexpr std::uint64_t superblock_size = 4096;
constexpr std::uint64_t smallest_block = 15 * 1024;                // UBIFS_MIN_LEB_SZ
constexpr std::uint64_t largest_block = std::uint64_t{8} << 20;    // of flash that is sold
constexpr std::uint64_t longest_index = 28 + 256 * (20 + 64);      // children, each with a key and the longest hash

/// Shortest and longest node of each type: a wrong length must not cost a checksum over a whole erase block.
struct Lengths {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};
constexpr std::array<Lengths, 14> lengths_of{{{160, 160 + 4096}, {48, 48 + 4096}, {56, 56 + 256}, {56, 56 + 256}, {56, 56}, {28, 28}, {4096, 4096},
                                              {512, 512}, {64, 64}, {28, longest_index}, {32, 32}, {32, largest_block}, {24, 512}, {24, 8192}}};

std::uint64_t aligned(std::uint64_t size) { return (size + 7) / 8 * 8; }

std::optional<std::uint64_t> length_at(Bytes bytes, std::uint64_t at, std::uint64_t end) {
    end = std::min<std::uint64_t>(end, bytes.size());
    if (end < ubifs_header || at > end - ubifs_header)
        return std::nullopt;
    const std::uint8_t* from = bytes.data() + at;
    if (load_le<std::uint32_t>(from) != magic || from[20] >= lengths_of.size())
        return std::nullopt;
    const std::uint64_t length = load_le<std::uint32_t>(from + 16);
    const Lengths& allowed = lengths_of.at(from[20]);
    if (length < allowed.least || length > allowed.most || length > end - at)
        return std::nullopt;
    return length;
}

struct CloseDeflate {
    void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};
struct CloseZstd {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

bool inflate_exactly(Bytes input, std::span<std::uint8_t> output) {
    thread_local const std::unique_ptr<libdeflate_decompressor, CloseDeflate> decompressor(libdeflate_alloc_decompressor());
    return decompressor && libdeflate_deflate_decompress(decompressor.get(), input.data(), input.size(), output.data(), output.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

bool unzstd_exactly(Bytes input, std::span<std::uint8_t> output) {
    thread_local const std::unique_ptr<ZSTD_DCtx, CloseZstd> context(ZSTD_createDCtx());
    return context && ZSTD_decompressDCtx(context.get(), output.data(), output.size(), input.data(), input.size()) == output.size();
}

}  // namespace

std::optional<UbifsNode> ubifs_node(Bytes bytes, std::uint64_t at, std::uint64_t end) {
    const auto length = length_at(bytes, at, end);
    if (!length)
        return std::nullopt;
    const Bytes node = bytes.subspan(at, *length);
    if (flash_checksum(0xffffffff, node.subspan(checksum_from)) != load_le<std::uint32_t>(node.data() + 4))
        return std::nullopt;
    return UbifsNode{.type = static_cast<UbifsType>(node[20]), .at = at, .sequence = load_le<std::uint64_t>(node.data() + 8), .bytes = node};
}

std::optional<UbifsSuperblock> ubifs_superblock(Bytes bytes) {
    const auto node = ubifs_node(bytes, 0, superblock_size);
    if (!node || node->type != UbifsType::superblock)
        return std::nullopt;
    const std::uint8_t* at = node->bytes.data();
    const auto flags = load_le<std::uint32_t>(at + 28);
    UbifsSuperblock superblock{.block_size = load_le<std::uint32_t>(at + 36),
                               .blocks = load_le<std::uint32_t>(at + 40),
                               .log_blocks = load_le<std::uint32_t>(at + 56),
                               .main_start = 0,
                               .version = load_le<std::uint32_t>(at + 80),
                               .compressor = load_le<std::uint16_t>(at + 84),
                               .encrypted = (flags & 0x10U) != 0,
                               .authenticated = (flags & 0x20U) != 0};
    // One LEB for the superblock, two for the master, then the log, the tree of free space, orphans, and all the rest.
    const std::uint64_t main_start = 3 + std::uint64_t{superblock.log_blocks} + load_le<std::uint32_t>(at + 60) + load_le<std::uint32_t>(at + 64);
    if (superblock.block_size < smallest_block || superblock.block_size > largest_block || superblock.block_size % 8 != 0 || main_start >= superblock.blocks)
        return std::nullopt;
    superblock.main_start = static_cast<std::uint32_t>(main_start);
    return superblock;
}

UbifsMaster ubifs_master(const UbifsNode& node) {
    const std::uint8_t* at = node.bytes.data();
    return {.commit = load_le<std::uint64_t>(at + 32), .log_block = load_le<std::uint32_t>(at + 44), .root_block = load_le<std::uint32_t>(at + 48),
            .root_offset = load_le<std::uint32_t>(at + 52), .root_length = load_le<std::uint32_t>(at + 56)};
}

void walk_ubifs(Bytes bytes, std::uint64_t from, std::uint64_t end, std::uint64_t& budget, const std::function<bool(const UbifsNode&)>& see) {
    end = std::min<std::uint64_t>(end, bytes.size());
    for (std::uint64_t at = from; at + ubifs_header <= end;) {
        const auto length = length_at(bytes, at, end);
        if (!length) {
            at += 8;
            continue;
        }
        const auto node = ubifs_node(bytes, at, end);
        if (!node) {
            if (budget < *length)
                return;
            budget -= *length;
            at += 8;
            continue;
        }
        if (!see(*node))
            return;
        const std::uint64_t padding = node->type == UbifsType::padding ? load_le<std::uint32_t>(node->bytes.data() + ubifs_header) : 0;
        at += aligned(*length + padding);
    }
}

std::string name_of_ubifs_compressor(std::uint32_t number) {
    constexpr std::array names{"none", "lzo", "zlib", "zstd"};
    return number < names.size() ? names.at(number) : fmt::format("compressor {}", number);
}

Result<void> decompress_ubifs(std::uint32_t compressor, Bytes input, std::span<std::uint8_t> output) {
    bool whole = false;
    switch (compressor) {
        case 0:
            whole = input.size() >= output.size();
            if (whole)
                std::ranges::copy(input.first(output.size()), output.begin());
            break;
        case 1: {
            const auto size = decompress_lzo1x(input, output);
            whole = size && *size == output.size();
            break;
        }
        case 2: whole = inflate_exactly(input, output); break;
        case 3: whole = unzstd_exactly(input, output); break;
        default: return fail(Errc::unsupported, fmt::format("{} is not known", name_of_ubifs_compressor(compressor)));
    }
    return whole ? Result<void>{} : fail(Errc::bad_input, fmt::format("{} data that cannot be decompressed", name_of_ubifs_compressor(compressor)));
}

}  // namespace shirushi::unpack
