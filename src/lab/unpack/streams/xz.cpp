#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMemory = std::uint64_t{512} << 20;  // xz -9 needs 65 MiB; the rest is for large dictionaries of others
constexpr std::array<std::uint8_t, 6> kXzMagic{0xfd, '7', 'z', 'X', 'Z', 0};
constexpr std::size_t kLzmaHeader = 13;
constexpr std::uint64_t kUnknownSize = ~std::uint64_t{0};

struct StreamEnd {
    void operator()(lzma_stream* stream) const { lzma_end(stream); }
};

std::string reason(lzma_ret code) {
    switch (code) {
        case LZMA_MEMLIMIT_ERROR:
        case LZMA_MEM_ERROR: return "it needs more memory than a decoder may have";
        case LZMA_OPTIONS_ERROR: return "it uses options that are not known";
        case LZMA_BUF_ERROR: return "it is cut off";
        default: return "its data is damaged";
    }
}

/// Decodes until the stream's end; its first `skip` bytes were handed out before. Returns what the library said last.
Result<lzma_ret> decode(lzma_stream& stream, Bytes bytes, std::uint64_t before, std::uint64_t skip, Sink& sink) {
    lzma_ret code = LZMA_OK;
    while (code == LZMA_OK) {
        const bool skipping = stream.total_out < skip;
        const std::uint64_t want = skipping ? std::min(kStreamChunk, skip - stream.total_out) : kStreamChunk;
        const std::span<std::uint8_t> room = TRY(sink.reserve(want));
        stream.next_out = room.data();
        stream.avail_out = want;
        const std::uint64_t left = stream.avail_in;
        code = lzma_code(&stream, LZMA_RUN);
        const std::uint64_t made = want - stream.avail_out;
        sink.commit(skipping ? 0 : made);
        sink.consumed(before + bytes.size() - stream.avail_in);
        if (code == LZMA_OK && made == 0 && left == stream.avail_in)
            code = LZMA_BUF_ERROR;
    }
    return code;
}

/// How the header of an LZMA stream without a container may be built: properties and dictionary, then the size in eight bytes
/// (the SDK's form), in four, or not at all.
struct LzmaForm {
    std::size_t header = kLzmaHeader;
    std::uint64_t size = kUnknownSize;
};

std::uint64_t dictionary_of(Bytes header) { return load_le<std::uint32_t>(header.data() + 1); }

/// Nothing but plausibility: properties, a dictionary size as encoders choose it, a size that is unknown or sensible, and the
/// range coder's first byte, which is always zero. Likeliest first.
std::vector<LzmaForm> lzma_forms(Bytes bytes) {
    std::vector<LzmaForm> forms;
    if (bytes.size() < kLzmaHeader + 8 || bytes[0] >= 225)
        return forms;
    const std::uint64_t dictionary = dictionary_of(bytes);
    const bool usual = std::has_single_bit(dictionary) || (dictionary % 3 == 0 && std::has_single_bit(dictionary / 3));
    if (!usual || dictionary < (1U << 12) || dictionary > (std::uint64_t{1} << 30))
        return forms;
    const auto begins_at = [&](std::size_t at) {
        const auto code = load_be<std::uint32_t>(bytes.data() + at + 1);
        return bytes[at] == 0 && code != 0 && code != 0xffffffff;
    };
    const auto sensible = [](std::uint64_t size) { return size >= 64 && size <= std::uint64_t{1} << 32U; };
    const auto large = load_le<std::uint64_t>(bytes.data() + 5);
    const auto small = load_le<std::uint32_t>(bytes.data() + 5);
    if (begins_at(kLzmaHeader) && (large == kUnknownSize || sensible(large)))
        forms.push_back({kLzmaHeader, large});
    if (begins_at(9) && sensible(small))
        forms.push_back({9, small});
    if (begins_at(5))
        forms.push_back({5, kUnknownSize});
    return forms;
}

/// Starts `stream`, which the caller ends, behind a header of the SDK's form with this form's values.
Result<void> start_lzma(lzma_stream& stream, Bytes bytes, const LzmaForm& form) {
    std::array<std::uint8_t, kLzmaHeader> header{};
    std::ranges::copy(bytes.first(5), header.begin());
    for (std::size_t i = 0; i < 8; ++i)
        header.at(5 + i) = static_cast<std::uint8_t>(form.size >> 8 * i);
    if (lzma_alone_decoder(&stream, kMemory) != LZMA_OK)
        return fail(Errc::internal, "liblzma could not start");
    stream.next_in = header.data();
    stream.avail_in = header.size();
    std::uint8_t nothing = 0;
    stream.next_out = &nothing;
    stream.avail_out = 1;  // liblzma does not even read the header without any
    if (const lzma_ret code = lzma_code(&stream, LZMA_RUN); code != LZMA_OK || stream.avail_in != 0)
        return fail(Errc::bad_input, "the LZMA header holds values that cannot be");
    const Bytes input = bytes.subspan(form.header);
    stream.next_in = input.data();
    stream.avail_in = input.size();
    return {};
}

