#include <brotli/decode.h>
#include <fmt/format.h>

#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

struct StateEnd {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

}  // namespace

std::optional<FoundContainer> identify_brotli(Bytes bytes) {
    if (bytes.empty())
        return std::nullopt;
    return FoundContainer{.size = 0, .description = "by its name"};
}

Result<void> read_brotli(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    const std::unique_ptr<BrotliDecoderState, StateEnd> state(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
    if (state == nullptr)
        return fail(Errc::limit, "it needs more memory than a decoder may have");
    std::size_t left = bytes.size();
    const std::uint8_t* next = bytes.data();
    while (true) {
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        std::size_t free = room.size();
        std::uint8_t* out = room.data();
        const BrotliDecoderResult result = BrotliDecoderDecompressStream(state.get(), &left, &next, &free, &out, nullptr);
        sink.commit(room.size() - free);
        const std::uint64_t position = bytes.size() - left;
        if (result != BROTLI_DECODER_RESULT_ERROR)
            sink.consumed(position);
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
            return sink.end("");
        if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
            return fail(Errc::bad_input, fmt::format("the brotli stream is cut off after {} bytes", bytes.size()));
        if (result == BROTLI_DECODER_RESULT_ERROR)
            return fail(Errc::bad_input, fmt::format("the brotli stream is damaged at 0x{:x}: {}", position,
                                                     BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state.get()))));
    }
}

}  // namespace shirushi::unpack
