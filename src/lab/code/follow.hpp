#pragma once
// Values followed through one function's blocks until nothing changes; then every call is judged once, by what is known at it.

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "code/blocks.hpp"
#include "code/lifter.hpp"
#include "code/state.hpp"
#include "model/facts.hpp"

namespace shirushi::code {

inline constexpr int kMadeOf = 4;  // how far back it is followed what a symbol was made of

enum class SymbolKind : std::uint8_t { argument, result, loaded, calculated, joined, buffer };

struct Symbol {
    SymbolKind kind = SymbolKind::joined;
    Arithmetic arithmetic = Arithmetic::other;
    DataOrigin origin = DataOrigin::unknown;
    std::uint8_t bits = 64;                   ///< it is less than 2 to this
    std::uint8_t width = 8;                   ///< bytes that it was calculated in
    bool seen = false;
    bool only_constants = false;              ///< every path gives it a constant
    bool wraps = false;                       ///< the calculation may exceed `width`
    bool steps = false;                       ///< a join that a loop moves on
    bool soft = false;                        ///< text of a setting, or of a function that only looks like one that asks for it
    std::uint64_t cap = UINT64_MAX;           ///< the smallest constant that it was found to be no larger than
    std::uint64_t most = UINT64_MAX;          ///< it cannot be larger: a call was asked for so many bytes
    std::int64_t sought = -1;                 ///< the character that a search was for
    Value resized;                            ///< what a realloc was given
    std::optional<std::uint64_t> size;        ///< bytes of what it points to
    const LibraryFunction* function = nullptr;  ///< of a result
    std::uint32_t operation = 0;              ///< that defines it
    std::uint32_t origin_operation = UINT32_MAX;  ///< the call that the data came through
    std::uint32_t filled_by = UINT32_MAX;     ///< the last call seen that wrote where it points
    std::uint32_t freed_by = UINT32_MAX;
    Value parents[2];                         ///< what it was made of; of a loaded one, where it was
};

/// One call site, before its texts are made.
struct Finding {
    std::uint32_t operation = 0;
    CallWeakness weakness = CallWeakness::unbounded_copy;
    CallConfidence confidence = CallConfidence::possible;
    DataOrigin origin = DataOrigin::unknown;
    std::uint32_t origin_operation = UINT32_MAX;
    std::optional<std::uint64_t> buffer_bytes;
};

class Follower {
public:
    Follower(const Program& program, const Convention& convention, const Lifted& lifted, bool is_main);

    /// Every weakness, in the order of operations; at most one of a kind for each operation.
    std::vector<Finding> run();
    [[nodiscard]] std::uint64_t calls() const { return calls_; }
    /// Of _start: main, where __libc_start_main's first argument is a constant.
    [[nodiscard]] std::optional<std::uint64_t> main_address() const { return main_; }
    [[nodiscard]] const LibraryFunction* function_of(std::uint32_t operation) const;

private:
    // follow.cpp: blocks
    void settle();
    [[nodiscard]] bool needs_judging(const Block& block) const;

    // joins.cpp: where paths join
    bool join_nature(std::uint32_t symbol, Value known, Value other);
    bool join_history(std::uint32_t symbol, Value known, Value other, bool made, State& into, const State& from) const;
    bool enter(std::uint32_t block, const State& from, bool back);
    Value joined(std::uint32_t block, std::uint64_t place, Value known, Value other, State& into, const State& from, Marks& own, bool& changed);
    void join_slots(std::uint32_t block, State& into, const State& from, Marks& own, bool& changed);
    State walk(std::uint32_t block);
    void leave(std::uint32_t block, State out, std::set<std::uint32_t>& waiting);
    void apply(State& state, const Operation& operation, std::uint32_t index);

