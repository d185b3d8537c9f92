#pragma once
// Tries factory defaults against password hashes within a budget. The budget is spent by estimated cost, not by the clock, so that
// two runs on different machines report the same.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/inspect.hpp"

namespace shirushi::inspect {

struct HashToGuess {
    std::string user;
    std::string hash;
};

struct Guess {
    std::optional<std::string> word;  ///< that fits
    std::uint32_t words_tried = 0;
    std::uint32_t words_listed = 0;
};

/// One result for each hash, in order. Equal user and hash are tried once.
std::vector<Guess> guess_all(const std::vector<HashToGuess>& hashes, const Words& words, const Budget& budget);

/// What is tried for a user: words listed for that very name, the name itself, words listed for any name, all other words; each once.
std::vector<std::string> words_for(const std::string& user, const Words& words);

}  // namespace shirushi::inspect
