#include "unpack/filesystems/jffs2_codec.hpp"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "unpack/streams/lzo.hpp"

namespace shirushi::unpack {

namespace {

std::unexpected<Error> broken(std::string_view what) { return fail(Errc::bad_input, fmt::format("{} data that cannot be decompressed", what)); }

/// Linux fs/jffs2/compr_rtime.c: each byte is followed by the length of a run that repeats what stood behind the byte's last
/// appearance.
Result<void> unpack_rtime(Bytes input, std::span<std::uint8_t> output) {
    std::array<std::size_t, 256> last_seen{};
    std::size_t done = 0;
    for (std::size_t at = 0; done < output.size(); at += 2) {
        if (at + 2 > input.size())
            return broken("rtime");
        const std::uint8_t value = input[at];
        const std::size_t run = input[at + 1];
        output[done++] = value;
        std::size_t from = last_seen[value];
        last_seen[value] = done;
        if (run > output.size() - done)
            return broken("rtime");
        for (std::size_t i = 0; i < run; ++i)  // one by one: the run may overlap what it makes
            output[done++] = output[from++];
    }
    return {};
}

/// A binary arithmetic decoder with one fixed probability for each bit of a byte (Linux fs/jffs2/compr_rubin.c).
class Rubin {
public:
    Rubin(Bytes input, std::uint32_t divider, const std::array<std::uint32_t, 8>& ones) : input_(input), divider_(divider), ones_(ones) {
        for (int i = 0; i < 16; ++i)
            code_ = code_ * 2 + next_bit();
    }

    std::uint8_t byte() {
        unsigned value = 0;
        for (unsigned bit = 0; bit < 8; ++bit)
            value |= (decode(ones_[bit]) ? 1U : 0U) << bit;
        return static_cast<std::uint8_t>(value);
    }
    [[nodiscard]] bool ran_out() const { return position_ > input_.size() * 8; }
    /// The encoder writes exactly the bits that the decoder takes: what is left over shows that this was not its table.
    [[nodiscard]] bool used_all() const { return (position_ + 7) / 8 == input_.size(); }

private:
    static constexpr std::uint32_t top = 1U << 15U;

    std::uint32_t next_bit() {
        const std::uint64_t at = position_++;
        return at < input_.size() * 8 ? input_[at / 8] >> (7 - at % 8) & 1U : 0;
    }

    bool decode(std::uint32_t ones) {
        while (!ran_out() && (low_ >= top || range_ + low_ <= top)) {
            low_ = (low_ & (top - 1)) << 1U;
            range_ <<= 1U;
            code_ = ((code_ & (top - 1)) << 1U) + next_bit();
        }
        std::uint32_t zero_part = std::max<std::uint32_t>(static_cast<std::uint32_t>(std::uint64_t{divider_ - ones} * range_ / divider_), 1);
        zero_part = std::min(zero_part, range_ - std::min<std::uint32_t>(range_, 1));
        const bool one = code_ >= low_ + zero_part;
        if (one)
            low_ += zero_part;
        range_ = one ? range_ - zero_part : zero_part;
        return one;
    }

    Bytes input_;
    std::uint32_t divider_;
    std::array<std::uint32_t, 8> ones_;
    std::uint64_t position_ = 0;  // in bits
    std::uint32_t low_ = 0;
    std::uint32_t range_ = 2 * top;
    std::uint32_t code_ = 0;
};

bool run_rubin(Rubin rubin, std::span<std::uint8_t> output) {
    for (std::uint8_t& byte : output) {
        byte = rubin.byte();
        if (rubin.ran_out())
            return false;
    }
    return rubin.used_all();
}

/// Linux 2.4 and 2.6 disagree which of the numbers 3 and 5 has its table in front of the data; the bits used tell.
Result<void> unpack_rubin(Bytes input, std::span<std::uint8_t> output) {
    if (input.size() > 8) {
        std::array<std::uint32_t, 8> ones{};
        std::ranges::copy(input.first(8), ones.begin());
        if (run_rubin(Rubin(input.subspan(8), 256, ones), output))
            return {};
    }
    constexpr std::array<std::uint32_t, 8> fixed{277, 249, 290, 267, 229, 341, 212, 241};
    if (run_rubin(Rubin(input, 1043, fixed), output))
        return {};
    return broken("rubin");
}

/// The stream is as long as the output is: its checksum may be missing.
Result<void> unpack_zlib(Bytes input, std::span<std::uint8_t> output) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        return fail(Errc::internal, "zlib does not start");
    stream.next_in = const_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = output.data();
    stream.avail_out = static_cast<uInt>(output.size());
    const int code = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    const bool filled = stream.avail_out == 0 && (code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR);
    return filled ? Result<void>{} : broken("zlib");
}

Result<void> unpack_lzma(Bytes input, std::span<std::uint8_t> output) {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT))
        return fail(Errc::internal, "liblzma does not start");
    options.dict_size = 8192;
    options.lc = 0;
    options.lp = 0;
    options.pb = 0;
    const std::array<lzma_filter, 2> filters{{{.id = LZMA_FILTER_LZMA1, .options = &options}, {.id = LZMA_VLI_UNKNOWN, .options = nullptr}}};
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_raw_decoder(&stream, filters.data()) != LZMA_OK)
        return fail(Errc::internal, "liblzma does not start");
    stream.next_in = input.data();
    stream.avail_in = input.size();
    stream.next_out = output.data();
    stream.avail_out = output.size();
    const lzma_ret code = lzma_code(&stream, LZMA_RUN);
    const bool filled = stream.avail_out == 0 && (code == LZMA_OK || code == LZMA_STREAM_END);  // there is no end mark to see
    lzma_end(&stream);
    return filled ? Result<void>{} : broken("LZMA");
}

Result<void> unpack_lzo(Bytes input, std::span<std::uint8_t> output) {
    const auto size = decompress_lzo1x(input, output);
    return size && *size == output.size() ? Result<void>{} : broken("LZO");
}

}  // namespace

std::string name_of_jffs2_compressor(std::uint8_t number) {
    constexpr std::array names{"none", "zero", "rtime", "rubin", "none", "rubin", "zlib", "lzo", "lzma"};
    return number < names.size() ? names.at(number) : fmt::format("compressor {}", number);
}

Result<void> decompress_jffs2(std::uint8_t compressor, Bytes input, std::span<std::uint8_t> output) {
    switch (compressor) {
        case 0:
        case 4:
            if (input.size() < output.size())
                return fail(Errc::bad_input, "fewer bytes than it says");
            std::ranges::copy(input.first(output.size()), output.begin());
            return {};
        case 1: std::ranges::fill(output, std::uint8_t{0}); return {};
        case 2: return unpack_rtime(input, output);
        case 3:
        case 5: return unpack_rubin(input, output);
        case 6: return unpack_zlib(input, output);
        case 7: return unpack_lzo(input, output);
        case 8: return unpack_lzma(input, output);
        default: return fail(Errc::unsupported, fmt::format("{} is not known", name_of_jffs2_compressor(compressor)));
    }
}

}  // namespace shirushi::unpack
