// Calls: what they do to what is known.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

constexpr std::int64_t kFrame = 1 << 20;   // bytes of a function's stack that are told apart
constexpr std::size_t kFills = 64, kTaken = 256;
constexpr int kArgumentsSeen = 4;           // of a function that is not known: no more are taken for arguments
constexpr std::uint64_t kUnknownReach = 64; // bytes that a function that is not known may change behind a pointer to the stack

bool reads_file(const LibraryFunction& function) {
    return function.role != Role::release && function.role != Role::exit;
}

}  // namespace

const LibraryFunction* Follower::resolve(const State& state, const Operation& operation) const {
    if (operation.indirect) {
        if (operation.a == kNone)
            return program_.slot(static_cast<std::uint64_t>(operation.immediate));
        const Value base = value(state, operation.a);
        return base.is_constant() && operation.index == kNone ? program_.slot(static_cast<std::uint64_t>(base.offset + operation.immediate)) : nullptr;
    }
    if (operation.a == kNone)
        return program_.callee(static_cast<std::uint64_t>(operation.immediate));
    const Value target = value(state, operation.a);
    if (target.symbol == kImport)
        return program_.slot(static_cast<std::uint64_t>(target.offset));
    return target.is_constant() ? program_.callee(static_cast<std::uint64_t>(target.offset)) : nullptr;
}

const LibraryFunction* Follower::function_of(std::uint32_t operation) const {
    const auto found = functions_.find(operation);
    return found == functions_.end() ? nullptr : found->second;
}

/// The call's argument of that number; unknown where it is on the stack and was not seen to be put there.
Value Follower::argument(const State& state, int number) const {
    if (number < 0)
        return {};
    if (block_copy_)
        return number < 3 ? (*block_copy_)[static_cast<std::size_t>(number)] : Value{};
    const auto registers = static_cast<int>(convention_.arguments.size());
    if (number < registers)
        return state.registers[convention_.arguments[static_cast<std::size_t>(number)]];
    const Value stack = state.registers[convention_.stack];
    if (!stack.is_stack())
        return {};
    const std::int64_t offset = stack.offset + convention_.stack_arguments + (number - registers) * convention_.pointer;
    const auto found = std::ranges::lower_bound(state.slots, offset, {}, &Slot::offset);
    return found != state.slots.end() && found->offset == offset ? found->value : Value{};
}

/// The place on this function's stack that a pointer leads to or into; nothing for the caller's part of it.
std::optional<std::int64_t> Follower::stack_of(Value value) const {
    std::int64_t distance = 0;
    for (int depth = 0; depth < 3; ++depth) {
        if (value.is_stack())
            return value.offset < 0 ? std::optional(std::min<std::int64_t>(value.offset + distance, -1)) : std::nullopt;
        if (!value.is_defined())
            return std::nullopt;
        const Symbol& symbol = symbols_[value.symbol];
        if (symbol.kind != SymbolKind::calculated && symbol.kind != SymbolKind::joined)
            return std::nullopt;
        distance += std::clamp<std::int64_t>(value.offset, -kFrame, kFrame);
        const bool second = symbol.parents[1].is_stack();
        value = symbol.parents[second ? 1 : 0];
    }
    return std::nullopt;
}

/// rep movs: memcpy in place, of as many words as a register says.
void Follower::do_move_block(State& state, const Operation& operation, std::uint32_t index) {
    Value length = value(state, operation.index);
    if (operation.width > 1 && length.is_defined() && symbols_[length.symbol].arithmetic == Arithmetic::shift_right)
        length = symbols_[length.symbol].parents[0];
    else if (operation.width > 1 && length.is_constant())
        length.offset *= operation.width;
    const LibraryFunction* function = library_function("memcpy");
    functions_[index] = function;
    block_copy_ = {value(state, operation.a), value(state, operation.b), length};
    if (judging_)
        judge(state, *function, index);
    effects(state, *function, index);
    block_copy_.reset();
    for (const std::uint8_t reg : {operation.a, operation.b, operation.index})
        assign(state, reg, {});
}