    // values.cpp: what one operation makes
    [[nodiscard]] Value value(const State& state, std::uint8_t reg) const;
    void assign(State& state, std::uint8_t reg, Value value) const;
    std::uint32_t define(State& state, std::uint32_t operation, Symbol symbol);
    void do_copy(State& state, const Operation& operation);
    void do_narrow(State& state, const Operation& operation, std::uint32_t index);
    void do_calculate(State& state, const Operation& operation, std::uint32_t index);
    [[nodiscard]] std::optional<Value> calculated(const State& state, const Operation& operation, Value a, Value b) const;
    std::optional<Value> folded(const Operation& operation, Value a, Value b) const;
    void do_choose(State& state, const Operation& operation, std::uint32_t index);
    void do_load(State& state, const Operation& operation, std::uint32_t index);
    void do_store(State& state, const Operation& operation, std::uint32_t index);
    Value load_stack(State& state, const Operation& operation, std::uint32_t index, std::int64_t offset);
    Value load_pointer(State& state, const Operation& operation, std::uint32_t index, Value place);
    Value wrapped(Value value) const;
    [[nodiscard]] bool is_cut(Value value, int bits) const;
    [[nodiscard]] bool moves(Value value, std::uint32_t join, int depth = 0) const;
    [[nodiscard]] bool steps(Value place, int depth = 0) const;
    void sift(State& state, Value place, int depth);
    [[nodiscard]] bool in_constant_table(Value place) const;
    [[nodiscard]] bool is_scaled(Value value) const;
    [[nodiscard]] bool is_table(Value value) const;
    void examine(State& state, Value value, Marks History::*marks, int depth);

    // compare.cpp: what a comparison finds out
    void do_compare(State& state, const Operation& operation);
    void find_out(State& state, Condition condition);
    void use_flags(State& state);
    void relate(State& state, Value a, Value b, Condition condition);
    void relate_constant(State& state, Value a, std::int64_t constant, Condition condition);
    void limit(State& state, Value value, Value by, int depth, bool with_sign = false);
    void look(State& state, std::uint32_t symbol, std::int64_t other, Condition condition, int depth);
    void found_null(State& state, std::uint32_t symbol, bool null, int depth);
    [[nodiscard]] std::optional<std::uint64_t> highest(Value value) const;
    [[nodiscard]] bool varies(Value value) const;
    [[nodiscard]] bool is_rest(Value value) const;
    static bool is_of_call(const Symbol& symbol);
    static bool is_outside(const Symbol& symbol);
    std::uint32_t buffer_symbol(std::int64_t offset);
    std::uint32_t argument_symbol(std::uint32_t number);
    void inherit(Symbol& symbol, Value from) const;

    // calls.cpp: what a call does
    void do_move_block(State& state, const Operation& operation, std::uint32_t index);
    void do_call(State& state, const Operation& operation, std::uint32_t index);
    [[nodiscard]] const LibraryFunction* resolve(const State& state, const Operation& operation) const;
    [[nodiscard]] Value argument(const State& state, int number) const;
    [[nodiscard]] std::optional<std::int64_t> stack_of(Value value) const;
    void effects(State& state, const LibraryFunction& function, std::uint32_t index);
    void fill(State& state, Value target, std::uint32_t index, std::optional<std::uint64_t> length, bool appends);
    void forget_stack(State& state, std::int64_t from, std::uint64_t length) const;
    void release(State& state, std::uint32_t symbol, std::uint32_t index);
    [[nodiscard]] bool leads_into(Value value, std::uint32_t symbol, int depth) const;
    static bool finds_in_text(const LibraryFunction& function);
    void take_over(State& state, Value from, std::uint32_t to);
    [[nodiscard]] std::optional<std::uint64_t> size_asked(const State& state, const LibraryFunction& function) const;
    [[nodiscard]] bool asks_by_name(const State& state) const;
    [[nodiscard]] std::optional<Value> given_back(const State& state, const LibraryFunction& function) const;
    void describe(const State& state, Symbol& result, const LibraryFunction& function, std::uint32_t index) const;
    void write_text(State& state, const LibraryFunction& function, std::uint32_t index, std::optional<std::uint64_t> constant);
    void scan(State& state, const LibraryFunction& function, std::uint32_t index);
    void end_of_number(State& state, const LibraryFunction& function, std::uint32_t index);
    void print_new(State& state, const LibraryFunction& function, std::uint32_t index);
    void unknown_call(State& state, std::uint32_t index);
    void after_call(State& state, const LibraryFunction* function, std::uint32_t index);

