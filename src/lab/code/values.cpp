// What one operation makes of the values it is given.

#include <algorithm>
#include <bit>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

int weight(DataOrigin origin) {
    switch (origin) {
        case DataOrigin::input:
            return 5;
        case DataOrigin::command_line:
            return 4;
        case DataOrigin::argument:
            return 3;
        case DataOrigin::memory:
            return 2;
        case DataOrigin::allocation:
            return 1;
        default:
            return 0;
    }
}

}  // namespace

Value Follower::value(const State& state, std::uint8_t reg) const {
    return reg < kRegisters ? state.registers[reg] : Value{};
}

void Follower::assign(State& state, std::uint8_t reg, Value value) const {
    if (reg < kRegisters)
        state.registers[reg] = value;
}

/// Constants and distances have the width of a pointer.
Value Follower::wrapped(Value value) const {
    if (convention_.pointer == 4)
        value.offset = value.is_constant() ? static_cast<std::int64_t>(static_cast<std::uint32_t>(value.offset)) : static_cast<std::int32_t>(value.offset);
    return value;
}

/// What a symbol is made of decides where it comes from and how large it may be.
void Follower::inherit(Symbol& symbol, Value from) const {
    if (from.is_constant()) {
        symbol.bits = std::max(symbol.bits, static_cast<std::uint8_t>(std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(from.offset, 0)))));
        return;
    }
    symbol.only_constants = symbol.only_constants && from.is_defined() && symbols_[from.symbol].only_constants;
    if (!from.is_defined()) {
        symbol.bits = 64;
        return;
    }
    const Symbol& other = symbols_[from.symbol];
    symbol.bits = std::max(symbol.bits, from.offset > 0 ? static_cast<std::uint8_t>(std::min(64, other.bits + 1)) : other.bits);
    if (weight(other.origin) > weight(symbol.origin)) {
        symbol.origin = other.origin;
        symbol.origin_operation = other.origin_operation;
        symbol.soft = other.soft;
    }
    symbol.soft |= other.soft && symbol.origin == DataOrigin::unknown;
    if (other.wraps || (from.offset > 0 && other.bits >= 31 && symbol.kind == SymbolKind::joined))
        symbol.wraps = true;
    if (symbol.function == nullptr)
        symbol.function = symbol.kind == SymbolKind::joined ? other.function : nullptr;
    if (other.filled_by != UINT32_MAX)
        symbol.filled_by = other.filled_by;
}

/// A new value, in the place of the one that the same operation made before: what still holds that is no longer known.
std::uint32_t Follower::define(State& state, std::uint32_t operation, Symbol symbol) {
    std::uint32_t& number = defined_by_[operation];
    symbol.operation = operation;
    symbol.seen = true;
    if (number == 0) {
        number = static_cast<std::uint32_t>(symbols_.size());
        symbols_.push_back(symbol);
    } else {
        symbol.freed_by = symbols_[number].freed_by;
        symbol.cap = std::min(symbol.cap, symbols_[number].cap);
        symbol.filled_by = symbol.filled_by == UINT32_MAX ? symbols_[number].filled_by : symbol.filled_by;
        symbols_[number] = symbol;
        for (Value& held : state.registers)
            if (held.symbol == number)
                held = {};
        std::erase_if(state.slots, [&](const Slot& slot) { return slot.value.symbol == number; });
        std::erase_if(state.cells, [&](const Cell& cell) { return cell.value.symbol == number || cell.place.symbol == number; });
    }
    for (const auto marks : History::all())
        (state.history.*marks).clear(number);
    return number;
}

std::uint32_t Follower::argument_symbol(std::uint32_t number) {
    if (number >= arguments_.size())
        arguments_.resize(number + 1, 0);
    if (arguments_[number] == 0) {
        arguments_[number] = static_cast<std::uint32_t>(symbols_.size());
        symbols_.push_back({.kind = SymbolKind::argument,
                            .origin = is_main_ && number > 0 ? DataOrigin::command_line : DataOrigin::argument,
                            .bits = static_cast<std::uint8_t>(convention_.pointer * 8)});
    }
    return arguments_[number];
}

