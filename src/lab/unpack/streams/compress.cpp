// compress's LZW: codes of 9 bits, growing with the table up to the width that the header names. The writer puts codes into
// groups of eight; where the width changes, or the table is emptied, the rest of the group is filled up. A .Z file has neither
// a checksum nor an end mark: it ends where its bytes end.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 3;
constexpr unsigned kFirstWidth = 9;
constexpr unsigned kWidest = 16;
constexpr unsigned kLeastWidest = 10;  // compress itself, gzip and 7-Zip each read files of "9 bits" differently, and none rightly
constexpr std::uint32_t kClear = 256;
constexpr std::uint32_t kNone = UINT32_MAX;

/// Codes, least significant bit first.
class Codes {
public:
    explicit Codes(Bytes bytes) : bytes_(bytes) {}

    /// The next code, or kNone at the end.
    std::uint32_t next(unsigned width) {
        if (bit_ + width > bytes_.size() * 8)
            return kNone;
        std::uint32_t value = 0;
        for (std::uint64_t i = 0; i < 3 && bit_ / 8 + i < bytes_.size(); ++i)
            value |= std::uint32_t{bytes_[bit_ / 8 + i]} << 8 * i;
        value = value >> bit_ % 8 & ((1U << width) - 1);
        bit_ += width;
        return value;
    }
    /// Over the rest of the group of eight codes, counted from where this width began.
    void fill_up(unsigned width) {
        const std::uint64_t group = std::uint64_t{width} * 8;
        bit_ = start_ + (bit_ - start_ + group - 1) / group * group;
        start_ = bit_;
    }
    [[nodiscard]] std::uint64_t bytes_taken() const { return std::min<std::uint64_t>((bit_ + 7) / 8, bytes_.size()); }

private:
    Bytes bytes_;
    std::uint64_t bit_ = 0;
    std::uint64_t start_ = 0;
};

class Lzw {
public:
    Lzw(Bytes bytes, unsigned widest, bool blocks, Sink& sink) : codes_(bytes.subspan(kHeader)), widest_(widest), blocks_(blocks), sink_(sink) { empty(); }

    Result<void> run() {
        std::uint32_t last = codes_.next(width_);
        if (last > 255)
            return fail(Errc::bad_input, "the .Z stream does not begin with a byte of its own");
        std::uint8_t first = static_cast<std::uint8_t>(last);
        TRY(put(first));
        while (true) {
            if (next_ > (1U << width_) - 1 && width_ < widest_) {
                codes_.fill_up(width_);
                ++width_;
            }
            const std::uint32_t code = codes_.next(width_);
            if (code == kNone)
                return flush();
            if (code == kClear && blocks_) {
                codes_.fill_up(width_);
                empty();
                last = kNone;
                continue;
            }
            TRY(expand(code, last, first));
            last = code;
        }
    }
    [[nodiscard]] std::uint64_t position() const { return kHeader + codes_.bytes_taken(); }

private:
    void empty() {
        width_ = kFirstWidth;
        next_ = blocks_ ? 257 : 256;
    }

    Result<void> expand(std::uint32_t code, std::uint32_t last, std::uint8_t& first) {
        std::size_t length = 0;
        std::uint32_t at = code;
        if (last == kNone ? code > 255 : code > next_ || (code == next_ && next_ >= 1U << widest_)) {
            TRY(flush());
            return fail(Errc::bad_input, fmt::format("the .Z stream is damaged (or ends) before 0x{:x}", position()));
        }
        if (last != kNone && code == next_) {
            text_[length++] = first;
            at = last;
        }
        for (; at > 255; at = before_[at])
            text_[length++] = byte_[at];
        first = static_cast<std::uint8_t>(at);
        text_[length++] = first;
        while (length != 0)
            TRY(put(text_[--length]));
        if (last != kNone && next_ < 1U << widest_) {
            before_[next_] = static_cast<std::uint16_t>(last);
            byte_[next_++] = first;
        }
        return {};
    }

    Result<void> put(std::uint8_t byte) {
        if (used_ == room_.size()) {
            TRY(flush());
            room_ = TRY(sink_.reserve(kStreamChunk));
        }
        room_[used_++] = byte;
        return {};
    }
    Result<void> flush() {
        if (used_ != 0)
            sink_.commit(used_);
        sink_.consumed(position());
        room_ = {};
        used_ = 0;
        return {};
    }

    Codes codes_;
    unsigned widest_;
    bool blocks_;
    Sink& sink_;
    unsigned width_ = kFirstWidth;
    std::uint32_t next_ = 257;
    std::array<std::uint16_t, 1U << kWidest> before_{};  // an entry is the text of this one ...
    std::array<std::uint8_t, 1U << kWidest> byte_{};     // ... and this byte behind it
    std::array<std::uint8_t, (1U << kWidest) + 1> text_{};
    std::span<std::uint8_t> room_;
    std::size_t used_ = 0;
};

}  // namespace

std::optional<FoundContainer> identify_compress(Bytes bytes) {
    if (bytes.size() < kHeader + 3 || bytes[0] != 0x1f || bytes[1] != 0x9d || (bytes[2] & 0x60U) != 0)
        return std::nullopt;
    const unsigned widest = bytes[2] & 0x1fU;
    // The first code is a byte, the second a byte, the first entry of the table, or (no writer does it) its emptying.
    const unsigned second = load_le<std::uint16_t>(bytes.data() + 4) >> 1U & 0x1ffU;
    if (widest < kLeastWidest || widest > kWidest || (bytes[4] & 1U) != 0 || second > 257)
        return std::nullopt;
    return FoundContainer{.size = 0, .description = fmt::format("LZW of up to {} bits", widest)};
}

Result<void> read_compress(Bytes bytes, Share /*share*/, Sink& sink) {
    if (!identify_compress(bytes))
        return fail(Errc::bad_input, "the .Z header holds values that cannot be");
    TRY(sink.begin("", {}));
    const auto lzw = std::make_unique<Lzw>(bytes, bytes[2] & 0x1fU, (bytes[2] & 0x80U) != 0, sink);
    TRY(lzw->run());
    return sink.end("");
}

}  // namespace shirushi::unpack
