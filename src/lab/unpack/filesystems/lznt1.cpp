#include "unpack/filesystems/lznt1.hpp"

#include <algorithm>

namespace shirushi::unpack {

namespace {

constexpr std::size_t chunk_size = 4096;  // of what comes out

/// A chunk of literals and references into itself; how many bytes came out.
Result<std::size_t> decode_chunk(Bytes in, std::span<std::uint8_t> out) {
    std::size_t at = 0;
    std::size_t done = 0;
    while (at < in.size()) {
        const unsigned flags = in[at++];
        for (unsigned bit = 0; bit < 8 && at < in.size(); ++bit) {
            if ((flags >> bit & 1U) == 0) {
                if (done == out.size())
                    return fail(Errc::bad_input, "compressed data stand for more than there is room");
                out[done++] = in[at++];
                continue;
            }
            if (at + 2 > in.size() || done == 0)
                return fail(Errc::bad_input, "compressed data end in a reference");
            // The further the chunk has come, the more bits the distance takes from the length.
            unsigned length_bits = 12;
            for (std::size_t place = done - 1; place >= 16; place >>= 1)
                --length_bits;
            const unsigned token = load_le<std::uint16_t>(in.data() + at);
            at += 2;
            const std::size_t distance = (token >> length_bits) + std::size_t{1};
            const std::size_t length = (token & ((1U << length_bits) - 1)) + std::size_t{3};
            if (distance > done || length > out.size() - done)
                return fail(Errc::bad_input, "compressed data refer to what is not there");
            for (std::size_t i = 0; i < length; ++i, ++done)
                out[done] = out[done - distance];
        }
    }
    return done;
}

}  // namespace

Result<void> decode_lznt1(Bytes in, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto head = in.size() >= 2 ? load_le<std::uint16_t>(in.data()) : std::uint16_t{0};
        if (head == 0)
            break;
        const std::size_t size = (head & 0xfffU) + std::size_t{1};
        if (in.size() - 2 < size)
            return fail(Errc::bad_input, "compressed data are cut off");
        const Bytes chunk = in.subspan(2, size);
        const auto room = out.first(std::min(out.size(), chunk_size));
        std::size_t done = std::min(room.size(), size);
        if ((head & 0x8000U) != 0)
            done = TRY(decode_chunk(chunk, room));
        else
            std::ranges::copy(chunk.first(done), room.begin());
        std::ranges::fill(room.subspan(done), std::uint8_t{0});
        in = in.subspan(2 + size);
        out = out.subspan(room.size());
    }
    std::ranges::fill(out, std::uint8_t{0});
    return {};
}

}  // namespace shirushi::unpack
