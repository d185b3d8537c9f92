#pragma once
// What is known of registers and memory at one point of a function.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "code/operation.hpp"

namespace shirushi::code {

/// The symbols that stand for no definition. All others are defined by an operation, an argument or a join of blocks.
enum : std::uint32_t { kUnknown, kConstant, kStack, kImport, kFirstSymbol };

/// A symbol and a distance from it. kConstant: the number itself; kStack: from the stack pointer at the function's start; kImport: the
/// address of the slot that held it.
struct Value {
    std::uint32_t symbol = kUnknown;
    std::int64_t offset = 0;
    bool operator==(const Value&) const = default;
    [[nodiscard]] bool is_constant() const { return symbol == kConstant; }
    [[nodiscard]] bool is_stack() const { return symbol == kStack; }
    [[nodiscard]] bool is_defined() const { return symbol >= kFirstSymbol; }
};

/// A set of symbols.
class Marks {
public:
    [[nodiscard]] bool has(std::uint32_t symbol) const { return symbol / 64 < words_.size() && (words_[symbol / 64] >> symbol % 64 & 1) != 0; }
    void set(std::uint32_t symbol) {
        if (symbol / 64 >= words_.size())
            words_.resize(symbol / 64 + 1);
        words_[symbol / 64] |= std::uint64_t{1} << symbol % 64;
    }
    void clear(std::uint32_t symbol) {
        if (symbol / 64 < words_.size())
            words_[symbol / 64] &= ~(std::uint64_t{1} << symbol % 64);
    }
    void take_away(const Marks& other) {
        for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i)
            words_[i] &= ~other.words_[i];
    }
    /// Only what `other` has, too, is kept, and what `without` holds. Whether anything was taken away.
    bool keep(const Marks& other, const Marks& without) {
        bool changed = false;
        const auto word = [](const Marks& marks, std::size_t i) { return i < marks.words_.size() ? marks.words_[i] : 0; };
        for (std::size_t i = 0; i < words_.size(); ++i) {
            const std::uint64_t kept = words_[i] & (word(other, i) | word(without, i));
            changed |= kept != words_[i];
            words_[i] = kept;
        }
        return changed;
    }
    /// Whether anything was added. What `without` holds is not taken over.
    bool add(const Marks& other, const Marks& without) {
        bool changed = false;
        if (other.words_.size() > words_.size())
            words_.resize(other.words_.size());
        for (std::size_t i = 0; i < other.words_.size(); ++i) {
            const std::uint64_t more = other.words_[i] & ~(i < without.words_.size() ? without.words_[i] : 0) & ~words_[i];
            changed |= more != 0;
            words_[i] |= more;
        }
        return changed;
    }

    bool operator==(const Marks& other) const {
        const auto word = [](const Marks& marks, std::size_t i) { return i < marks.words_.size() ? marks.words_[i] : 0; };
        for (std::size_t i = 0; i < std::max(words_.size(), other.words_.size()); ++i)
            if (word(*this, i) != word(other, i))
                return false;
        return true;
    }

private:
    std::vector<std::uint64_t> words_;
};

struct Slot {
    std::int64_t offset = 0;
    Value value;
    std::uint8_t width = 8;  ///< bytes that were stored
    bool operator==(const Slot&) const = default;
};

/// Memory behind a pointer that is a symbol, or a constant.
struct Cell {
    Value place;
    Value value;
    std::uint8_t width = 8;
    bool operator==(const Cell&) const = default;
};

/// What a call wrote to a buffer on the stack: the index of the operation.
struct Fill {
    std::int64_t offset = 0;
    std::uint32_t operation = 0;
    auto operator<=>(const Fill&) const = default;
};

/// What was done to a symbol on some path.
struct History {
    Marks capped;    ///< found no larger than a constant, or than what memory says
    Marks bounded;   ///< found no larger than something else that varies
    Marks leaning;   ///< found no larger than a constant with regard to the sign: it may be negative
    Marks floored;   ///< found not to be negative
    Marks tested;    ///< compared with zero
    Marks asked;     ///< a function was given it that may tell something about it, or a character of it was read
    Marks looked;    ///< what it points to was looked at: single characters, or what a function found in it
    Marks sifted;    ///< its characters were gone through one by one
    Marks vetted;    ///< a function that is not known was asked about it, or it was found to be the same as another text
    Marks measured;  ///< the length of the text that it points to was compared
    Marks freed;
    Marks nullable;  ///< allocated, and may be null

    bool operator==(const History&) const = default;
    static constexpr auto all() {
        return std::array{&History::capped, &History::bounded, &History::leaning, &History::floored, &History::tested, &History::asked, &History::looked,
                          &History::sifted, &History::vetted,  &History::measured, &History::freed, &History::nullable};
    }
};

/// What was compared last, for the branches behind it. `chain`: only where that held for the one before; else the flags were `flags`.
struct Compared {
    Value a, b;
    std::uint8_t width = 8;
    std::uint8_t flags = kNone;
    Condition chain = Condition::none;
    bool operator==(const Compared&) const = default;
};

struct State {
    std::array<Value, kRegisters> registers;
    std::vector<Slot> slots;  ///< by offset
    std::vector<Cell> cells;
    std::vector<Fill> fills;  ///< sorted
    std::vector<Compared> compared;  ///< at most kCompared
    History history;
    bool reached = false;

    [[nodiscard]] bool is_same(const State& other) const {
        return registers == other.registers && slots == other.slots && cells == other.cells && fills == other.fills && history == other.history;
    }
};

inline constexpr std::size_t kCompared = 6;

}  // namespace shirushi::code
