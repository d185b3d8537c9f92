// What a comparison finds out about what was compared, on either side of the branch behind it.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

bool is_signed(Condition condition) {
    return condition >= Condition::less && condition <= Condition::greater_equal;
}

/// Whether a condition holds for flags: N Z C V, as AArch64 numbers them.
bool holds(Condition condition, std::uint8_t flags) {
    const bool n = (flags & 8) != 0, z = (flags & 4) != 0, c = (flags & 2) != 0, v = (flags & 1) != 0;
    switch (condition) {
        case Condition::equal:
            return z;
        case Condition::unequal:
            return !z;
        case Condition::less:
            return n != v;
        case Condition::less_equal:
            return z || n != v;
        case Condition::greater:
            return !z && n == v;
        case Condition::greater_equal:
            return n == v;
        case Condition::below:
            return !c;
        case Condition::below_equal:
            return !c || z;
        case Condition::above:
            return c && !z;
        case Condition::above_equal:
            return c;
        case Condition::none:
            break;
    }
    return true;
}

}  // namespace

void Follower::do_compare(State& state, const Operation& operation) {
    const Value b = operation.b == kNone ? Value{kConstant, operation.immediate} : value(state, operation.b);
    if (operation.condition == Condition::none && !operation.conditional)
        state.compared.clear();
    if (state.compared.size() >= kCompared || (operation.conditional && operation.condition == Condition::none))
        return state.compared.clear();
    state.compared.push_back({value(state, operation.a), b, operation.width, operation.to, operation.condition});
}

/// On the way on which `condition` holds for what was compared last.
void Follower::find_out(State& state, Condition condition) {
    for (std::size_t left = state.compared.size(); left > 0; --left) {
        const Compared one = state.compared[left - 1];
        // Without the comparison the flags are older ones, or given ones: where those would lead the same way, nothing is known.
        if (one.chain != Condition::none && (one.flags != kNone ? holds(condition, one.flags) : one.chain != condition))
            return use_flags(state);
        Value a = one.a, b = one.b;
        if (one.width == 4 && b.is_constant())
            b.offset = static_cast<std::int32_t>(b.offset);
        relate(state, a, b, condition);
        if (one.chain == Condition::none)
            return;
        condition = one.chain;
    }
}

/// Something other than a branch goes by the flags: all that may have been found out is taken for known.
void Follower::use_flags(State& state) {
    const std::vector<Compared> compared = state.compared;
    for (const Compared& one : compared)
        for (const Condition condition : {Condition::equal, Condition::unequal, Condition::below, Condition::above}) {
            Value b = one.b;
            if (one.width == 4 && b.is_constant())
                b.offset = static_cast<std::int32_t>(b.offset);
            if (b.is_constant() && b.offset == 0 && condition != Condition::unequal)
                continue;
            relate(state, one.a, b, condition);
        }
}

void Follower::relate(State& state, Value a, Value b, Condition condition) {
    if (a.is_constant() && !b.is_constant()) {
        std::swap(a, b);
        condition = turned(condition);
    }
    if (a.is_constant())
        return;
    if (b.is_constant())
        return relate_constant(state, a, b.offset - a.offset, condition);
    look(state, a.symbol, -1, condition, 0);
    look(state, b.symbol, -1, condition, 0);
    const bool equal = condition == Condition::equal;
    const bool first = condition == Condition::less || condition == Condition::less_equal || condition == Condition::below || condition == Condition::below_equal;
    if (first || equal)
        limit(state, a, b, 0, is_signed(condition));
    if (condition != Condition::unequal && !first)
        limit(state, b, a, 0, is_signed(condition));
}

