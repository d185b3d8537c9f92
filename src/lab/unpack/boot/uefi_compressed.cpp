#include "unpack/boot/uefi_compressed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "unpack/found.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kLongestCode = 16;
constexpr std::size_t kCharacters = 510;  // 256 bytes, and lengths 3 to 256
constexpr std::size_t kExtras = 19;       // alphabet of the code lengths
constexpr std::size_t kPositions = 31;
constexpr std::size_t kNone = SIZE_MAX;

/// Bits from the most significant on. Behind the end come zeros; `missing` counts them.
class BitReader {
public:
    explicit BitReader(Bytes bytes) : bytes_(bytes) {}

    std::uint32_t take(unsigned count) {
        while (held_ < count) {
            const bool there = at_ < bytes_.size();
            word_ = word_ << 8U | (there ? bytes_[at_++] : 0U);
            missing_ += there ? 0 : 8;
            held_ += 8;
        }
        held_ -= count;
        return static_cast<std::uint32_t>(word_ >> held_ & ((std::uint64_t{1} << count) - 1));
    }
    /// More bits were taken than there are.
    [[nodiscard]] bool past_end() const { return missing_ > held_; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
    std::uint64_t word_ = 0;
    unsigned held_ = 0;
    std::uint64_t missing_ = 0;
};

/// A canonical Huffman code, or one symbol that takes no bits.
class Code {
public:
    void set_only(std::size_t symbol) {
        only_ = symbol;
        counts_ = {};
    }
    /// False when the lengths are no complete code.
    bool set(std::span<const std::uint8_t> lengths) {
        only_ = kNone;
        counts_ = {};
        for (const std::uint8_t length : lengths)
            ++counts_.at(length);
        counts_[0] = 0;
        std::uint32_t room = 1;
        for (std::size_t length = 1; length <= kLongestCode; ++length) {
            room *= 2;
            if (counts_.at(length) > room)
                return false;
            room -= counts_.at(length);
        }
        std::size_t next = 0;
        for (std::size_t length = 1; length <= kLongestCode; ++length)
            for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
                if (lengths[symbol] == length)
                    symbols_.at(next++) = static_cast<std::uint16_t>(symbol);
        return room == 0;
    }
    /// kNone: no code begins so.
    std::size_t read(BitReader& bits) const {
        if (only_ != kNone)
            return only_;
        std::uint32_t code = 0;
        std::uint32_t first = 0;
        std::size_t index = 0;
        for (std::size_t length = 1; length <= kLongestCode; ++length) {
            code = code << 1U | bits.take(1);
            const std::uint32_t count = counts_.at(length);
            if (code - first < count)
                return symbols_.at(index + code - first);
            index += count;
            first = (first + count) << 1U;
        }
        return kNone;
    }

private:
    std::size_t only_ = 0;
    std::array<std::uint32_t, kLongestCode + 1> counts_{};
    std::array<std::uint16_t, kCharacters> symbols_{};
};

class Decompression {
public:
    Decompression(Bytes bytes, UefiCompression kind, Buffer& output) : bits_(bytes), position_bits_(kind == UefiCompression::efi ? 4 : 5), output_(output) {}

    Result<void> run(std::uint64_t size) {
        while (output_.size() < size) {
            std::uint32_t left = bits_.take(16);
            if (left == 0 || !read_codes())
                return fail(Errc::bad_input, fmt::format("its codes are damaged after {} bytes of output", output_.size()));
            for (; left != 0 && output_.size() < size; --left)
                if (!read_symbol(size) || bits_.past_end())
                    return fail(Errc::bad_input, fmt::format("it is damaged or cut off after {} bytes of output", output_.size()));
        }
        return {};
    }

private:
    bool read_codes() { return read_short(extras_, kExtras, 5, 3) && read_characters() && read_short(positions_, kPositions, position_bits_, kNone); }

    /// A code whose lengths are written in three bits, longer ones in unary. Behind the first `special` ones stands how many zeros follow.
    bool read_short(Code& code, std::size_t symbols, unsigned width, std::size_t special) {
        const std::uint32_t count = bits_.take(width);
        if (count == 0) {
            code.set_only(bits_.take(width));
            return true;
        }
        if (count > symbols)
            return false;
        std::array<std::uint8_t, 64> lengths{};
        std::size_t at = 0;
        while (at < count) {
            std::uint32_t length = bits_.take(3);
            if (length == 7)
                while (length <= kLongestCode && bits_.take(1) != 0)
                    ++length;
            if (length > kLongestCode)
                return false;
            lengths.at(at++) = static_cast<std::uint8_t>(length);
            if (at == special)
                at += bits_.take(2);
        }
        return code.set(std::span(lengths).first(symbols));
    }

    bool read_characters() {
        const std::uint32_t count = bits_.take(9);
        if (count == 0) {
            characters_.set_only(bits_.take(9));
            return true;
        }
        if (count > kCharacters)
            return false;
        std::array<std::uint8_t, kCharacters> lengths{};
        std::size_t at = 0;
        while (at < count) {
            const std::size_t symbol = extras_.read(bits_);
            if (symbol >= kExtras)
                return false;
            if (symbol > 2)
                lengths.at(at++) = static_cast<std::uint8_t>(symbol - 2);
            else
                at += symbol == 0 ? 1 : symbol == 1 ? bits_.take(4) + 3 : bits_.take(9) + 20;
            if (at > kCharacters)
                return false;
        }
        return characters_.set(lengths);
    }

    bool read_symbol(std::uint64_t size) {
        const std::size_t symbol = characters_.read(bits_);
        if (symbol >= kCharacters)
            return false;
        if (symbol < 256) {
            output_.push_back(static_cast<std::uint8_t>(symbol));
            return true;
        }
        const std::size_t length = symbol - 256 + 3;
        const std::size_t kind = positions_.read(bits_);
        if (kind >= kPositions)
            return false;
        std::size_t distance = kind;
        if (kind > 1)
            distance = (std::size_t{1} << (kind - 1)) + bits_.take(static_cast<unsigned>(kind) - 1);
        ++distance;
        if (distance > output_.size())
            return false;
        for (std::size_t i = 0; i < length && output_.size() < size; ++i)
            output_.push_back(output_[output_.size() - distance]);
        return true;
    }

    BitReader bits_;
    unsigned position_bits_;
    Buffer& output_;
    Code extras_;
    Code characters_;
    Code positions_;
};

}  // namespace

Result<Buffer> decompress_uefi(Bytes bytes, UefiCompression kind, std::uint64_t most) {
    constexpr std::uint64_t kBestRatio = 4096;  // 256 bytes for one bit, and to be safe twice that
    if (bytes.size() < 8)
        return fail(Errc::bad_input, "its header is cut off");
    const auto packed = load_le<std::uint32_t>(bytes.data());
    const auto size = load_le<std::uint32_t>(bytes.data() + 4);
    if (packed > bytes.size() - 8)
        return fail(Errc::bad_input, cut_off(bytes.size() - 8, packed));
    if (size > most)
        return fail(Errc::limit, fmt::format("it unpacks to {} bytes, which is more than a decoder may hold", size));
    if (size / kBestRatio > packed)
        return fail(Errc::bad_input, "it cannot unpack to as much as it says");
    Buffer output;
    output.reserve(size);
    TRY(Decompression(bytes.subspan(8, packed), kind, output).run(size));
    return output;
}

}  // namespace shirushi::unpack