/// A symbol that stands for a place on the stack, to remember that its content was looked at.
std::uint32_t Follower::buffer_symbol(std::int64_t offset) {
    const auto [found, added] = buffers_.emplace(offset, static_cast<std::uint32_t>(symbols_.size()));
    if (added)
        symbols_.push_back({.kind = SymbolKind::buffer});
    return found->second;
}

void Follower::do_copy(State& state, const Operation& operation) {
    Value copied = value(state, operation.a);
    if (copied.symbol != kUnknown)
        copied.offset += operation.immediate;
    if (operation.width == 4 && copied.is_constant())
        copied.offset = static_cast<std::int64_t>(static_cast<std::uint32_t>(copied.offset));
    if (operation.conditional && value(state, operation.to) != copied)
        copied = {};
    assign(state, operation.to, wrapped(copied));
}

/// Whether something that was added up or multiplied loses its high bits where it is cut to so many.
bool Follower::is_cut(Value value, int bits) const {
    if (!value.is_defined() || bits < 8)
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    const bool grown = symbol.kind == SymbolKind::calculated && (symbol.arithmetic == Arithmetic::multiply || symbol.arithmetic == Arithmetic::add);
    return grown && (bits == 8 || bits == 16) && symbol.bits > bits;
}

void Follower::do_narrow(State& state, const Operation& operation, std::uint32_t index) {
    const Value from = value(state, operation.a);
    const int bits = operation.width * 8;
    if (from.is_constant()) {
        const std::uint64_t low = bits < 64 ? static_cast<std::uint64_t>(from.offset) & ((std::uint64_t{1} << bits) - 1) : static_cast<std::uint64_t>(from.offset);
        const std::uint64_t sign = bits < 64 ? std::uint64_t{1} << (bits - 1) : 0;
        return assign(state, operation.to, wrapped({kConstant, static_cast<std::int64_t>(operation.is_signed ? (low ^ sign) - sign : low)}));
    }
    if (operation.width >= 4 || (from.is_defined() && symbols_[from.symbol].bits <= bits && from.offset == 0))
        return assign(state, operation.to, from);
    if (!from.is_defined())
        return assign(state, operation.to, {});
    Symbol symbol{.kind = SymbolKind::calculated, .bits = 0, .width = operation.width};
    symbol.parents[0] = from;
    inherit(symbol, from);
    symbol.bits = static_cast<std::uint8_t>(operation.is_signed ? 32 : bits);
    symbol.wraps = is_cut(from, bits);
    const History& history = state.history;
    const bool capped = history.capped.has(from.symbol), bounded = history.bounded.has(from.symbol);
    const std::uint32_t made = define(state, index, symbol);
    if (capped)
        state.history.capped.set(made);
    if (bounded)
        state.history.bounded.set(made);
    assign(state, operation.to, {made, 0});
}

/// Results that need no new symbol.
std::optional<Value> Follower::folded(const Operation& operation, Value a, Value b) const {
    const auto left = static_cast<std::uint64_t>(a.offset), right = static_cast<std::uint64_t>(b.offset);
    if (a.is_constant() && b.is_constant()) {
        switch (operation.arithmetic) {
            case Arithmetic::add:
                return Value{kConstant, static_cast<std::int64_t>(left + right)};
            case Arithmetic::subtract:
                return Value{kConstant, static_cast<std::int64_t>(left - right)};
            case Arithmetic::multiply:
                return Value{kConstant, static_cast<std::int64_t>(left * right)};
            case Arithmetic::shift_left:
                return Value{kConstant, static_cast<std::int64_t>(right < 64 ? left << right : 0)};
            case Arithmetic::mask:
                return Value{kConstant, static_cast<std::int64_t>(left & right)};
            default:
                return Value{};
        }
    }
    if (operation.arithmetic == Arithmetic::add && a.is_constant() && b.symbol != kUnknown)
        return Value{b.symbol, static_cast<std::int64_t>(left + right)};
    if (operation.arithmetic == Arithmetic::add && b.is_constant() && a.symbol != kUnknown)
        return Value{a.symbol, static_cast<std::int64_t>(left + right)};
    if (operation.arithmetic == Arithmetic::subtract && b.is_constant() && a.symbol != kUnknown)
        return Value{a.symbol, static_cast<std::int64_t>(left - right)};
    if (operation.arithmetic == Arithmetic::mask && a.is_stack())
        return a;  // aligned: a little lower
    if (a.symbol == kUnknown && b.symbol == kUnknown && operation.arithmetic != Arithmetic::swap)
        return Value{};
    return std::nullopt;
}

