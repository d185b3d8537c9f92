// RAR 1.5 to 4 and RAR 5: blocks, each with a checksum of its header, up to the end block.

#include <archive.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::string_view kOldMagic{"Rar!\x1a\x07\0", 7};
constexpr std::string_view kNewMagic{"Rar!\x1a\x07\x01\0", 8};

std::uint32_t checksum(Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

/// What a walk over the blocks showed.
struct Walk {
    std::uint64_t end = 0;
    std::uint64_t files = 0;
    bool ended = false;      // the end block was seen
    bool encrypted = false;  // so are the headers behind the first
    bool volume = false;     // one of several
};

/// A block's type, what it says of the whole, and its extent.
struct Block {
    enum class Kind { archive, file, encryption, end, other } kind = Kind::other;
    std::uint64_t header = 0;
    std::uint64_t data = 0;
    bool volume = false;
    bool encrypted = false;
};

std::optional<Block> old_block(Bytes bytes) {
    if (bytes.size() < 7)
        return std::nullopt;
    const std::uint8_t type = bytes[2];
    const auto flags = load_le<std::uint16_t>(bytes.data() + 3);
    const auto size = load_le<std::uint16_t>(bytes.data() + 5);
    const Bytes header = clipped(bytes, 0, size);
    if (size < 7 || type < 0x72 || type > 0x7b || header.size() < size || (checksum(header.subspan(2)) & 0xffffU) != load_le<std::uint16_t>(bytes.data()))
        return std::nullopt;
    Block block{.header = size};
    const bool file = type == 0x74 || type == 0x7a;  // 0x7a: a service block, built like a file's
    if ((file || (flags & 0x8000U) != 0) && size >= 11)
        block.data = load_le<std::uint32_t>(bytes.data() + 7);
    if (file && (flags & 0x100U) != 0 && size >= 36)
        block.data |= std::uint64_t{load_le<std::uint32_t>(bytes.data() + 32)} << 32U;
    block.kind = type == 0x73 ? Block::Kind::archive : type == 0x74 ? Block::Kind::file : type == 0x7b ? Block::Kind::end : Block::Kind::other;
    block.volume = type == 0x73 && (flags & 1U) != 0;
    block.encrypted = type == 0x73 && (flags & 0x80U) != 0;
    return block;
}

/// RAR 5's numbers: seven bits a byte, least significant first, the top bit says that more follow.
std::optional<std::uint64_t> number(Reader& reader) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        const auto byte = reader.u8();
        if (!byte)
            return std::nullopt;
        value |= std::uint64_t{*byte & 0x7fU} << shift;
        if ((*byte & 0x80U) == 0)
            return value;
    }
    return std::nullopt;
}

std::optional<Block> new_block(Bytes bytes) {
    constexpr std::uint64_t kMostHeader = std::uint64_t{2} << 20;  // unrar's own ceiling
    Reader reader(bytes);
    const auto sum = reader.u32();
    const auto size = sum ? number(reader) : std::nullopt;
    if (!size || *size == 0 || *size > kMostHeader || *size > reader.remaining())
        return std::nullopt;
    Block block{.header = reader.position() + *size};
    if (checksum(bytes.subspan(4, block.header - 4)) != *sum)
        return std::nullopt;
    const auto type = number(reader);
    const auto flags = type ? number(reader) : std::nullopt;
    if (!flags || ((*flags & 1U) != 0 && !number(reader)))  // the extra area's size
        return std::nullopt;
    if ((*flags & 2U) != 0) {
        const auto data = number(reader);
        if (!data || *data > std::uint64_t{1} << 50U)
            return std::nullopt;
        block.data = *data;
    }
    constexpr std::array kKinds{Block::Kind::other, Block::Kind::archive, Block::Kind::file, Block::Kind::other, Block::Kind::encryption, Block::Kind::end};
    block.kind = *type < kKinds.size() ? kKinds.at(*type) : Block::Kind::other;
    if (block.kind == Block::Kind::archive)
        block.volume = (number(reader).value_or(0) & 1U) != 0;
    block.encrypted = block.kind == Block::Kind::encryption;
    return block;
}

std::optional<Walk> walk(Bytes bytes) {
    const bool old = as_text(clipped(bytes, 0, kOldMagic.size())) == kOldMagic;
    if (!old && as_text(clipped(bytes, 0, kNewMagic.size())) != kNewMagic)
        return std::nullopt;
    Walk walk{.end = old ? kOldMagic.size() : kNewMagic.size()};
    bool first = true;
    while (!walk.ended && !walk.encrypted) {
        const auto block = old ? old_block(bytes.subspan(walk.end)) : new_block(bytes.subspan(walk.end));
        if (!block)
            break;
        if (first && block->kind != Block::Kind::archive && block->kind != Block::Kind::encryption)
            return std::nullopt;
        first = false;
        walk.files += block->kind == Block::Kind::file ? 1 : 0;
        walk.ended = block->kind == Block::Kind::end;
        walk.encrypted = block->encrypted;
        walk.volume = walk.volume || block->volume;
        walk.end += std::min<std::uint64_t>(block->header + block->data, bytes.size() - walk.end);
    }
    return first ? std::nullopt : std::optional(walk);
}

}  // namespace

std::optional<FoundContainer> identify_rar(Bytes bytes) {
    const auto walked = walk(bytes);
    if (!walked)
        return std::nullopt;
    FoundContainer found{.size = walked->end, .description = bytes[6] == 0 ? "version 1.5 to 4" : "version 5", .checked = true};
    if (walked->encrypted) {
        // Where it ends stands in headers that nobody can read: the rest of the bytes is all that can be said.
        found.size = bytes.size();
        found.encrypted = bytes[6] == 0 ? "AES-128, names too, as RAR's header says" : "AES-256, names too, as RAR's header says";
        return found;
    }
    found.description += fmt::format(", {} files{}{}", walked->files, walked->volume ? ", one volume of several" : "", walked->ended ? "" : ", cut off or without an end mark");
    return found;
}

Result<void> read_rar(Bytes bytes, Share /*share*/, Sink& sink) {
    if (const auto walked = walk(bytes); walked && walked->encrypted)
        return {};
    return read_with_libarchive(bytes, as_text(clipped(bytes, 0, kOldMagic.size())) == kOldMagic ? archive_read_support_format_rar : archive_read_support_format_rar5, sink);
}

}  // namespace shirushi::unpack
