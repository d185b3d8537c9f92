// An LZO1X stream is a row of instructions. Each copies bytes from the output so far (a match) or from the input (a literal
// run); most matches carry in their lowest two bits how many literals (0 to 3) follow them. What an instruction byte below 16
// means depends on the literals just copied: none, one to three, or a long run. That is the whole of the state.
// Most copies are short; where there is room for it they are made in fixed steps that may write a few bytes too many, which the
// next instruction overwrites. That, and faults as a plain enum until the end, makes it about twice as fast.

#include "unpack/streams/lzo.hpp"

#include <fmt/format.h>

#include <cstring>

namespace shirushi::unpack {

namespace {

enum class After { match, few_literals, literal_run };

enum class Fault { none, input_ends, output_ends, before_start, no_end, bytes_left };

std::string_view words(Fault fault) {
    switch (fault) {
        case Fault::none: return "no fault";
        case Fault::input_ends: return "an instruction is cut off";
        case Fault::output_ends: return "more comes out than there is room for";
        case Fault::before_start: return "a match reaches before the start";
        case Fault::no_end: return "the end mark is missing";
        case Fault::bytes_left: return "bytes follow the end mark";
    }
    return "unknown fault";
}

struct Match {
    std::size_t length = 0;
    std::size_t distance = 0;
    unsigned literals = 0;  ///< that follow it
    bool end = false;       ///< the end mark: not a match at all
};

constexpr std::size_t step = 16;

class Lzo1x {
public:
    Lzo1x(Bytes input, std::span<std::uint8_t> output) : input_(input), output_(output) {}
    Fault run();
    [[nodiscard]] std::size_t in() const { return in_; }
    [[nodiscard]] std::size_t out() const { return out_; }

private:
    [[nodiscard]] std::size_t input_left() const { return input_.size() - in_; }
    [[nodiscard]] std::size_t output_left() const { return output_.size() - out_; }
    Fault first_instruction();
    Fault extend(std::size_t& length, std::size_t mask);
    Fault far_match(unsigned instruction, Match& match);
    Fault short_match(unsigned instruction, Match& match);
    Fault copy_match(const Match& match);
    Fault copy_literals(std::size_t count);

    Bytes input_;
    std::span<std::uint8_t> output_;
    std::size_t in_ = 0;
    std::size_t out_ = 0;
    After after_ = After::match;
};

inline Fault Lzo1x::copy_literals(std::size_t count) {
    if (count > input_left())
        return Fault::input_ends;
    if (count > output_left())
        return Fault::output_ends;
    if (count <= step && input_left() >= step && output_left() >= step)
        std::memcpy(output_.data() + out_, input_.data() + in_, step);
    else
        std::memcpy(output_.data() + out_, input_.data() + in_, count);
    in_ += count;
    out_ += count;
    return Fault::none;
}

inline Fault Lzo1x::copy_match(const Match& match) {
    if (match.distance > out_)
        return Fault::before_start;
    if (match.length > output_left())
        return Fault::output_ends;
    std::uint8_t* to = output_.data() + out_;
    std::uint8_t* const end = to + match.length;
    const std::uint8_t* from = to - match.distance;
    const bool has_room = output_left() - match.length >= step;
    if (match.distance >= step && has_room)
        for (; to < end; to += step, from += step)
            std::memcpy(to, from, step);
    else if (match.distance >= match.length)
        std::memcpy(to, from, match.length);
    else if (match.distance == 1)
        std::memset(to, *from, match.length);
    else
        while (to < end)  // overlapping on purpose: the pattern repeats itself
            *to++ = *from++;
    out_ += match.length;
    return Fault::none;
}

/// A length that did not fit its bits (they are 0 then): zero bytes add 255 each, the first other byte ends it.
inline Fault Lzo1x::extend(std::size_t& length, std::size_t mask) {
    if (length != 0)
        return Fault::none;
    length = mask;
    while (input_left() > 0 && input_[in_] == 0) {
        length += 255;
        ++in_;
    }
    if (input_left() == 0)
        return Fault::input_ends;
    length += input_[in_++];
    return Fault::none;
}

Fault Lzo1x::first_instruction() {
    if (input_left() == 0 || input_[0] <= 17)
        return Fault::none;
    const std::size_t count = input_[in_++] - 17U;
    after_ = count < 4 ? After::few_literals : After::literal_run;
    return copy_literals(count);
}

/// Instructions 16 to 63: a length of any size, then two bytes of distance and literal count.
inline Fault Lzo1x::far_match(unsigned instruction, Match& match) {
    const bool farthest = instruction < 32;
    const std::size_t mask = farthest ? 7 : 31;
    match.length = instruction & mask;
    if (const Fault fault = extend(match.length, mask); fault != Fault::none)
        return fault;
    match.length += 2;
    if (input_left() < 2)
        return Fault::input_ends;
    const unsigned low = load_le<std::uint16_t>(input_.data() + in_);
    in_ += 2;
    match.literals = low & 3;
    match.distance = (low >> 2) + 1;
    if (farthest) {
        match.distance += 16383 + ((instruction & 8) << 11);
        match.end = match.distance == 16384;
    }
    return Fault::none;
}

/// Instructions below 16 after literals, and from 64: short matches with one more byte of distance.
inline Fault Lzo1x::short_match(unsigned instruction, Match& match) {
    if (input_left() == 0)
        return Fault::input_ends;
    const std::size_t high = input_[in_++];
    match.literals = instruction & 3;
    if (instruction < 16) {
        match.length = after_ == After::literal_run ? 3 : 2;
        match.distance = (high << 2) + (instruction >> 2) + (after_ == After::literal_run ? 2049 : 1);
    } else {
        match.length = instruction < 128 ? 3 + ((instruction >> 5) & 1) : 5 + ((instruction >> 5) & 3);
        match.distance = (high << 3) + ((instruction >> 2) & 7) + 1;
    }
    return Fault::none;
}

Fault Lzo1x::run() {
    Fault fault = first_instruction();
    while (fault == Fault::none) {
        if (input_left() == 0)
            return Fault::no_end;
        const unsigned instruction = input_[in_++];
        if (instruction < 16 && after_ == After::match) {
            std::size_t length = instruction;
            fault = extend(length, 15);
            if (fault == Fault::none)
                fault = copy_literals(3 + length);
            after_ = After::literal_run;
            continue;
        }
        Match match;
        fault = instruction >= 16 && instruction < 64 ? far_match(instruction, match) : short_match(instruction, match);
        if (fault != Fault::none)
            return fault;
        if (match.end)
            return in_ == input_.size() ? Fault::none : Fault::bytes_left;
        fault = copy_match(match);
        if (fault == Fault::none && match.literals != 0)
            fault = copy_literals(match.literals);
        after_ = match.literals == 0 ? After::match : After::few_literals;
    }
    return fault;
}

}  // namespace

Result<std::size_t> decompress_lzo1x(Bytes input, std::span<std::uint8_t> output) {
    Lzo1x stream(input, output);
    if (const Fault fault = stream.run(); fault != Fault::none)
        return fail(Errc::bad_input, fmt::format("lzo: {} at byte {} of {}", words(fault), stream.in(), input.size()));
    return stream.out();
}

}  // namespace shirushi::unpack