void Follower::do_call(State& state, const Operation& operation, std::uint32_t index) {
    const LibraryFunction* function = resolve(state, operation);
    if (function == nullptr && !operation.indirect && operation.a == kNone)
        if (const auto reg = program_.thunk_register(static_cast<std::uint64_t>(operation.immediate))) {
            const Instruction& instruction = lifted_.instructions[operation.instruction];
            return assign(state, *reg, wrapped({kConstant, static_cast<std::int64_t>(instruction.address + instruction.size)}));
        }
    if (function != nullptr && function->role == Role::nothing)
        return after_call(state, function, index);
    for (int i = 0; i < kArgumentsSeen; ++i)
        if (const Value given = argument(state, i); given.is_stack() && given.offset < 0 && taken_.size() < kTaken) {
            const auto at = std::ranges::lower_bound(taken_, given.offset);
            if (at == taken_.end() || *at != given.offset)
                taken_.insert(at, given.offset);
        }
    if (function == nullptr) {
        unknown_call(state, index);
        return after_call(state, nullptr, index);
    }
    functions_[index] = function;
    const Role role = function->role;
    if (role == Role::length || role == Role::search || role == Role::use)
        for (const int number : {static_cast<int>(function->source), static_cast<int>(function->target)})
            examine(state, argument(state, number), &History::asked, 0);
    handles_memory_ |= role == Role::allocate || role == Role::duplicate || role == Role::open || role == Role::release;
    if (judging_) {
        ++calls_;
        judge(state, *function, index);
    }
    effects(state, *function, index);
    after_call(state, function, index);
}

/// A function of the program, or of a library that is not known here: what it is given may be checked, changed and kept.
void Follower::unknown_call(State& state, std::uint32_t index) {
    for (int i = 0; i < kArgumentsSeen; ++i) {
        const Value given = argument(state, i);
        if (given.is_stack() && given.offset < 0)
            forget_stack(state, given.offset, kUnknownReach), examine(state, given, &History::asked, 0);
        if (!given.is_defined())
            continue;
        if (judging_ && state.history.freed.has(given.symbol) && (given.offset == 0 || symbols_[given.symbol].kind != SymbolKind::argument))
            use(state, given, index, true);
        examine(state, given, &History::asked, 0);
        state.history.tested.set(given.symbol);
        state.history.nullable.clear(given.symbol);
    }
    state.history.nullable.take_away(state.history.tested);  // it may not come back: what happens where there is no memory
    state.cells.clear();
}

void Follower::forget_stack(State& state, std::int64_t from, std::uint64_t length) const {
    const std::int64_t end = from + static_cast<std::int64_t>(std::min<std::uint64_t>(length, 1 << 20));
    std::erase_if(state.slots, [&](const Slot& slot) { return slot.offset >= from && slot.offset < end; });
}

/// A call wrote to where `target` leads.
void Follower::fill(State& state, Value target, std::uint32_t index, std::optional<std::uint64_t> length, bool appends) {
    if (const auto offset = stack_of(target)) {
        forget_stack(state, *offset, length.value_or(kUnknownReach));
        if (!appends && target.is_stack()) {
            std::erase_if(state.fills, [&](const Fill& other) { return other.offset == *offset; });
            const std::uint32_t buffer = buffer_symbol(*offset);
            for (const auto marks : {&History::asked, &History::looked, &History::sifted, &History::vetted, &History::measured})
                (state.history.*marks).clear(buffer);
        }
        const Fill added{*offset, index};
        const auto at = std::ranges::lower_bound(state.fills, added);
        if ((at == state.fills.end() || *at != added) && state.fills.size() < kFills)
            state.fills.insert(at, added);
    } else if (target.is_defined()) {
        symbols_[target.symbol].filled_by = index;
        std::erase_if(state.cells, [&](const Cell& cell) { return cell.place.symbol == target.symbol; });
    }
}