void Follower::relate_constant(State& state, Value a, std::int64_t constant, Condition condition) {
    if (!a.is_defined())
        return;
    const Symbol& symbol = symbols_[a.symbol];
    if (a.offset == 0 && constant == 0 && (symbol.arithmetic == Arithmetic::less || symbol.arithmetic == Arithmetic::below) && symbol.kind == SymbolKind::calculated) {
        const Condition held = symbol.arithmetic == Arithmetic::less ? Condition::less : Condition::below;
        const Value left = symbol.parents[0];
        Value right = symbol.parents[1];
        if (right.is_constant() && symbol.width == 4)
            right.offset = static_cast<std::int32_t>(right.offset);
        if (condition == Condition::equal || condition == Condition::unequal)
            relate(state, left, right, condition == Condition::unequal ? held : opposite(held));
        return;
    }
    if (constant == 1 && (condition == Condition::below || condition == Condition::above_equal)) {
        constant = 0;
        condition = condition == Condition::below ? Condition::equal : Condition::unequal;
    }
    look(state, a.symbol, constant, condition, 0);
    const bool upper = condition == Condition::equal || condition == Condition::less || condition == Condition::less_equal || condition == Condition::below || condition == Condition::below_equal;
    if (constant == 0 && a.offset == 0) {
        state.history.tested.set(a.symbol);
        found_null(state, a.symbol, condition == Condition::equal || condition == Condition::below_equal, 0);
        if (condition == Condition::below || condition == Condition::above_equal)
            return limit(state, {a.symbol, 0}, {kConstant, INT32_MAX}, 0);  // a carry: whether it went beyond its width was asked
    }
    if (condition == Condition::greater || condition == Condition::greater_equal)
        state.history.floored.set(a.symbol);
    if (upper && (constant > 0 || (constant < -1 && !is_signed(condition) && condition != Condition::equal)))
        limit(state, {a.symbol, 0}, {kConstant, constant}, 0, is_signed(condition));
    if (condition == Condition::equal && constant == 0)
        limit(state, {a.symbol, 0}, {kConstant, 0}, kMadeOf, false);
}

/// Whether a value, as an upper limit, says nothing about the size of anything here: how much was received, how long a text is, what a caller said.
bool Follower::varies(Value value) const {
    for (int depth = 0; depth <= kMadeOf && value.is_defined(); ++depth) {
        const Symbol& symbol = symbols_[value.symbol];
        if (symbol.only_constants || symbol.kind == SymbolKind::loaded)
            return symbol.kind == SymbolKind::loaded && symbol.width < 4 && symbol.origin != DataOrigin::memory && !symbol.only_constants;
        if (symbol.kind == SymbolKind::result)
            return symbol.function != nullptr;
        if (symbol.kind == SymbolKind::joined)
            return symbol.origin == DataOrigin::argument || symbol.origin == DataOrigin::input || is_of_call(symbol);
        if (symbol.kind != SymbolKind::calculated)
            return true;
        if (is_rest(value))
            return false;
        value = symbol.parents[0].is_defined() ? symbol.parents[0] : symbol.parents[1];
    }
    return !value.is_constant() && !value.is_stack();
}

/// What is left of a size that is constant.
bool Follower::is_rest(Value value) const {
    if (!value.is_defined())
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    return symbol.only_constants || (symbol.kind == SymbolKind::calculated && symbol.arithmetic == Arithmetic::subtract && symbol.parents[0].is_constant());
}

bool Follower::is_of_call(const Symbol& symbol) { return symbol.function != nullptr; }

/// The largest that a value can be, where a constant says so: a call that read at most so many bytes.
std::optional<std::uint64_t> Follower::highest(Value value) const {
    if (value.is_constant())
        return static_cast<std::uint64_t>(value.offset);
    if (!value.is_defined() || symbols_[value.symbol].most == UINT64_MAX)
        return std::nullopt;
    return symbols_[value.symbol].most + static_cast<std::uint64_t>(std::max<std::int64_t>(value.offset, 0));
}

