#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMaxName = 256;
constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, gzip wrapping only

struct StreamEnd {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

bool member_follows(Bytes bytes, std::uint64_t at) {
    const Bytes next = clipped(bytes, at, 4);
    return next.size() == 4 && next[0] == 0x1f && next[1] == 0x8b && next[2] == 8 && (next[3] & 0xe0U) == 0;
}

}  // namespace

std::optional<FoundContainer> identify_gzip(Bytes bytes) {
    constexpr std::uint8_t kReserved = 0xe0;
    constexpr std::uint8_t kName = 8;
    constexpr std::uint8_t kExtraOrCommentOrCheck = 4 | 16 | 2;
    if (bytes.size() < 18 || bytes[0] != 0x1f || bytes[1] != 0x8b || bytes[2] != 8)
        return std::nullopt;
    const std::uint8_t flags = bytes[3];
    const std::uint8_t extra_flags = bytes[8];
    const std::uint8_t system = bytes[9];
    if ((flags & kReserved) != 0 || (extra_flags != 0 && extra_flags != 2 && extra_flags != 4) || (system > 13 && system != 255))
        return std::nullopt;
    std::string description;
    if ((flags & kName) != 0 && (flags & kExtraOrCommentOrCheck) == 0) {
        Reader reader(bytes.subspan(10));
        const auto name = reader.c_text(kMaxName);
        if (!name || name->empty())
            return std::nullopt;
        description = excerpt(*name);
    }
    if (flags == 0 && (bytes[10] & 6U) == 6)
        return std::nullopt;  // block type 3 does not exist (RFC 1951, 3.2.3)
    return FoundContainer{.size = 0, .description = std::move(description)};
}

Result<void> read_gzip(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWindow) != Z_OK)
        return fail(Errc::internal, "zlib could not start");
    const std::unique_ptr<z_stream, StreamEnd> cleanup(&stream);
    std::uint64_t position = 0;
    while (true) {
        const Bytes input = clipped(bytes, position, 1U << 30);
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        const std::span<std::uint8_t> room = TRY(sink.reserve(kStreamChunk));
        stream.next_out = room.data();
        stream.avail_out = static_cast<uInt>(room.size());
        const int code = inflate(&stream, Z_NO_FLUSH);
        const std::uint64_t made = room.size() - stream.avail_out;
        const std::uint64_t taken = input.size() - stream.avail_in;
        sink.commit(made);
        position += taken;
        sink.consumed(position);
        if (code == Z_STREAM_END) {
            if (!member_follows(bytes, position) || inflateReset(&stream) != Z_OK)
                break;
        } else if (code == Z_BUF_ERROR || (code == Z_OK && made == 0 && taken == 0)) {
            return fail(Errc::bad_input, fmt::format("the gzip stream is cut off after {} bytes", bytes.size()));
        } else if (code != Z_OK) {
            return fail(Errc::bad_input, fmt::format("the gzip stream is damaged at 0x{:x} ({})", position, stream.msg != nullptr ? stream.msg : "no detail"));
        }
    }
    return sink.end("");
}

}  // namespace shirushi::unpack
