#include <bzlib.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::string_view kBlockMagic = "\x31\x41\x59\x26\x53\x59";
constexpr std::string_view kEndMagic = "\x17\x72\x45\x38\x50\x90";

struct StreamEnd {
    void operator()(bz_stream* stream) const { BZ2_bzDecompressEnd(stream); }
};

}  // namespace

std::optional<FoundContainer> identify_bzip2(Bytes bytes) {
    if (bytes.size() < 14 || as_text(bytes.first(3)) != "BZh" || bytes[3] < '1' || bytes[3] > '9')
        return std::nullopt;
    const std::string_view magic = as_text(bytes.subspan(4, 6));
    if (magic != kBlockMagic && magic != kEndMagic)
        return std::nullopt;
    return FoundContainer{.size = 0, .description = fmt::format("blocks of {}00 kB", bytes[3] - '0')};
}

Result<void> read_bzip2(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    std::uint64_t position = 0;
    do {
        bz_stream stream{};
        if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK)
            return fail(Errc::internal, "libbzip2 could not start");
        const std::unique_ptr<bz_stream, StreamEnd> cleanup(&stream);
        int code = BZ_OK;
        while (code == BZ_OK) {
            const Bytes input = clipped(bytes, position, 1U << 30);
            stream.next_in = const_cast<char*>(as_text(input).data());
            stream.avail_in = static_cast<unsigned>(input.size());
            const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
            stream.next_out = reinterpret_cast<char*>(room.data());
            stream.avail_out = static_cast<unsigned>(room.size());
            code = BZ2_bzDecompress(&stream);
            const std::uint64_t made = room.size() - stream.avail_out;
            const std::uint64_t taken = input.size() - stream.avail_in;
            sink.commit(made);
            position += taken;
            sink.consumed(position);
            if (code == BZ_OK && made == 0 && taken == 0)
                return fail(Errc::bad_input, fmt::format("the bzip2 stream is cut off at 0x{:x}", position));
        }
        if (code != BZ_STREAM_END)
            return fail(Errc::bad_input, fmt::format("the bzip2 stream is damaged at 0x{:x}", position));
    } while (identify_bzip2(bytes.subspan(position)));
    return sink.end("");
}

}  // namespace shirushi::unpack
