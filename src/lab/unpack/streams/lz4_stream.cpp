#include <fmt/format.h>
#include <lz4.h>
#include <lz4frame.h>

#include <algorithm>
#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint32_t kFrameMagic = 0x184d2204;
constexpr std::uint32_t kLegacyMagic = 0x184c2102;
constexpr std::uint64_t kLegacyBlock = std::uint64_t{8} << 20;  // lz4_Frame_format, "Legacy frame": blocks of 8 MiB

struct ContextEnd {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

/// The size field of a legacy block, if it can be one.
std::optional<std::uint32_t> block_size(Bytes at) {
    if (at.size() < 4)
        return std::nullopt;
    const auto size = load_le<std::uint32_t>(at.data());
    const auto most = static_cast<std::uint32_t>(LZ4_compressBound(static_cast<int>(kLegacyBlock)));
    return size != 0 && size <= most ? std::optional(size) : std::nullopt;
}

}  // namespace

std::optional<FoundContainer> identify_lz4(Bytes bytes) {
    // Flags: version 01, bit 1 reserved; block descriptor: only bits 4 to 6, sizes 4 to 7. The header's checksum is verified
    // by the decoder.
    if (bytes.size() < 11 || load_le<std::uint32_t>(bytes.data()) != kFrameMagic)
        return std::nullopt;
    if (bytes[4] >> 6U != 1 || (bytes[4] & 2U) != 0 || (bytes[5] & 0x8fU) != 0 || bytes[5] >> 4U < 4)
        return std::nullopt;
    return FoundContainer{.size = 0, .description = "frame"};
}

Result<void> read_lz4(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    LZ4F_dctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0)
        return fail(Errc::limit, "it needs more memory than a decoder may have");
    const std::unique_ptr<LZ4F_dctx, ContextEnd> context(made);
    std::uint64_t position = 0;
    while (true) {
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        std::size_t out = room.size();
        std::size_t in = bytes.size() - position;
        const std::size_t code = LZ4F_decompress(context.get(), room.data(), &out, bytes.data() + position, &in, nullptr);
        if (LZ4F_isError(code) != 0)
            return fail(Errc::bad_input, fmt::format("the lz4 frame is damaged after 0x{:x}: {}", position, LZ4F_getErrorName(code)));
        sink.commit(out);
        position += in;
        sink.consumed(position);
        if (code == 0) {
            // Behind a frame: another one, perhaps behind a skippable one.
            const std::uint64_t skipped = skippable_frame(bytes.subspan(position));
            if (!identify_lz4(bytes.subspan(position + skipped)))
                return sink.end("");
            position += skipped;
        }
        if (code != 0 && out == 0 && in == 0)
            return fail(Errc::bad_input, fmt::format("the lz4 frame is cut off at 0x{:x}", position));
    }
}

std::optional<FoundContainer> identify_lz4_legacy(Bytes bytes) {
    if (bytes.size() < 16 || load_le<std::uint32_t>(bytes.data()) != kLegacyMagic || !block_size(bytes.subspan(4)))
        return std::nullopt;
    return FoundContainer{.size = 0, .description = "legacy frame"};
}

Result<void> read_lz4_legacy(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    std::uint64_t position = 4;
    while (const auto size = block_size(bytes.subspan(position))) {
        const Bytes block = clipped(bytes, position + 4, *size);
        if (block.size() < *size)
            return fail(Errc::bad_input, fmt::format("the lz4 stream is cut off in the block at 0x{:x}", position));
        const std::span<std::uint8_t> room = TRY(sink.reserve(kLegacyBlock));
        const int made = LZ4_decompress_safe(as_text(block).data(), reinterpret_cast<char*>(room.data()), static_cast<int>(block.size()), static_cast<int>(room.size()));
        if (made < 0 && position > 4)
            break;  // the kernel's build appends the unpacked size behind the last block; that is not a block
        if (made < 0)
            return fail(Errc::bad_input, "the first lz4 block is damaged");
        sink.commit(static_cast<std::uint64_t>(made));
        position += 4 + *size;
        sink.consumed(position);
        if (static_cast<std::uint64_t>(made) < kLegacyBlock)
            break;  // only the last block is not full
    }
    return sink.end("");
}

}  // namespace shirushi::unpack