/// The value of the same calculation, where a register still holds it or a distance from it.
std::optional<Value> Follower::calculated(const State& state, const Operation& operation, Value a, Value b) const {
    const std::uint8_t width = operation.width == 0 ? convention_.pointer : operation.width;
    for (const Value held : state.registers) {
        if (!held.is_defined())
            continue;
        const Symbol& symbol = symbols_[held.symbol];
        if (symbol.kind == SymbolKind::calculated && symbol.arithmetic == operation.arithmetic && symbol.width == width && symbol.parents[0] == a && symbol.parents[1] == b)
            return Value{held.symbol, 0};
    }
    return std::nullopt;
}

void Follower::do_calculate(State& state, const Operation& operation, std::uint32_t index) {
    const Value a = value(state, operation.a);
    const Value b = operation.b == kNone ? Value{kConstant, operation.immediate} : value(state, operation.b);
    if (const auto simple = folded(operation, a, b))
        return assign(state, operation.to, operation.conditional ? Value{} : wrapped(*simple));
    if (operation.arithmetic == Arithmetic::mask && b.is_constant() && a.is_defined() && a.offset == 0 && !operation.conditional &&
        std::has_single_bit(static_cast<std::uint64_t>(b.offset) + 1) && symbols_[a.symbol].bits <= std::bit_width(static_cast<std::uint64_t>(b.offset)))
        return assign(state, operation.to, a);  // nothing is cut off
    if (const auto same = calculated(state, operation, a, b); same && !operation.conditional)
        return assign(state, operation.to, *same);
    Symbol symbol{.kind = SymbolKind::calculated, .arithmetic = operation.arithmetic, .bits = 0,
                  .width = operation.width == 0 ? convention_.pointer : operation.width};
    symbol.parents[0] = a;
    symbol.parents[1] = b;
    inherit(symbol, a);
    if (operation.b != kNone)
        inherit(symbol, b);
    const auto marked = [&](Value part, bool also_bounded) {
        return part.is_constant() || state.history.capped.has(part.symbol) || (also_bounded && state.history.bounded.has(part.symbol));
    };
    const bool difference = operation.arithmetic == Arithmetic::subtract;
    bool capped = marked(a, false) && (difference || marked(b, false));
    const bool bounded = marked(a, true) && (difference || marked(b, true));
    const auto factor = b.is_constant() ? static_cast<std::uint64_t>(std::max<std::int64_t>(b.offset, 0)) : 0;
    int bits = symbol.bits;
    switch (operation.arithmetic) {
        case Arithmetic::multiply:
            bits += b.is_constant() ? static_cast<int>(std::bit_width(factor)) - (std::has_single_bit(factor) ? 1 : 0) : bits;
            break;
        case Arithmetic::shift_left:
            bits += b.is_constant() ? static_cast<int>(std::min<std::uint64_t>(factor, 64)) : 8;
            break;
        case Arithmetic::add:
            bits += 1;
            break;
        case Arithmetic::shift_right:
            bits -= b.is_constant() ? static_cast<int>(std::min<std::uint64_t>(factor, 63)) : 0;
            break;
        case Arithmetic::mask:
            if (b.is_constant() && b.offset > 0 && factor < 0x80000000) {
                bits = std::min(bits, static_cast<int>(std::bit_width(factor)));
                capped |= factor != 0xff && factor != 0xffff;  // those narrow a number, they do not limit it
                symbol.wraps = is_cut(a, bits);
            }
            break;
        case Arithmetic::swap:
            bits = symbol.width * 8;
            symbol.origin = DataOrigin::input;
            break;
        default:
            break;
    }
    const bool larger = a.is_defined() && a.offset > 0 && symbols_[a.symbol].bits >= std::min(32, symbol.width * 8);
    symbol.wraps |= larger && operation.arithmetic != Arithmetic::swap && operation.arithmetic != Arithmetic::subtract && operation.arithmetic != Arithmetic::shift_right;
    const bool grows = operation.arithmetic == Arithmetic::multiply || operation.arithmetic == Arithmetic::shift_left || operation.arithmetic == Arithmetic::add;
    symbol.wraps |= grows && bits > std::min(32, symbol.width * 8);
    symbol.bits = static_cast<std::uint8_t>(std::clamp(bits, 1, 64));
    const std::uint32_t made = define(state, index, symbol);
    if (capped)
        state.history.capped.set(made);
    if (bounded)
        state.history.bounded.set(made);
    assign(state, operation.to, operation.conditional ? Value{} : Value{made, 0});
}