/// `value` was found to be no larger than `by`, and so is what it was made of.
void Follower::limit(State& state, Value value, Value by, int depth, bool with_sign) {
    if (!value.is_defined() || depth > kMadeOf)
        return;
    const std::uint32_t number = value.symbol;
    const Symbol it = symbols_[number];  // a copy: looking adds symbols
    const auto highest_is = highest(by);
    const bool constant = highest_is.has_value() || !varies(by) || (by.is_defined() && is_limited(state, by, {&History::capped}, 0));
    const bool negative = with_sign && it.bits >= 32 && it.origin != DataOrigin::allocation;
    if (!constant || (!highest_is && !by.is_constant() && !is_rest(by)) || (highest_is && !by.is_constant()))
        state.history.bounded.set(number);
    if (constant)
        (negative ? state.history.leaning : state.history.capped).set(number);
    if (highest_is && !negative)
        symbols_[number].cap = std::min(symbols_[number].cap, *highest_is);
    if (it.kind == SymbolKind::result && it.function != nullptr && it.function->role == Role::length)
        examine(state, it.parents[0], &History::measured, 0);
    if (it.kind == SymbolKind::joined) {
        limit(state, it.parents[0], by, depth + 1, with_sign);
        limit(state, it.parents[1], by, depth + 1, with_sign);
        return;
    }
    if (it.kind != SymbolKind::calculated)
        return;
    switch (it.arithmetic) {
        case Arithmetic::add: {
            // A sum that may begin anew at zero says nothing about its parts.
            const auto wide = [&](Value part) {
                return part.is_defined() && symbols_[part.symbol].bits >= it.width * 8 && is_outside(symbols_[part.symbol]) && !state.history.capped.has(part.symbol);
            };
            if (it.width <= 4 && wide(it.parents[0]) && wide(it.parents[1]))
                return;
            limit(state, it.parents[0], by, depth + 1, with_sign);
            limit(state, it.parents[1], by, depth + 1, with_sign);
            return;
        }
        case Arithmetic::subtract:
            return;
        case Arithmetic::mask:
            if (it.parents[1].is_constant() && it.parents[1].offset != 0xff && it.parents[1].offset != 0xffff)
                return;  // what was cut off is not known
            [[fallthrough]];
        case Arithmetic::multiply:
        case Arithmetic::shift_left:
        case Arithmetic::swap:
        case Arithmetic::shift_right:
        case Arithmetic::other:
            limit(state, it.parents[0], by, depth + 1, with_sign);
            limit(state, it.parents[1], by, depth + 1, with_sign);
            return;
        default:
            return;
    }
}

bool Follower::is_outside(const Symbol& symbol) {
    return symbol.origin == DataOrigin::input || symbol.origin == DataOrigin::command_line || symbol.origin == DataOrigin::argument;
}

/// What was compared may be a character of a text, or what a function found in one: then that was looked at.
void Follower::look(State& state, std::uint32_t symbol, std::int64_t other, Condition condition, int depth) {
    if (symbol < kFirstSymbol || depth > kMadeOf)
        return;
    const bool zero = other == 0;
    const Symbol it = symbols_[symbol];  // a copy: examining adds symbols
    const auto both = [&](Marks History::*marks) {
        examine(state, it.parents[0], marks, 0);
        examine(state, it.parents[1], marks, 0);
    };
    if (it.kind == SymbolKind::result && it.function == nullptr) {
        for (const Value asked : it.parents)  // a number may have been found to be small enough
            if (asked.is_defined()) {
                state.history.capped.set(asked.symbol);
                state.history.bounded.set(asked.symbol);
            }
        return both(&History::vetted);
    }
    if (it.kind == SymbolKind::result) {
        if (it.function->role != Role::search && it.function->role != Role::use)
            return;
        both(&History::looked);
        const std::string_view name = it.function->name;
        if (name == "strcspn" || name == "strpbrk")
            both(&History::sifted);
        if (name.starts_with("inet_") || name == "regexec" || name == "fnmatch")
            both(&History::vetted);
        if (name.starts_with("strc") && (name.ends_with("cmp")) && zero && condition != Condition::unequal)
            both(&History::vetted);
        if ((name == "strchr" || name == "index") && it.sought == '\'')
            both(&History::sifted);
        if ((name == "strchr" || name == "index") && it.sought == '%')
            both(&History::sifted);
        return;
    }
    if (it.kind == SymbolKind::loaded) {
        if (!zero && it.bits <= 32 && it.width <= 2) {
            examine(state, it.parents[0], &History::looked, 0);
            if (it.width == 1 && it.steps)
                examine(state, it.parents[0], &History::sifted, 0);
        }
        return;
    }
    look(state, it.parents[0].symbol, other, condition, depth + 1);
    if (!it.parents[1].is_constant())
        look(state, it.parents[1].symbol, other, condition, depth + 1);
}

/// A pointer was found to be null, or not to be.
void Follower::found_null(State& state, std::uint32_t symbol, bool null, int depth) {
    if (symbol < kFirstSymbol || depth > kMadeOf)
        return;
    state.history.tested.set(symbol);
    state.history.nullable.clear(symbol);
    const Symbol it = symbols_[symbol];
    if (it.kind == SymbolKind::result && it.function != nullptr && it.function->role == Role::allocate && !null && it.resized.is_defined() && it.resized.offset == 0) {
        release(state, it.resized.symbol, it.operation);
    }
    if (null && it.origin == DataOrigin::allocation)
        state.history.nullable.set(symbol);
    if (it.kind != SymbolKind::joined)
        return;
    found_null(state, it.parents[0].symbol, null, depth + 1);
    found_null(state, it.parents[1].symbol, null, depth + 1);
}

}  // namespace shirushi::code
