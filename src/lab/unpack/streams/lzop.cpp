// lzop's files: a header with a checksum, then blocks, each with its sizes and checksums, then a size of zero. The kernel's build
// makes its LZO images with the same tool. A file may hold several files, each with a header of its own.

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "unpack/streams/compressed.hpp"
#include "unpack/streams/lzo.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::string_view kMagic{"\x89LZO\0\r\n\x1a\n", 9};
constexpr std::uint16_t kNewHeader = 0x0940;  // since this version the header has a needed version, a level and a longer time
constexpr std::uint32_t kMostBlock = std::uint32_t{64} << 20;  // lzop reads no larger ones
constexpr std::uint64_t kMostRatio = 256;  // LZO cannot do better: one byte stands for at most 255

enum Flag : std::uint32_t {
    kAdlerOfOutput = 1, kAdlerOfInput = 2, kExtraField = 0x40, kCrcOfOutput = 0x100, kCrcOfInput = 0x200, kFilter = 0x800, kCrcOfHeader = 0x1000,
};

struct Header {
    std::uint32_t flags = 0;
    std::uint8_t method = 0;
    std::uint8_t level = 0;
    std::uint32_t filter = 0;
    std::int64_t modified = 0;
    std::string name;
    std::uint64_t size = 0;
};

std::uint32_t adler_of(Bytes bytes) { return static_cast<std::uint32_t>(adler32_z(1, bytes.data(), bytes.size())); }
std::uint32_t crc_of(Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

Result<Header> read_header(Bytes bytes) {
    Reader reader(bytes, Endian::big);
    if (as_text(TRY(reader.take(kMagic.size()))) != kMagic)
        return fail(Errc::bad_input, "no lzop header");
    Header header;
    const std::uint16_t version = TRY(reader.u16());
    TRY(reader.skip(2));  // the library's version
    if (version >= kNewHeader)
        TRY(reader.skip(2));  // the version that is needed
    header.method = TRY(reader.u8());
    header.level = version >= kNewHeader ? TRY(reader.u8()) : std::uint8_t{0};
    header.flags = TRY(reader.u32());
    header.filter = (header.flags & kFilter) != 0 ? TRY(reader.u32()) : 0;
    TRY(reader.skip(4));  // the file's mode
    header.modified = TRY(reader.u32());
    if (version >= kNewHeader)
        header.modified |= static_cast<std::int64_t>(std::uint64_t{TRY(reader.u32())} << 32U);
    const std::uint8_t length = TRY(reader.u8());
    header.name = std::string(as_text(TRY(reader.take(length))));
    const Bytes covered = bytes.subspan(kMagic.size(), reader.position() - kMagic.size());
    if (TRY(reader.u32()) != ((header.flags & kCrcOfHeader) != 0 ? crc_of(covered) : adler_of(covered)))
        return fail(Errc::bad_input, "the lzop header's checksum does not match");
    if ((header.flags & kExtraField) != 0) {
        const std::uint32_t extra = TRY(reader.u32());
        TRY(reader.skip(std::uint64_t{extra} + 4));
    }
    header.size = reader.position();
    return header;
}

struct Block {
    std::uint32_t output = 0;  // 0: the end
    std::uint32_t output_sum = 0;
    std::uint32_t input_sum = 0;
    bool stored = false;
    Bytes input;
};

Result<Block> read_block(Reader& reader, std::uint32_t flags) {
    Block block{.output = TRY(reader.u32())};
    if (block.output == 0)
        return block;
    const std::uint32_t input = TRY(reader.u32());
    if (block.output > kMostBlock || input > block.output || input == 0 || std::uint64_t{input} * kMostRatio + kMostRatio < block.output)
        return fail(Errc::bad_input, fmt::format("a block cannot have {} bytes out of {}", block.output, input));
    block.stored = input == block.output;
    // Both kinds of checksum at once are allowed, but never written: the last one is looked at.
    for (const std::uint32_t kind : {kAdlerOfOutput, kCrcOfOutput})
        if ((flags & kind) != 0)
            block.output_sum = TRY(reader.u32());
    for (const std::uint32_t kind : {kAdlerOfInput, kCrcOfInput})
        if ((flags & kind) != 0 && !block.stored)
            block.input_sum = TRY(reader.u32());
    block.input = TRY(reader.take(input));
    return block;
}

bool sum_fits(Bytes bytes, std::uint32_t sum, std::uint32_t flags, std::uint32_t adler, std::uint32_t crc) {
    return (flags & crc) != 0 ? crc_of(bytes) == sum : (flags & adler) == 0 || adler_of(bytes) == sum;
}

Result<void> put_block(const Block& block, const Header& header, Sink& sink) {
    if (!block.stored && !sum_fits(block.input, block.input_sum, header.flags, kAdlerOfInput, kCrcOfInput))
        return fail(Errc::bad_input, "the checksum of a compressed block does not match");
    const std::span<std::uint8_t> room = TRY(sink.reserve(block.output)).first(block.output);
    if (block.stored)
        copy_bytes(block.input, room);
    else if (const std::size_t made = TRY(decompress_lzo1x(block.input, room)); made != block.output)
        return fail(Errc::bad_input, fmt::format("a block gives {} bytes instead of {}", made, block.output));
    if (!sum_fits(room, block.output_sum, header.flags, kAdlerOfOutput, kCrcOfOutput))
        return fail(Errc::bad_input, "the checksum of a block's content does not match");
    sink.commit(block.output);
    return {};
}

Result<void> read_file(Bytes bytes, const Header& header, std::uint64_t& position, Sink& sink) {
    Reader reader(bytes, Endian::big);
    TRY(reader.seek(position));
    while (true) {
        const auto block = read_block(reader, header.flags);
        auto put = block && block->output != 0 ? put_block(*block, header, sink) : Result<void>();
        if (!block || !put) {
            Error error = block ? std::move(put).error() : block.error();
            return std::unexpected(std::move(error).within(fmt::format("the lzop block at 0x{:x}", position)));
        }
        position = reader.position();
        sink.consumed(position);
        if (block->output == 0)
            return {};
    }
}

/// Why this file cannot be read although its header is whole.
std::string unreadable(const Header& header) {
    if (header.method < 1 || header.method > 3)
        return fmt::format("its method {} is not LZO", header.method);
    if ((header.flags & kFilter) != 0 && header.filter != 0)
        return fmt::format("it went through filter {}, which is not known here", header.filter);
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_lzop(Bytes bytes) {
    const auto header = read_header(bytes);
    if (!header)
        return std::nullopt;
    std::string description = fmt::format("method {}, level {}", header->method, header->level);
    if (!header->name.empty())
        description += fmt::format(", {}", excerpt(header->name));
    if (header->modified > 0 && header->modified <= UINT32_MAX)
        description += fmt::format(", of {}", Date::from_days(header->modified / 86'400).text());
    return FoundContainer{.size = 0, .description = std::move(description), .checked = true};
}

Result<void> read_lzop(Bytes bytes, Share /*share*/, Sink& sink) {
    std::uint64_t position = 0;
    std::uint64_t files = 0;
    while (true) {
        const auto header = read_header(bytes.subspan(position));
        if (!header)
            return files != 0 ? Result<void>() : std::unexpected(header.error());
        TRY(files != 0 ? sink.begin_stream(header->name.empty() ? fmt::format("file{}", files + 1) : header->name, "") : sink.begin("", {}));
        if (const std::string why = unreadable(*header); !why.empty())
            return fail(Errc::unsupported, "the lzop file is not read: " + why);
        position += header->size;
        TRY(read_file(bytes, *header, position, sink));
        TRY(sink.end(""));
        ++files;
        if (files > 1)
            sink.describe(fmt::format("{} files", files));
    }
}

}  // namespace shirushi::unpack
