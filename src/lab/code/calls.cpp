// Calls: what they do to what is known.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

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
    for (int depth = 0; depth < 3; ++depth) {
        if (value.is_stack())
            return value.offset < 0 ? std::optional(value.offset) : std::nullopt;
        if (!value.is_defined())
            return std::nullopt;
        const Symbol& symbol = symbols_[value.symbol];
        if (symbol.kind != SymbolKind::calculated && symbol.kind != SymbolKind::joined)
            return std::nullopt;
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
            forget_stack(state, given.offset, kUnknownReach);
        if (!given.is_defined())
            continue;
        if (judging_ && given.offset == 0 && state.history.freed.has(given.symbol))
            use(state, given, index, true);
        state.history.tested.set(given.symbol);
    }
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
            state.history.examined.clear(buffer_symbol(*offset));
            state.history.measured.clear(buffer_symbol(*offset));
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

void Follower::effects(State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value target = argument(state, function.target);
    const Value length = argument(state, function.length);
    const auto constant = length.is_constant() && function.count == kNoArgument ? std::optional(static_cast<std::uint64_t>(length.offset)) : std::nullopt;
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
            Source written = written_by(state, index);
            written.longest = function.role == Role::print_to ? constant : written.longest;
            fills_[index] = written;
            return fill(state, target, index, constant, false);
        }
        case Role::read:
        case Role::gets:
            fills_[index] = {.origin = DataOrigin::input, .operation = index, .harmless = false, .longest = constant};
            return fill(state, target, index, constant, false);
        case Role::fill:
            fills_[index] = {};
            return fill(state, target, index, constant, false);
        case Role::scan: {
            const Source read = function.source == kNoArgument ? Source{.origin = DataOrigin::input, .operation = index, .harmless = false} : source_of(state, argument(state, function.source));
            fills_[index] = {.origin = read.harmless ? DataOrigin::unknown : read.origin, .operation = index, .harmless = read.harmless};
            for (int i = function.format + 1; i < function.format + 8; ++i)
                if (const Value place = argument(state, i); place.is_stack())
                    fill(state, place, index, 8, false);
            return;
        }
        case Role::duplicate:
            fills_[index] = source_of(state, argument(state, function.source));
            return;
        case Role::release:
            if (target.is_defined() && target.offset == 0) {
                state.history.freed.set(target.symbol);
                symbols_[target.symbol].freed_by = index;
            }
            return;
        case Role::start:
            if (const Value main = argument(state, function.source); main.is_constant())
                main_ = static_cast<std::uint64_t>(main.offset);
            return;
        default:
            if (reads_file(function))
                for (int i = 0; i < kArgumentsSeen; ++i)
                    if (const Value given = argument(state, i); given.is_stack() && i != function.source && given.offset < 0)
                        forget_stack(state, given.offset, 8);
            return;
    }
}

/// Registers that a call may change are no longer known; the result is a new value.
void Follower::after_call(State& state, const LibraryFunction* function, std::uint32_t index) {
    const Value target = function == nullptr ? Value{} : argument(state, function->target);
    const Value source = function == nullptr ? argument(state, 0) : argument(state, function->source);
    const Value second = function == nullptr ? argument(state, 1) : argument(state, function->target);
    Symbol result{.kind = SymbolKind::result, .bits = 64, .function = function, .origin_operation = index};
    result.parents[0] = source;
    result.parents[1] = second;
    std::optional<Value> known;
    switch (function == nullptr ? Role::plain : function->role) {
        case Role::copy:
        case Role::append:
        case Role::move:
        case Role::bounded_copy:
        case Role::bounded_append:
        case Role::fill:
            known = function->name.starts_with("strl") || function->name == "stpcpy" || function->name == "mempcpy" ? std::nullopt : std::optional(target);
            break;
        case Role::allocate:
        case Role::open:
            result.origin = DataOrigin::allocation;
            break;
        case Role::duplicate:
            result.filled_by = index;
            result.origin = DataOrigin::allocation;
            break;
        case Role::input_number:
            result.origin = DataOrigin::input;
            result.bits = function->name == "ntohs" ? 16 : 32;
            break;
        case Role::input_text:
            result.origin = DataOrigin::input;
            break;
        case Role::read:
            result.origin = DataOrigin::memory;
            result.bits = 31;
            break;
        case Role::translate:
            known = source;
            break;
        case Role::search:
        case Role::use:
            if (function->role == Role::search)
                inherit(result, source);
            break;
        default:
            break;
    }
    if (known && !known->is_defined() && !known->is_stack() && !known->is_constant())
        known.reset();
    const std::uint32_t made = known ? 0 : define(state, index, result);
    if (!known && function != nullptr && function->role == Role::search && source.is_defined() && state.history.measured.has(source.symbol))
        state.history.measured.set(made);
    if (!known && function != nullptr && function->role == Role::search && source.is_defined() && state.history.examined.has(source.symbol))
        state.history.examined.set(made);
    for (const std::uint8_t reg : convention_.scratch)
        state.registers[reg] = {};
    state.registers[convention_.result] = known ? *known : Value{made, 0};
}

}  // namespace shirushi::code