/// Memory ends, and with it everything that leads into it.
void Follower::release(State& state, std::uint32_t symbol, std::uint32_t index) {
    state.history.freed.set(symbol);
    symbols_[symbol].freed_by = index;
    const auto mark = [&](Value held) {
        if (!held.is_defined() || held.symbol == symbol || !leads_into(held, symbol, 0))
            return;
        state.history.freed.set(held.symbol);
        symbols_[held.symbol].freed_by = index;
    };
    for (const Value held : state.registers)
        mark(held);
    for (const Slot& slot : state.slots)
        mark(slot.value);
}

/// Whether a pointer was found in, or is a distance from, the memory that another one leads to.
bool Follower::leads_into(Value value, std::uint32_t symbol, int depth) const {
    if (!value.is_defined() || depth > 3)
        return false;
    if (value.symbol == symbol)
        return true;
    const Symbol& it = symbols_[value.symbol];
    if (it.kind == SymbolKind::result && it.function != nullptr && finds_in_text(*it.function))
        return leads_into(it.parents[0], symbol, depth + 1);
    if (it.kind == SymbolKind::joined && !it.steps)
        return leads_into(it.parents[0], symbol, depth + 1) || leads_into(it.parents[1], symbol, depth + 1);
    if (it.kind == SymbolKind::calculated && it.arithmetic == Arithmetic::add)
        return leads_into(it.parents[0], symbol, depth + 1) || leads_into(it.parents[1], symbol, depth + 1);
    return false;
}

/// A search whose result leads into the text that it looked into.
bool Follower::finds_in_text(const LibraryFunction& function) {
    const std::string_view name = function.name;
    return name == "strchr" || name == "strrchr" || name == "index" || name == "rindex" || name == "strstr" || name == "strcasestr" || name == "strpbrk" || name == "strchrnul" ||
           name == "memchr" || name == "strtok" || name == "strtok_r" || name == "strsep" || name == "basename";
}

/// What was found out about a text holds for a part of it.
void Follower::take_over(State& state, Value from, std::uint32_t to) {
    std::uint32_t symbol = from.is_defined() ? from.symbol : 0;
    if (const auto offset = stack_of(from))
        symbol = buffer_symbol(*offset);
    for (const auto marks : {&History::asked, &History::looked, &History::sifted, &History::vetted, &History::measured})
        if (symbol != 0 && (state.history.*marks).has(symbol))
            (state.history.*marks).set(to);
}

/// The bytes that a call asks for or reads at most, where a constant says so.
std::optional<std::uint64_t> Follower::size_asked(const State& state, const LibraryFunction& function) const {
    const Value length = argument(state, function.length);
    const Value count = function.count == kNoArgument ? Value{kConstant, 1} : argument(state, function.count);
    if (!length.is_constant() || !count.is_constant() || length.offset < 0 || count.offset < 0 || length.offset > INT32_MAX || count.offset > INT32_MAX)
        return std::nullopt;
    return static_cast<std::uint64_t>(length.offset) * static_cast<std::uint64_t>(count.offset);
}

/// Whether a function that is not known is handed a name, and so may be asked for what is stored under it.
bool Follower::asks_by_name(const State& state) const {
    constexpr std::string_view kOther = "_-.:/[]";
    for (int i = 0; i < 2; ++i) {
        const auto name = text(argument(state, i));
        if (name && !name->empty() && name->size() <= 40 && std::ranges::all_of(*name, [&](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kOther.contains(c);
            }))
            return true;
    }
    return false;
}

/// strtol and its kind: where the number ended, in the same text.
void Follower::end_of_number(State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value end = argument(state, function.target);
    const Value from = argument(state, function.source);
    if (!end.is_stack() || end.offset >= 0)
        return;
    forget_stack(state, end.offset, convention_.pointer);
    if (from.symbol == kUnknown)
        return;
    Symbol symbol{.kind = SymbolKind::calculated, .arithmetic = Arithmetic::other, .operation = index};
    symbol.parents[0] = from;
    symbol.parents[1] = {kConstant, 0};
    inherit(symbol, from);
    std::uint32_t& made = ends_[index];
    if (made == 0) {
        made = static_cast<std::uint32_t>(symbols_.size());
        symbols_.push_back(symbol);
    } else {
        symbols_[made] = symbol;
    }
    take_over(state, from, made);
    state.slots.insert(std::ranges::lower_bound(state.slots, end.offset, {}, &Slot::offset), {end.offset, {made, 0}, convention_.pointer});
}