    // judge.cpp: what is wrong with a call
    struct Source {
        DataOrigin origin = DataOrigin::unknown;
        std::uint32_t operation = UINT32_MAX;
        bool harmless = true;                      ///< constant, or limited
        bool measured = false;                     ///< its length was compared
        bool asked = false, looked = false, sifted = false, vetted = false;  ///< as in History
        bool soft = false;                         ///< as in Symbol
        bool unended = false;                      ///< bytes, not a text with an end
        std::optional<std::uint64_t> longest;      ///< bytes that it has at most, where known
    };
    /// What a pointer leads to, and how many bytes there are at most, where that is known.
    struct Place {
        enum class Kind : std::uint8_t { none, given, stack, block, member, global };
        Kind kind = Kind::none;
        std::optional<std::uint64_t> room;
    };
    void judge(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_copy(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_print(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_scan(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_length(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_size(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_shell(const State& state, const LibraryFunction& function, std::uint32_t index);
    void judge_format(const State& state, const LibraryFunction& function, std::uint32_t index);
    [[nodiscard]] Value command_executed(const State& state, const LibraryFunction& function) const;
    void judge_pointers(const State& state, const LibraryFunction& function, std::uint32_t index);
    [[nodiscard]] Source source_of(const State& state, Value value) const;
    [[nodiscard]] Source written_by(const State& state, std::uint32_t operation, bool all) const;
    [[nodiscard]] Source filled(const State& state, std::int64_t offset) const;
    static bool is_filled(const State& state, std::int64_t offset);
    static void add_marks(const State& state, std::uint32_t symbol, Source& source);
    [[nodiscard]] Place place_of(Value value, int depth) const;
    static bool may_exceed(const Source& source, const Place& target, std::uint64_t more);
    static CallConfidence confidence_of_copy(const Source& source, const Place& target);
    [[nodiscard]] bool is_limited(const State& state, Value value, std::initializer_list<Marks History::*> marks, int depth) const;
    [[nodiscard]] bool leads_to_argument(Value value, int depth) const;
    [[nodiscard]] unsigned bits_of(Value value, int depth) const;
    [[nodiscard]] bool made_of_bytes(Value value, int depth) const;
    [[nodiscard]] Value unlimited_index(const State& state, Value place) const;
    void judge_write(const State& state, const LibraryFunction& function, Value length, std::uint64_t times, std::uint32_t index);
    void judge_read(const State& state, const LibraryFunction& function, Value length, std::uint64_t times, std::uint32_t index);
    [[nodiscard]] Source length_of(const State& state, Value value, std::optional<std::uint64_t> room, bool reading) const;
    [[nodiscard]] std::vector<Value> texts_printed(const State& state, const LibraryFunction& function, bool all) const;
    [[nodiscard]] std::optional<std::string_view> text(Value value) const;
    [[nodiscard]] std::uint64_t room(std::int64_t offset) const;
    void use(const State& state, Value pointer, std::uint32_t index, bool by_call);
    void report(Finding finding);

    const Program& program_;
    const Convention& convention_;
    const Lifted& lifted_;
    bool is_main_;
    bool judging_ = false;
    bool back_ = false;            // what is joined comes from further down: a loop
    bool moves_blocks_ = false;    // a memcpy was put in place
    bool handles_memory_ = false;  // a call allocates, opens or frees
    std::vector<Block> blocks_;
    std::vector<State> entries_;
    std::vector<std::uint8_t> visits_;
    std::vector<std::uint32_t> predecessors_;  // how many
    std::vector<Symbol> symbols_;
    std::vector<std::uint32_t> defined_by_;  // operation -> symbol
    std::vector<std::uint32_t> arguments_;   // number -> symbol
    std::unordered_map<std::uint64_t, std::uint32_t> joins_;
    std::unordered_map<std::int64_t, std::uint32_t> buffers_;
    std::vector<std::vector<std::uint32_t>> own_joins_;  // of each block
    std::vector<std::int64_t> taken_;        // offsets on the stack that calls were given
    std::unordered_map<std::uint32_t, std::uint32_t> ends_;  // symbols that calls leave behind a pointer to the stack
    std::unordered_map<std::uint32_t, Source> fills_;  // what each filling call wrote
    std::unordered_map<std::uint32_t, const LibraryFunction*> functions_;
    std::vector<Finding> findings_;
    std::optional<std::uint64_t> main_;
    std::optional<std::array<Value, 3>> block_copy_;  // arguments of a move that is no call
    std::uint64_t calls_ = 0;
    std::uint64_t steps_ = 0;
};

}  // namespace shirushi::code