void Follower::do_choose(State& state, const Operation& operation, std::uint32_t index) {
    const Value old = value(state, operation.to);
    const Value other = operation.a == kNone ? Value{kConstant, operation.immediate} : value(state, operation.a);
    if (old == other)
        return;
    if (old.symbol == kUnknown || other.symbol == kUnknown)
        return assign(state, operation.to, {});
    Symbol symbol{.kind = SymbolKind::joined, .bits = 0, .only_constants = true};
    symbol.parents[0] = old;
    symbol.parents[1] = other;
    inherit(symbol, old);
    inherit(symbol, other);
    std::array<bool, History::all().size()> either{};
    for (std::size_t i = 0; i < either.size(); ++i) {
        const Marks& marks = state.history.*History::all()[i];
        either[i] = marks.has(old.symbol) || marks.has(other.symbol);
    }
    const std::uint32_t made = define(state, index, symbol);
    for (std::size_t i = 0; i < either.size(); ++i)
        if (either[i])
            (state.history.*History::all()[i]).set(made);
    assign(state, operation.to, {made, 0});
}

/// Whether a value is the symbol of a join, moved on.
bool Follower::moves(Value value, std::uint32_t join, int depth) const {
    if (value.symbol == kUnknown || depth > kMadeOf)
        return false;
    if (value.symbol == join)
        return value.offset != 0 || depth > 0;
    if (!value.is_defined())
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    return symbol.kind == SymbolKind::calculated && symbol.arithmetic == Arithmetic::add && (moves(symbol.parents[0], join, depth + 1) || moves(symbol.parents[1], join, depth + 1));
}

/// Whether a loop moves a pointer on.
bool Follower::steps(Value place, int depth) const {
    if (!place.is_defined() || depth > kMadeOf)
        return false;
    const Symbol& symbol = symbols_[place.symbol];
    const bool made = symbol.kind == SymbolKind::calculated || symbol.kind == SymbolKind::joined;
    return symbol.steps || (made && (steps(symbol.parents[0], depth + 1) || steps(symbol.parents[1], depth + 1)));
}

void Follower::examine(State& state, Value value, Marks History::*marks, int depth) {
    Marks& done = state.history.*marks;
    if (depth > kMadeOf)
        return;
    if (value.is_stack())
        done.set(buffer_symbol(value.offset));
    if (!value.is_defined() || done.has(value.symbol))
        return;
    done.set(value.symbol);
    const Symbol symbol = symbols_[value.symbol];
    if (symbol.kind == SymbolKind::joined || symbol.kind == SymbolKind::calculated) {
        examine(state, symbol.parents[0], marks, depth + 1);
        examine(state, symbol.parents[1], marks, depth + 1);
    }
}

}  // namespace shirushi::code
