#pragma once
// LZMA in SquashFS blocks as vendors wrote it before version 4 gave it a number: the SDK's bare stream, with nothing, with some
// bytes of its own, or with a part of the usual 13-byte header before it, and with literal and position bits of the vendor's choice
// (which forms occur in the field: sasquatch, lzma_wrapper.c). What a form is, is found by trial: a stream that ends where
// the range coder's state is zero was decoded as it was encoded.

#include <lzma.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// How much of the output a block must fill.
enum class SquashfsFill { exactly, at_most };

struct VendorLzma {
    unsigned prefix = 0;          ///< bytes before the stream
    bool own_properties = false;  ///< the first of them says lc, lp and pb (liblzma's names), for each block anew
    std::uint32_t lc = 3;
    std::uint32_t lp = 0;
    std::uint32_t pb = 2;
    bool operator==(const VendorLzma&) const = default;
};

/// "LZMA behind 4 bytes, lc 3, lp 0, pb 2".
std::string describe(const VendorLzma& form);

/// Decodes and finds forms. One thread at a time.
class VendorLzmaDecoder {
public:
    /// `dictionary`: what any block holds at most.
    explicit VendorLzmaDecoder(std::uint32_t dictionary) : dictionary_(dictionary) {}
    ~VendorLzmaDecoder() { lzma_end(&stream_); }
    VendorLzmaDecoder(const VendorLzmaDecoder&) = delete;
    VendorLzmaDecoder& operator=(const VendorLzmaDecoder&) = delete;

    /// How many bytes came out. A stream has no length of its own: without `proven`, a block that need not fill the output may give some
    /// zero bytes too many. Nothing when it does not decode so.
    std::optional<std::size_t> decode(const VendorLzma& form, Bytes block, std::span<std::uint8_t> output, SquashfsFill fill, bool proven);

    /// The first form by which the block decodes, proven. All searches together do bounded work; then nothing is found any more.
    std::optional<VendorLzma> find(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill);

private:
    std::optional<std::size_t> run(const VendorLzma& form, Bytes stream, std::span<std::uint8_t> output, bool exactly);

    std::uint32_t dictionary_;
    std::uint64_t work_ = 0;   // of everything
    std::uint64_t spent_ = 0;  // of searches that found nothing
    lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace shirushi::unpack
