#include "unpack/filesystems/squashfs_lzma.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace shirushi::unpack {

namespace {

// Bytes of output that searching may produce for one image (about two seconds), and what an attempt that fails at once counts.
constexpr std::uint64_t most_work = std::uint64_t{256} << 20;
constexpr std::uint64_t work_of_attempt = 4096;
// Behind its last byte a stream decodes to zero bytes until the range coder wants input: at 0.02 bits a bit for 8 bits, less than this.
constexpr std::size_t most_surplus = 64;
// The longest prefix that was seen in the field.
constexpr unsigned longest_prefix = 10;
constexpr unsigned most_bits = 4;  // of lc + lp, and of pb: liblzma's limits

/// lc, lp and pb from their one byte, as the LZMA SDK packs them.
bool unpack_properties(std::uint8_t packed, VendorLzma& form) {
    form.lc = packed % 9U;
    form.lp = packed / 9U % 5U;
    form.pb = packed / 45U;
    return form.pb <= most_bits && form.lc + form.lp <= most_bits;
}

/// Forms in the order in which they are tried: those that say what they are, then the SDK's standard, then all others.
std::vector<VendorLzma> make_forms() {
    std::vector<VendorLzma> forms;
    for (const unsigned header : {13U, 5U, 9U})  // properties and dictionary, with a size of 8, 0 and 4 bytes
        forms.push_back({.prefix = header, .own_properties = true});
    for (unsigned prefix = 0; prefix <= longest_prefix; ++prefix)
        forms.push_back({.prefix = prefix});
    for (unsigned prefix = 0; prefix <= longest_prefix; ++prefix)
        for (std::uint32_t lc = 0; lc <= most_bits; ++lc)
            for (std::uint32_t lp = 0; lc + lp <= most_bits; ++lp)
                for (std::uint32_t pb = 0; pb <= most_bits; ++pb)
                    forms.push_back({.prefix = prefix, .lc = lc, .lp = lp, .pb = pb});
    return forms;
}

}  // namespace

std::string describe(const VendorLzma& form) {
    if (form.own_properties)
        return fmt::format("LZMA with a header of {} bytes", form.prefix);
    const std::string where = form.prefix == 0 ? "LZMA without a header" : fmt::format("LZMA behind {} bytes", form.prefix);
    return fmt::format("{}, lc {}, lp {}, pb {}", where, form.lc, form.lp, form.pb);
}

std::optional<std::size_t> VendorLzmaDecoder::run(const VendorLzma& form, Bytes stream, std::span<std::uint8_t> output, bool exactly) {
    lzma_options_lzma options{};
    options.dict_size = dictionary_;
    options.lc = form.lc;
    options.lp = form.lp;
    options.pb = form.pb;
    options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
    options.ext_size_low = static_cast<std::uint32_t>(output.size());
    const std::array<lzma_filter, 2> filters{{{exactly ? LZMA_FILTER_LZMA1EXT : LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    work_ += work_of_attempt;
    if (lzma_raw_decoder(&stream_, filters.data()) != LZMA_OK)
        return std::nullopt;
    stream_.next_in = stream.data();
    stream_.avail_in = stream.size();
    stream_.next_out = output.data();
    stream_.avail_out = output.size();
    const lzma_ret code = lzma_code(&stream_, LZMA_FINISH);
    const std::size_t size = output.size() - stream_.avail_out;
    work_ += size;
    if (exactly)
        return code == LZMA_STREAM_END && stream_.avail_out == 0 ? std::optional(size) : std::nullopt;
    const bool ended = code == LZMA_STREAM_END || ((code == LZMA_OK || code == LZMA_BUF_ERROR) && (stream_.avail_in == 0 || stream_.avail_out == 0));
    return ended ? std::optional(size) : std::nullopt;
}

std::optional<std::size_t> VendorLzmaDecoder::decode(const VendorLzma& form, Bytes block, std::span<std::uint8_t> output, SquashfsFill fill, bool proven) {
    VendorLzma use = form;
    if (block.size() <= form.prefix || block[form.prefix] != 0)  // every stream of the range coder begins with a zero
        return std::nullopt;
    if (form.own_properties && !unpack_properties(block[0], use))
        return std::nullopt;
    const Bytes stream = block.subspan(form.prefix);
    if (fill == SquashfsFill::exactly)
        return run(use, stream, output, true);
    const auto size = run(use, stream, output, false);
    if (!size || !proven)
        return size;
    for (std::size_t shorter = *size; shorter > 0 && shorter + most_surplus >= *size; --shorter)
        if (run(use, stream, output.first(shorter), true))
            return shorter;
    return std::nullopt;
}

std::optional<VendorLzma> VendorLzmaDecoder::find(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill) {
    static const std::vector<VendorLzma> forms = make_forms();
    const std::uint64_t before = work_;
    for (const VendorLzma& form : forms) {
        if (spent_ + (work_ - before) > most_work)
            break;
        if (decode(form, block, output, fill, true))
            return form;
    }
    spent_ += work_ - before;
    return std::nullopt;
}

}  // namespace shirushi::unpack
