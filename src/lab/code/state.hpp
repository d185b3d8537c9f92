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

private:
    std::vector<std::uint64_t> words_;
};

struct Slot {
    std::int64_t offset = 0;
    Value value;
    std::uint8_t width = 8;  ///< bytes that were stored
};

/// Memory behind a pointer that is a symbol, or a constant.
struct Cell {
    Value place;
    Value value;
};

/// What a call wrote to a buffer on the stack: the index of the operation.
struct Fill {
    std::int64_t offset = 0;
    std::uint32_t operation = 0;
    auto operator<=>(const Fill&) const = default;
};

/// What was done to a symbol on some path.
struct History {
    Marks limited;   ///< compared with something other than zero
    Marks tested;    ///< compared with zero
    Marks examined;  ///< what it points to was looked at: single characters, or what a function found in it
    Marks measured;  ///< the length of the text that it points to was compared
    Marks freed;
};

struct State {
    std::array<Value, kRegisters> registers;
    std::vector<Slot> slots;  ///< by offset
    std::vector<Cell> cells;
    std::vector<Fill> fills;  ///< sorted
    History history;
    bool reached = false;
};

}  // namespace shirushi::code