/// asprintf: a new text behind the pointer that it is handed the place of.
void Follower::print_new(State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value place = argument(state, function.target);
    Source written{.origin = DataOrigin::input, .operation = index, .harmless = false};  // getline
    if (function.format != kNoArgument)
        written = written_by(state, index, true);
    written.longest.reset();
    fills_[index] = written;
    if (!place.is_stack() || place.offset >= 0)
        return;
    forget_stack(state, place.offset, convention_.pointer);
    std::uint32_t& made = ends_[index];
    if (made == 0) {
        made = static_cast<std::uint32_t>(symbols_.size());
        symbols_.push_back({.kind = SymbolKind::result, .origin = DataOrigin::allocation, .function = &function, .operation = index, .filled_by = index});
    }
    state.slots.insert(std::ranges::lower_bound(state.slots, place.offset, {}, &Slot::offset), {place.offset, {made, 0}, convention_.pointer});
}

/// What the scanf family writes.
void Follower::scan(State& state, const LibraryFunction& function, std::uint32_t index) {
    const Source read = function.source == kNoArgument ? Source{.origin = DataOrigin::input, .operation = index, .harmless = false} : source_of(state, argument(state, function.source));
    fills_[index] = read;
    fills_[index].operation = index;
    fills_[index].longest.reset();
    fills_[index].measured = false;
    for (int i = function.format + 1; i < function.format + 8; ++i)
        if (const Value place = argument(state, i); place.is_stack() && place.offset < 0)
            fill(state, place, index, 8, false);
}

/// What copying and printing functions write. `constant`: the most bytes that they are told to.
void Follower::write_text(State& state, const LibraryFunction& function, std::uint32_t index, std::optional<std::uint64_t> constant) {
    const Value target = argument(state, function.target);
    switch (function.role) {
        case Role::copy:
        case Role::append:
        case Role::bounded_append: {
            Source written = source_of(state, argument(state, function.source));
            if (function.role == Role::append && !written.harmless)
                written.longest = std::nullopt;
            fills_[index] = written;
            return fill(state, target, index, std::nullopt, function.role != Role::copy);
        }
        case Role::move:
        case Role::bounded_copy: {
            Source written = source_of(state, argument(state, function.source));
            if (constant)
                written.longest = constant;
            fills_[index] = written;
            return fill(state, target, index, constant, false);
        }
        case Role::print:
        case Role::print_to: {
            Source written = written_by(state, index, true);
            written.longest = function.role == Role::print_to ? constant : written.longest;
            fills_[index] = written;
            return fill(state, target, index, constant, false);
        }
        default:
            return;
    }
}

void Follower::effects(State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value target = argument(state, function.target);
    const Value length = argument(state, function.length);
    const auto constant = length.is_constant() && function.count == kNoArgument ? std::optional(static_cast<std::uint64_t>(length.offset)) : std::nullopt;
    switch (function.role) {
        case Role::copy:
        case Role::append:
        case Role::bounded_append:
        case Role::move:
        case Role::bounded_copy:
        case Role::print:
        case Role::print_to:
            return write_text(state, function, index, constant);
        case Role::print_new:
            return print_new(state, function, index);
        case Role::input_number:
            return end_of_number(state, function, index);
        case Role::read:
        case Role::gets:
            fills_[index] = {.origin = DataOrigin::input,
                             .operation = index,
                             .harmless = false,
                             .unended = function.role == Role::read && !function.name.contains("fgets"),
                             .longest = size_asked(state, function)};
            return fill(state, target, index, constant, false);
        case Role::fill:
            fills_[index] = {};
            return fill(state, target, index, constant, false);
        case Role::scan:
            return scan(state, function, index);
        case Role::duplicate:
            fills_[index] = source_of(state, argument(state, function.source));
            return;
        case Role::release:
            if (target.is_defined() && target.offset == 0)
                release(state, target.symbol, index);
            return;
        case Role::start:
            if (const Value main = argument(state, function.source); main.is_constant())
                main_ = static_cast<std::uint64_t>(main.offset);
            return;
        case Role::search:
            if (function.name == "strspn")
                examine(state, argument(state, function.source), &History::sifted, 0);
            return;
        case Role::divide:
            return limit(state, argument(state, function.source), {kConstant, INT32_MAX}, 0);
        default:
            if (reads_file(function))
                for (int i = 0; i < kArgumentsSeen; ++i)
                    if (const Value given = argument(state, i); given.is_stack() && i != function.source && given.offset < 0)
                        forget_stack(state, given.offset, 8);
            return;
    }
}

