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

}  // namespace

std::optional<FoundContainer> identify_zstd(Bytes bytes) {
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

Result<void> read_zstd(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    const std::unique_ptr<ZSTD_DCtx, ContextEnd> context(ZSTD_createDCtx());
    if (context == nullptr)
        return fail(Errc::limit, "it needs more memory than a decoder may have");
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    while (true) {
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        ZSTD_outBuffer output{room.data(), room.size(), 0};
        const std::size_t before = input.pos;
        const std::size_t code = ZSTD_decompressStream(context.get(), &output, &input);
        sink.commit(output.pos);
        sink.consumed(input.pos);
        if (ZSTD_isError(code) != 0)
            return fail(Errc::bad_input, fmt::format("the zstd stream is damaged at 0x{:x}: {}", input.pos, ZSTD_getErrorName(code)));
        if (code == 0 && !identify_zstd(bytes.subspan(input.pos)))
            return sink.end("");
        if (code != 0 && output.pos == 0 && input.pos == before)
            return fail(Errc::bad_input, fmt::format("the zstd stream is cut off at 0x{:x}", input.pos));
    }
}

}  // namespace shirushi::unpack
