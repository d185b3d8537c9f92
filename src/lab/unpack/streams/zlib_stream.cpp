// A zlib stream has two bytes of header, which one pair of bytes in 2000 could be. It is believed only when its first deflate
// block's code tables are complete (checked here, in the parent, so that no child is made for noise) and, in the child, when the
// whole of it decodes and its Adler-32 is right: nothing is handed out before that is known.

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kLeastOutput = 64;  // what yields less says nothing and could be chance
constexpr std::uint64_t kKept = std::uint64_t{4} << 20;  // larger outputs are decoded twice instead of being kept
constexpr std::size_t kLiterals = 288;
constexpr std::size_t kDistances = 32;
constexpr std::size_t kEndOfBlock = 256;
constexpr unsigned kLongestCode = 15;

class Bits {
public:
    explicit Bits(Bytes bytes) : bytes_(bytes) {}
    unsigned take(unsigned count) {
        unsigned value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) {
            if (at_ / 8 >= bytes_.size()) {
                good_ = false;
                return 0;
            }
            value |= (bytes_[at_ / 8] >> at_ % 8 & 1U) << i;
        }
        return value;
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    Bytes bytes_;
    std::uint64_t at_ = 0;
    bool good_ = true;
};

/// How many codes of each length there are, and what they leave free of all codes of 15 bits (negative: too many codes).
struct Lengths {
    std::array<unsigned, kLongestCode + 1> count{};
    long free = 1L << kLongestCode;

    explicit Lengths(std::span<const std::uint8_t> lengths) {
        for (const std::uint8_t length : lengths)
            if (length != 0) {
                ++count.at(length);
                free -= 1L << (kLongestCode - length);
            }
    }
    [[nodiscard]] bool one_code_of_one_bit() const { return count[1] == 1 && free == 1L << (kLongestCode - 1); }
};

/// The next symbol of a complete canonical code (RFC 1951, 3.2.2).
std::optional<unsigned> symbol(Bits& bits, std::span<const std::uint8_t> lengths, const Lengths& codes) {
    unsigned code = 0;
    unsigned first = 0;
    for (unsigned length = 1; length <= kLongestCode; ++length) {
        code = code << 1U | bits.take(1);
        first <<= 1U;
        if (code - first < codes.count.at(length)) {
            unsigned skip = code - first;
            for (unsigned i = 0; i < lengths.size(); ++i)
                if (lengths[i] == length && skip-- == 0)
                    return i;
        }
        first += codes.count.at(length);
    }
    return std::nullopt;
}

/// The code lengths of both alphabets, run-length coded (3.2.7).
bool code_tables_fit(Bits& bits) {
    constexpr std::array<std::uint8_t, 19> kOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const unsigned literals = bits.take(5) + 257;
    const unsigned distances = bits.take(5) + 1;
    const unsigned given = bits.take(4) + 4;
    if (literals > 286 || distances > 30)
        return false;
    std::array<std::uint8_t, 19> meta{};
    for (unsigned i = 0; i < given; ++i)
        meta.at(kOrder.at(i)) = static_cast<std::uint8_t>(bits.take(3));
    const Lengths meta_codes(meta);
    if (meta_codes.free != 0)
        return false;
    std::array<std::uint8_t, kLiterals + kDistances> lengths{};
    for (unsigned i = 0; i < literals + distances;) {
        const auto what = symbol(bits, meta, meta_codes);
        if (!what || !bits.good() || (*what == 16 && i == 0))
            return false;
        const unsigned times = *what < 16 ? 1 : *what == 16 ? 3 + bits.take(2) : *what == 17 ? 3 + bits.take(3) : 11 + bits.take(7);
        const std::uint8_t length = *what < 16 ? static_cast<std::uint8_t>(*what) : *what == 16 ? lengths.at(i - 1) : std::uint8_t{0};
        if (i + times > literals + distances)
            return false;
        std::fill_n(lengths.begin() + i, times, length);
        i += times;
    }
    const auto all = std::span(lengths);
    const Lengths first(all.first(literals));
    const Lengths second(all.subspan(literals, distances));
    const bool no_distance = second.free == 1L << kLongestCode;
    return bits.good() && lengths[kEndOfBlock] != 0 && first.free == 0 && (second.free == 0 || no_distance || second.one_code_of_one_bit());
}

bool first_block_fits(Bytes deflated) {
    Bits bits(clipped(deflated, 0, 512));  // the longest code tables take less
    (void)bits.take(1);
    switch (bits.take(2)) {
        case 0: {
            const Bytes sizes = clipped(deflated, 1, 4);
            return deflated[0] < 2 && sizes.size() == 4 && load_le<std::uint16_t>(sizes.data()) != 0 &&
                   load_le<std::uint16_t>(sizes.data()) == (load_le<std::uint16_t>(sizes.data() + 2) ^ 0xffffU);
        }
        case 2: return code_tables_fit(bits);
        default: return false;  // fixed codes: writers choose them for a few dozen bytes only, and noise fits them
    }
}

struct StreamEnd {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

/// Decodes the whole stream; `take` is given each piece of output in turn. Returns the stream's size.
template <class Take>
Result<std::uint64_t> inflate_all(Bytes bytes, const Take& take) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        return fail(Errc::internal, "zlib could not start");
    const std::unique_ptr<z_stream, StreamEnd> cleanup(&stream);
    Buffer room(kStreamChunk);
    std::uint64_t position = 0;
    int code = Z_OK;
    while (code == Z_OK) {
        const Bytes input = clipped(bytes, position, 1U << 30);
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        stream.next_out = room.data();
        stream.avail_out = static_cast<uInt>(room.size());
        code = inflate(&stream, Z_NO_FLUSH);
        position += input.size() - stream.avail_in;
        TRY(take(Bytes(room).first(room.size() - stream.avail_out)));
    }
    if (code != Z_STREAM_END)
        return fail(Errc::bad_input, fmt::format("no whole zlib stream: {} at 0x{:x}", stream.msg != nullptr ? stream.msg : "it is cut off", position));
    return position;
}

}  // namespace

std::optional<FoundContainer> identify_zlib(Bytes bytes) {
    if (bytes.size() < 11 || bytes[0] != 0x78 || load_be<std::uint16_t>(bytes.data()) % 31 != 0 || (bytes[1] & 0x20U) != 0 ||
        !first_block_fits(bytes.subspan(2)))
        return std::nullopt;
    constexpr std::array kLevels{"fastest", "fast", "default", "best"};
    return FoundContainer{.size = 0, .description = fmt::format("{} compression", kLevels.at(bytes[1] >> 6U))};
}

Result<void> read_zlib(Bytes bytes, Share /*share*/, Sink& sink) {
    Buffer kept;
    std::uint64_t total = 0;
    const std::uint64_t size = TRY(inflate_all(bytes, [&](Bytes piece) -> Result<void> {
        total += piece.size();
        if (total <= kKept)
            kept.insert(kept.end(), piece.begin(), piece.end());
        return {};
    }));
    if (total < kLeastOutput)
        return fail(Errc::bad_input, "too little comes out of the zlib stream to be sure that it is one");
    TRY(sink.begin("", {}));
    sink.consumed(size);
    if (total <= kKept)
        TRY(sink.write(kept));
    else
        (void)TRY(inflate_all(bytes, [&](Bytes piece) { return sink.write(piece); }));
    return sink.end("");
}

}  // namespace shirushi::unpack