/// Copying functions return their target, translating ones their source as far as is followed here.
std::optional<Value> Follower::given_back(const State& state, const LibraryFunction& function) const {
    std::optional<Value> value;
    switch (function.role) {
        case Role::copy:
        case Role::append:
        case Role::move:
        case Role::bounded_copy:
        case Role::bounded_append:
        case Role::fill:
            if (!function.name.starts_with("strl") && function.name != "stpcpy" && function.name != "mempcpy" && function.name != "strftime")
                value = argument(state, function.target);
            break;
        case Role::translate:
            value = argument(state, function.source);
            break;
        default:
            break;
    }
    return value && (value->is_defined() || value->is_stack() || value->is_constant()) ? value : std::nullopt;
}

/// What is known of a result by the function that it comes from.
void Follower::describe(const State& state, Symbol& result, const LibraryFunction& function, std::uint32_t index) const {
    const Value source = argument(state, function.source);
    switch (function.role) {
        case Role::allocate:
        case Role::open:
            result.origin = DataOrigin::allocation;
            if (function.role == Role::allocate)
                result.size = size_asked(state, function);
            if (function.role == Role::allocate && function.source != kNoArgument)
                result.resized = argument(state, function.source);
            break;
        case Role::duplicate:
            result.filled_by = index;
            result.origin = DataOrigin::allocation;
            break;
        case Role::input_number:
            result.origin = DataOrigin::input;
            result.bits = function.name == "ntohs" ? 16 : 32;
            break;
        case Role::input_text:
        case Role::setting:
            result.origin = DataOrigin::input;
            result.soft = function.role == Role::setting;
            break;
        case Role::read:
            result.origin = DataOrigin::memory;
            result.bits = 31;
            if (const auto most = size_asked(state, function); most && *most < INT32_MAX)
                result.most = *most;
            break;
        case Role::search:
        case Role::use:
            if (!finds_in_text(function))
                break;
            inherit(result, source);
            result.bits = 64;
            if (const auto offset = stack_of(source)) {
                const Source held = filled(state, *offset);
                result.origin = held.harmless ? DataOrigin::unknown : held.origin;
                result.origin_operation = held.operation;
            }
            if (const Value sought = argument(state, function.source + 1); sought.is_constant())
                result.sought = sought.offset;
            break;
        default:
            break;
    }
}

/// Registers that a call may change are no longer known; the result is a new value.
void Follower::after_call(State& state, const LibraryFunction* function, std::uint32_t index) {
    const Value source = function == nullptr ? argument(state, 0) : argument(state, function->source);
    const Value second = function == nullptr ? argument(state, 1) : argument(state, function->target);
    Symbol result{.kind = SymbolKind::result, .bits = 64, .function = function, .origin_operation = index};
    result.parents[0] = source;
    result.parents[1] = second;
    const auto known = function == nullptr ? std::nullopt : given_back(state, *function);
    if (function != nullptr)
        describe(state, result, *function, index);
    if (function == nullptr)
        result.soft = asks_by_name(state);
    const std::uint32_t made = known ? 0 : define(state, index, result);
    if (!known && function != nullptr && finds_in_text(*function))
        take_over(state, source, made);
    if (!known && result.origin == DataOrigin::allocation)
        state.history.nullable.set(made);
    for (const std::uint8_t reg : convention_.scratch)
        state.registers[reg] = {};
    state.registers[convention_.result] = known ? *known : Value{made, 0};
}

}  // namespace shirushi::code
