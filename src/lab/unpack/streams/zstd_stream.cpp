#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

struct ContextEnd {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// A frame with content.
std::optional<FoundContainer> frame_at(Bytes bytes) {
    // RFC 8878, 3.1.1: magic, descriptor (bit 3 reserved), window descriptor, dictionary id, content size; then a block whose
    // type 3 is reserved.
    if (bytes.size() < 13 || load_le<std::uint32_t>(bytes.data()) != 0xfd2fb528U || (bytes[4] & 8U) != 0)
        return std::nullopt;
    const std::uint8_t descriptor = bytes[4];
    const bool single = (descriptor & 0x20U) != 0;
    const unsigned size_code = descriptor >> 6U;
    const std::size_t size_bytes = size_code == 0 ? (single ? 1 : 0) : std::size_t{1} << size_code;
    const std::size_t dictionary_bytes = (descriptor & 3U) == 3 ? 4 : descriptor & 3U;
    const Bytes block = clipped(bytes, 5 + (single ? 0 : 1) + dictionary_bytes + size_bytes, 3);
    if (block.size() < 3 || (block[0] >> 1U & 3U) == 3)
        return std::nullopt;
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size == ZSTD_CONTENTSIZE_ERROR)
        return std::nullopt;
    return FoundContainer{.size = 0, .description = size == ZSTD_CONTENTSIZE_UNKNOWN ? "" : fmt::format("{} bytes", size)};
}

}  // namespace

std::uint64_t skippable_frame(Bytes bytes) {
    if (bytes.size() < 8 || (load_le<std::uint32_t>(bytes.data()) & 0xfffffff0U) != 0x184d2a50U)
        return 0;
    const std::uint64_t size = std::uint64_t{8} + load_le<std::uint32_t>(bytes.data() + 4);
    return size <= bytes.size() ? size : 0;
}

namespace {

/// The next frame with content, behind skippable ones (pzstd puts one before each frame); nothing when another thing follows.
std::optional<std::uint64_t> frame_behind(Bytes bytes, std::uint64_t position) {
    for (std::uint64_t at = position; at < bytes.size();) {
        const std::uint64_t skipped = skippable_frame(bytes.subspan(at));
        if (skipped == 0)
            return frame_at(bytes.subspan(at)) ? std::optional(at) : std::nullopt;
        at += skipped;
    }
    return std::nullopt;
}

/// Contrib's seekable format ends with a skippable frame that holds the table of frames and, last, this number.
std::uint64_t seek_table(Bytes bytes) {
    constexpr std::uint32_t kSeekable = 0x8f92eab1;
    const std::uint64_t size = skippable_frame(bytes);
    return size >= 17 && load_le<std::uint32_t>(bytes.data() + size - 4) == kSeekable ? size : 0;
}

Result<void> finish(Bytes bytes, std::uint64_t position, std::uint64_t frames, Sink& sink) {
    const std::uint64_t table = seek_table(bytes.subspan(position));
    sink.consumed(position + table);
    if (frames > 1)
        sink.describe(fmt::format("{} frames{}", frames, table != 0 ? ", seekable" : ""));
    return sink.end("");
}

}  // namespace

std::optional<FoundContainer> identify_zstd(Bytes bytes) {
    if (const std::uint64_t skipped = skippable_frame(bytes); skipped != 0) {
        auto frame = frame_at(bytes.subspan(skipped));
        if (frame)
            frame->description += frame->description.empty() ? "behind a skippable frame" : ", behind a skippable frame";
        return frame;
    }
    return frame_at(bytes);
}

Result<void> read_zstd(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    const std::unique_ptr<ZSTD_DCtx, ContextEnd> context(ZSTD_createDCtx());
    if (context == nullptr)
        return fail(Errc::limit, "it needs more memory than a decoder may have");
    std::uint64_t frames = 0;
    ZSTD_inBuffer input{bytes.data(), bytes.size(), skippable_frame(bytes)};
    while (true) {
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        ZSTD_outBuffer output{room.data(), room.size(), 0};
        const std::size_t before = input.pos;
        const std::size_t code = ZSTD_decompressStream(context.get(), &output, &input);
        sink.commit(output.pos);
        sink.consumed(input.pos);
        if (ZSTD_isError(code) != 0)
            return fail(Errc::bad_input, fmt::format("the zstd stream is damaged at 0x{:x}: {}", input.pos, ZSTD_getErrorName(code)));
        if (code == 0) {
            ++frames;
            const auto next = frame_behind(bytes, input.pos);
            if (!next)
                return finish(bytes, input.pos, frames, sink);
            input.pos = *next;
        }
        if (code != 0 && output.pos == 0 && input.pos == before)
            return fail(Errc::bad_input, fmt::format("the zstd stream is cut off at 0x{:x}", input.pos));
    }
}

}  // namespace shirushi::unpack
