#pragma once
// What bytes that no format explains probably are: by how often byte values and instructions occur, and by what repeats. Says no
// more than that shows: high entropy alone stays "unknown".

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

struct Guess {
    RegionGuess what = RegionGuess::unknown;
    std::string architecture;  ///< of code, where one fits
    GuessConfidence confidence = GuessConfidence::low;
    std::string reason;        ///< what it rests on, in words
};

/// What all of `bytes` looks like. Looks at no more than some 64 KiB wherever more would not change the answer.
Guess guess(Bytes bytes);

/// A range of one character; together the segments are all of what was asked for.
struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    Guess guess;
};

/// `bytes` cut where their character changes (text, code of one architecture, high entropy, other data), at most 64 pieces.
/// Linear in their size; the same bytes give the same cuts.
std::vector<Segment> segments(Bytes bytes);

}  // namespace shirushi::unpack
