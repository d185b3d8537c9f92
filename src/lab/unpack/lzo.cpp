// An LZO1X stream is a row of instructions. Each copies bytes from the output so far (a match) or from the input (a literal
// run); most matches carry in their lowest two bits how many literals (0 to 3) follow them. What an instruction byte below 16
// means depends on the literals just copied: none, one to three, or a long run. That is the whole of the state.

#include "unpack/lzo.hpp"

#include <fmt/format.h>

#include <cstring>

namespace shirushi::unpack {

namespace {

enum class After { match, few_literals, literal_run };

struct Match {
    std::size_t length = 0;
    std::size_t distance = 0;
    unsigned literals = 0;  ///< that follow it
    bool end = false;       ///< the end mark: not a match at all
};

class Lzo1x {
public:
    Lzo1x(Bytes input, std::span<std::uint8_t> output) : input_(input), output_(output) {}
    Result<std::size_t> run();

private:
    [[nodiscard]] bool left(std::size_t count) const { return input_.size() - in_ >= count; }
    [[nodiscard]] std::unexpected<Error> bad(std::string_view what) const {
        return fail(Errc::bad_input, fmt::format("lzo: {} at byte {} of {}", what, in_, input_.size()));
    }
    Result<void> first_instruction();
    Result<std::size_t> long_length(std::size_t bits, std::size_t mask);
    Result<Match> match(unsigned instruction);
    Result<Match> far_match(unsigned instruction);
    Result<Match> short_match(unsigned instruction);
    Result<void> copy_match(const Match& match);
    Result<void> copy_literals(std::size_t count);

    Bytes input_;
    std::span<std::uint8_t> output_;
    std::size_t in_ = 0;
    std::size_t out_ = 0;
    After after_ = After::match;
};

Result<void> Lzo1x::copy_literals(std::size_t count) {
    if (!left(count))
        return bad("literals run over the end of the input");
    if (count > output_.size() - out_)
        return bad("literals run over the end of the output");
    std::memcpy(output_.data() + out_, input_.data() + in_, count);
    in_ += count;
    out_ += count;
    return {};
}

Result<void> Lzo1x::copy_match(const Match& match) {
    if (match.distance > out_)
        return bad("a match reaches before the start");
    if (match.length > output_.size() - out_)
        return bad("a match runs over the end of the output");
    std::uint8_t* const to = output_.data() + out_;
    const std::uint8_t* const from = to - match.distance;
    if (match.distance >= match.length)
        std::memcpy(to, from, match.length);
    else if (match.distance == 1)
        std::memset(to, *from, match.length);
    else
        for (std::size_t i = 0; i < match.length; ++i)  // overlapping on purpose: the pattern repeats itself
            to[i] = from[i];
    out_ += match.length;
    return {};
}

/// A length that did not fit its bits: zero bytes add 255 each, the first other byte ends it.
Result<std::size_t> Lzo1x::long_length(std::size_t bits, std::size_t mask) {
    if (bits != 0)
        return bits;
    std::size_t length = mask;
    while (left(1) && input_[in_] == 0) {
        length += 255;
        ++in_;
    }
    if (!left(1))
        return bad("a length does not end");
    return length + input_[in_++];
}

Result<void> Lzo1x::first_instruction() {
    if (!left(1) || input_[0] <= 17)
        return {};
    const std::size_t count = input_[in_++] - 17U;
    TRY(copy_literals(count));
    after_ = count < 4 ? After::few_literals : After::literal_run;
    return {};
}

/// Instructions 16 to 63: a length of any size, then two bytes of distance and literal count.
Result<Match> Lzo1x::far_match(unsigned instruction) {
    const bool farthest = instruction < 32;
    const std::size_t mask = farthest ? 7 : 31;
    Match match;
    match.length = 2 + TRY(long_length(instruction & mask, mask));
    if (!left(2))
        return bad("a match is cut off");
    const unsigned low = load_le<std::uint16_t>(input_.data() + in_);
    in_ += 2;
    match.literals = low & 3;
    match.distance = (low >> 2) + 1;
    if (farthest) {
        match.distance += 16383 + ((instruction & 8) << 11);
        match.end = match.distance == 16384;
    }
    return match;
}

/// Instructions below 16 after literals, and from 64: short matches with one more byte of distance.
Result<Match> Lzo1x::short_match(unsigned instruction) {
    if (!left(1))
        return bad("a match is cut off");
    const std::size_t high = input_[in_++];
    Match match;
    match.literals = instruction & 3;
    if (instruction < 16) {
        match.length = after_ == After::literal_run ? 3 : 2;
        match.distance = (high << 2) + (instruction >> 2) + (after_ == After::literal_run ? 2049 : 1);
    } else {
        match.length = instruction < 128 ? 3 + ((instruction >> 5) & 1) : 5 + ((instruction >> 5) & 3);
        match.distance = (high << 3) + ((instruction >> 2) & 7) + 1;
    }
    return match;
}

Result<Match> Lzo1x::match(unsigned instruction) {
    return instruction >= 16 && instruction < 64 ? far_match(instruction) : short_match(instruction);
}

Result<std::size_t> Lzo1x::run() {
    TRY(first_instruction());
    for (;;) {
        if (!left(1))
            return bad("the end mark is missing");
        const unsigned instruction = input_[in_++];
        if (instruction < 16 && after_ == After::match) {
            const std::size_t length = TRY(long_length(instruction, 15));
            TRY(copy_literals(3 + length));
            after_ = After::literal_run;
            continue;
        }
        const Match next = TRY(match(instruction));
        if (next.end)
            break;
        TRY(copy_match(next));
        TRY(copy_literals(next.literals));
        after_ = next.literals == 0 ? After::match : After::few_literals;
    }
    if (in_ != input_.size())
        return bad("bytes follow the end mark");
    return out_;
}

}  // namespace

Result<std::size_t> decompress_lzo1x(Bytes input, std::span<std::uint8_t> output) {
    return Lzo1x(input, output).run();
}

}  // namespace shirushi::unpack