Result<lzma_ret> decode_lzma(Bytes bytes, const LzmaForm& form, std::uint64_t& made, std::uint64_t skip, Sink& sink) {
    lzma_stream stream = LZMA_STREAM_INIT;
    const std::unique_ptr<lzma_stream, StreamEnd> cleanup(&stream);
    TRY(start_lzma(stream, bytes, form));
    const lzma_ret code = TRY(decode(stream, bytes.subspan(form.header), form.header, skip, sink));
    made = stream.total_out;
    return code;
}

/// Where the header can be read in several ways: the first under which a little of the stream decodes.
Result<LzmaForm> likeliest_form(Bytes bytes) {
    const std::vector<LzmaForm> forms = lzma_forms(bytes);
    if (forms.empty())
        return fail(Errc::bad_input, "the LZMA header holds values that cannot be");
    for (const LzmaForm& form : forms) {
        lzma_stream stream = LZMA_STREAM_INIT;
        const std::unique_ptr<lzma_stream, StreamEnd> cleanup(&stream);
        if (forms.size() == 1 || !start_lzma(stream, bytes, form))
            continue;
        std::array<std::uint8_t, 1024> trial{};
        stream.next_out = trial.data();
        stream.avail_out = trial.size();
        const lzma_ret code = lzma_code(&stream, LZMA_RUN);
        if (code == LZMA_STREAM_END || (code == LZMA_OK && stream.avail_out == 0))
            return form;
    }
    return forms.front();
}

bool stream_follows(Bytes bytes, std::uint64_t at) { return std::ranges::equal(clipped(bytes, at, kXzMagic.size()), kXzMagic); }

/// Stream padding (xz-file-format, 2.2): zeros, a multiple of four; only when another stream stands behind it.
std::uint64_t padding_before_stream(Bytes bytes, std::uint64_t position) {
    std::uint64_t at = position;
    while (at < bytes.size() && bytes[at] == 0)
        ++at;
    return (at - position) % 4 == 0 && stream_follows(bytes, at) ? at - position : 0;
}

}  // namespace

std::optional<FoundContainer> identify_xz(Bytes bytes) {
    // Stream header: magic, flags (a zero byte, then the check's type), CRC-32 of the flags; then a block or the index.
    if (bytes.size() < 24 || !std::ranges::equal(bytes.first(6), kXzMagic) || bytes[6] != 0 || bytes[7] > 15)
        return std::nullopt;
    if (lzma_crc32(bytes.data() + 6, 2, 0) != load_le<std::uint32_t>(bytes.data() + 8))
        return std::nullopt;
    constexpr std::array kChecks{"no", "CRC-32", "", "", "CRC-64", "", "", "", "", "", "SHA-256"};
    const std::size_t check = bytes[7];
    return FoundContainer{.size = 0, .description = check < kChecks.size() ? fmt::format("{} check", kChecks.at(check)) : ""};
}

Result<void> read_xz(Bytes bytes, Share /*share*/, Sink& sink) {
    TRY(sink.begin("", {}));
    std::uint64_t position = 0;
    do {
        lzma_stream stream = LZMA_STREAM_INIT;
        const std::unique_ptr<lzma_stream, StreamEnd> cleanup(&stream);
        if (lzma_stream_decoder(&stream, kMemory, 0) != LZMA_OK)
            return fail(Errc::internal, "liblzma could not start");
        const Bytes input = bytes.subspan(position);
        stream.next_in = input.data();
        stream.avail_in = input.size();
        const lzma_ret code = TRY(decode(stream, input, position, 0, sink));
        position = bytes.size() - stream.avail_in;
        if (code != LZMA_STREAM_END)
            return fail(Errc::bad_input, fmt::format("the xz stream ends at 0x{:x}: {}", position, reason(code)));
        position += padding_before_stream(bytes, position);
    } while (stream_follows(bytes, position));
    return sink.end("");
}

std::optional<FoundContainer> identify_lzma(Bytes bytes) {
    const std::vector<LzmaForm> forms = lzma_forms(bytes);
    if (forms.empty())
        return std::nullopt;
    const LzmaForm& form = forms.front();
    const std::string said = form.header == 5 ? "no size in its header" : form.size == kUnknownSize ? "size unknown" : fmt::format("{} bytes", form.size);
    return FoundContainer{.size = 0, .description = fmt::format("{}, dictionary {} KiB", said, dictionary_of(bytes) >> 10U)};
}

Result<void> read_lzma(Bytes bytes, Share /*share*/, Sink& sink) {
    const LzmaForm form = TRY(likeliest_form(bytes));
    TRY(sink.begin("", {}));
    std::uint64_t made = 0;
    lzma_ret code = TRY(decode_lzma(bytes, form, made, 0, sink));
    // Some writers state a wrong size and set an end mark earlier: without the size, the mark counts.
    if (code == LZMA_DATA_ERROR && form.size != kUnknownSize)
        code = TRY(decode_lzma(bytes, {form.header, kUnknownSize}, made, made, sink));
    if (code != LZMA_STREAM_END)
        return fail(Errc::bad_input, fmt::format("the LZMA stream ends after {} bytes of output: {}", made, reason(code)));
    return sink.end("");
}

}  // namespace shirushi::unpack
