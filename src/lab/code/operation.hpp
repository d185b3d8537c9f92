#pragma once
// What an instruction does, in the few words that following values needs: the same for every processor. Registers are numbers below
// kRegisters, given out by each processor's lifter; memory is [base + offset] (+ an index that is not followed).

#include <cstdint>
#include <string_view>
#include <vector>

namespace shirushi::code {

inline constexpr std::uint8_t kRegisters = 48;
inline constexpr std::uint8_t kNone = 0xff;

enum class Do : std::uint8_t {
    set,            ///< to = immediate
    copy,           ///< to = a + immediate
    narrow,         ///< to = the low `width` bytes of a
    calculate,      ///< to = a <arithmetic> b, or immediate where b is none
    choose,         ///< to = to or a: a conditional move
    load,           ///< to = [a + immediate], `width` bytes
    store,          ///< [a + immediate] = b
    compare,        ///< a with b, or with immediate where b is none; with a `condition`: only where it holds for what was compared before (else `to` are the flags: N Z C V)
    verify,         ///< whether the calculation of a went beyond its width is asked
    move_block,     ///< `index` times `width` bytes from [b] to [a]; all three registers change
    call,           ///< immediate: address of the function, or of the slot that holds it (`indirect`); a: register that holds it
    jump,           ///< immediate: address; a: register
    branch,         ///< immediate: address, where `condition` holds; falls through otherwise
    leave,          ///< returns
    forget,         ///< to = something that is not followed
    stop,           ///< does not come back: a trap
};

/// `less` and `below`: whether a is less than b, with and without sign (1 or 0).
enum class Arithmetic : std::uint8_t { add, subtract, multiply, shift_left, shift_right, mask, swap, less, below, other };

/// How what was compared last must be, for a branch to be taken: with sign up to `greater_equal`, without behind that.
enum class Condition : std::uint8_t { none, equal, unequal, less, less_equal, greater, greater_equal, below, below_equal, above, above_equal };

constexpr Condition opposite(Condition condition) {
    using enum Condition;
    constexpr Condition opposites[] = {none, unequal, equal, greater_equal, greater, less_equal, less, above_equal, above, below_equal, below};
    return opposites[static_cast<unsigned>(condition)];
}

/// The condition with both sides changed over.
constexpr Condition turned(Condition condition) {
    using enum Condition;
    constexpr Condition sides[] = {none, equal, unequal, greater, greater_equal, less, less_equal, above, above_equal, below, below_equal};
    return sides[static_cast<unsigned>(condition)];
}

struct Operation {
    Do what = Do::forget;
    Arithmetic arithmetic = Arithmetic::other;
    std::uint8_t to = kNone;
    std::uint8_t a = kNone;
    std::uint8_t b = kNone;
    std::uint8_t index = kNone;  ///< of a memory operand: the address is not known exactly
    std::uint8_t width = 0;      ///< bytes
    bool indirect = false;       ///< of call and jump: immediate is the address of a slot, a (if any) its base
    bool conditional = false;    ///< may not be done: the old value may stay, the call may not happen
    bool is_signed = false;      ///< of load and narrow: extended with the sign
    Condition condition = Condition::none;
    std::int64_t immediate = 0;
    std::uint32_t instruction = 0;  ///< index into Lifted::instructions
};

struct Instruction {
    std::uint64_t address = 0;
    std::uint32_t first = 0;  ///< of its operations
    std::uint8_t size = 0;
};

/// A function's instructions in the order of their addresses.
struct Lifted {
    std::vector<Instruction> instructions;
    std::vector<Operation> operations;
    void clear() {
        instructions.clear();
        operations.clear();
    }
};

/// How a processor's programs pass arguments and keep their stack.
struct Convention {
    std::uint8_t stack = kNone;              ///< the stack pointer
    std::uint8_t result = kNone;
    std::uint8_t link = kNone;               ///< holds the return address at the start; none: it is on the stack
    std::uint8_t zero = kNone;               ///< always holds zero
    std::uint8_t table = kNone;              ///< always holds Program::table_pointer
    std::uint8_t self = kNone;               ///< holds the function's own address at its start
    std::vector<std::uint8_t> arguments;     ///< registers, first to last
    std::vector<std::uint8_t> scratch;       ///< registers that a call may change, arguments and result included
    std::int32_t stack_arguments = 0;        ///< of the first argument on the stack, from the stack pointer at the call instruction
    std::int32_t entry_arguments = 0;        ///< the same at the function's first instruction
    std::uint8_t pointer = 4;                ///< bytes
    bool paired_doubles = false;             ///< a double is passed in an even pair of argument registers or words
    bool floats_apart = false;               ///< floating-point arguments have registers of their own
};

}  // namespace shirushi::code
