#include <fmt/format.h>
#include <lzma.h>

#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMemory = std::uint64_t{600} << 20;  // dictionaries of up to 512 MiB
constexpr std::uint64_t kHeader = 6;
constexpr std::uint64_t kSmallestMember = 36;  // header, the shortest LZMA stream with its end mark, and a trailer of 20 bytes
constexpr std::string_view kMagic = "LZIP";

struct StreamEnd {
    void operator()(lzma_stream* stream) const { lzma_end(stream); }
};

/// Draft, section 2: the lowest five bits are the power, the upper three how many sixteenths are taken from it.
std::uint64_t dictionary_of(std::uint8_t coded) {
    const std::uint64_t base = std::uint64_t{1} << (coded & 0x1fU);
    return base - base / 16 * (coded >> 5U);
}

std::string_view reason(lzma_ret code) {
    switch (code) {
        case LZMA_MEMLIMIT_ERROR:
        case LZMA_MEM_ERROR: return "it needs more memory than a decoder may have";
        case LZMA_OPTIONS_ERROR: return "its version or dictionary is not known";
        case LZMA_DATA_ERROR: return "its data, checksum or size is wrong";
        default: return "it is cut off";
    }
}

Result<lzma_ret> read_member(lzma_stream& stream, Bytes bytes, Sink& sink) {
    lzma_ret code = LZMA_OK;
    while (code == LZMA_OK) {
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        stream.next_out = room.data();
        stream.avail_out = room.size();
        const std::uint64_t left = stream.avail_in;
        code = lzma_code(&stream, LZMA_RUN);
        sink.commit(room.size() - stream.avail_out);
        sink.consumed(bytes.size() - stream.avail_in);
        if (code == LZMA_OK && stream.avail_out == room.size() && left == stream.avail_in)
            code = LZMA_BUF_ERROR;
    }
    return code;
}

}  // namespace

std::optional<FoundContainer> identify_lzip(Bytes bytes) {
    if (bytes.size() < kSmallestMember || as_text(bytes.first(4)) != kMagic || bytes[4] > 1)
        return std::nullopt;
    const std::uint64_t dictionary = dictionary_of(bytes[5]);
    if ((bytes[5] & 0x1fU) < 12 || (bytes[5] & 0x1fU) > 29 || dictionary < 4096 || bytes[kHeader] != 0)
        return std::nullopt;  // the range coder's first byte is always zero
    return FoundContainer{.size = 0, .description = fmt::format("version {}, dictionary {} KiB", bytes[4], dictionary >> 10U)};
}

Result<void> read_lzip(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    std::uint64_t position = 0;
    std::uint64_t members = 0;
    do {
        lzma_stream stream = LZMA_STREAM_INIT;
        const std::unique_ptr<lzma_stream, StreamEnd> cleanup(&stream);
        if (lzma_lzip_decoder(&stream, kMemory, 0) != LZMA_OK)
            return fail(Errc::internal, "liblzma could not start");
        stream.next_in = bytes.data() + position;
        stream.avail_in = bytes.size() - position;
        const lzma_ret code = TRY(read_member(stream, bytes, sink));
        position = bytes.size() - stream.avail_in;
        if (code != LZMA_STREAM_END)
            return fail(Errc::bad_input, fmt::format("member {} of the lzip file ends at 0x{:x}: {}", members + 1, position, reason(code)));
        ++members;
    } while (identify_lzip(bytes.subspan(position)));
    if (members > 1)
        sink.describe(fmt::format("{} members", members));
    return sink.end("");
}

}  // namespace shirushi::unpack
