#include "unpack/streams/lzh_blocks.hpp"

#include <algorithm>

namespace shirushi::unpack {
namespace {

constexpr std::size_t kCharacters = LzhCode::most_symbols;  // 256 bytes, and lengths 3 to 256
constexpr std::size_t kExtras = 19;                         // alphabet of the code lengths
constexpr std::size_t kPositions = 31;

}  // namespace

void LzhCode::set_only(std::size_t symbol) {
    only_ = symbol;
    counts_ = {};
}

bool LzhCode::set(std::span<const std::uint8_t> lengths) {
    only_ = none;
    counts_ = {};
    for (const std::uint8_t length : lengths)
        ++counts_.at(length);
    counts_[0] = 0;
    std::uint32_t room = 1;
    for (std::size_t length = 1; length <= longest; ++length) {
        room *= 2;
        if (counts_.at(length) > room)
            return false;
        room -= counts_.at(length);
    }
    std::size_t next = 0;
    for (std::size_t length = 1; length <= longest; ++length)
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
            if (lengths[symbol] == length)
                symbols_.at(next++) = static_cast<std::uint16_t>(symbol);
    return room == 0;
}

std::size_t LzhCode::read(HighBits& bits) const {
    if (only_ != none)
        return only_;
    std::uint32_t code = 0;
    std::uint32_t first = 0;
    std::size_t index = 0;
    for (std::size_t length = 1; length <= longest; ++length) {
        code = code << 1U | bits.take(1);
        const std::uint32_t count = counts_.at(length);
        if (code - first < count)
            return symbols_.at(index + code - first);
        index += count;
        first = (first + count) << 1U;
    }
    return none;
}

Result<void> LzhBlocks::run(Buffer& output, std::uint64_t size) {
    while (output.size() < size) {
        if (copy_left_ != 0) {
            if (!copy(output, size))
                return fail(Errc::bad_input, "it refers to what was never there");
            continue;
        }
        if (left_ == 0) {
            left_ = bits_.take(16);
            if (left_ == 0 || !read_codes())
                return fail(Errc::bad_input, "its codes are damaged");
        }
        --left_;
        if (!read_symbol(output) || bits_.past_end())
            return fail(Errc::bad_input, "it is damaged or cut off");
    }
    return {};
}

bool LzhBlocks::read_codes() { return read_short(extras_, kExtras, 5, 3) && read_characters() && read_short(positions_, kPositions, position_bits_, LzhCode::none); }

/// A code whose lengths are written in three bits, longer ones in unary. Behind the first `special` ones stands how many zeros follow.
bool LzhBlocks::read_short(LzhCode& code, std::size_t symbols, unsigned width, std::size_t special) {
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
            while (length <= LzhCode::longest && bits_.take(1) != 0)
                ++length;
        if (length > LzhCode::longest)
            return false;
        lengths.at(at++) = static_cast<std::uint8_t>(length);
        if (at == special)
            at += bits_.take(2);
    }
    return code.set(std::span(lengths).first(symbols));
}

bool LzhBlocks::read_characters() {
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

/// A byte, or the beginning of a copy.
bool LzhBlocks::read_symbol(Buffer& output) {
    const std::size_t symbol = characters_.read(bits_);
    if (symbol >= kCharacters)
        return false;
    if (symbol < 256) {
        output.push_back(static_cast<std::uint8_t>(symbol));
        return true;
    }
    const std::size_t kind = positions_.read(bits_);
    if (kind >= kPositions)
        return false;
    copy_left_ = symbol - 256 + 3;
    copy_distance_ = 1 + (kind > 1 ? (std::size_t{1} << (kind - 1)) + bits_.take(static_cast<unsigned>(kind) - 1) : kind);
    return true;
}

bool LzhBlocks::copy(Buffer& output, std::uint64_t size) {
    if (copy_distance_ > output.size())
        return false;
    for (; copy_left_ != 0 && output.size() < size; --copy_left_)
        output.push_back(output[output.size() - copy_distance_]);
    return true;
}

}  // namespace shirushi::unpack
