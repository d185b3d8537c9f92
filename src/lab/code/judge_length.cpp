// Lengths and sizes: whether what a call writes, reads or allocates is as large as the input says.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

using enum CallWeakness;

constexpr std::int64_t kLargestMember = 64 << 10;

CallConfidence confidence_of_length(DataOrigin origin) {
    return origin == DataOrigin::argument ? CallConfidence::possible : CallConfidence::likely;
}

/// What was counted is as long as what was counted.
bool is_measured(const Symbol& symbol) {
    return symbol.function != nullptr && (symbol.function->role == Role::length || symbol.function->role == Role::read);
}

}  // namespace

/// What a pointer leads to: a buffer on the stack, memory that was allocated with a constant size, an object of the program, or something behind
/// the start of what an argument leads to.
Follower::Place Follower::place_of(Value value, int depth) const {
    using Kind = Place::Kind;
    if (const auto offset = stack_of(value))
        return {Kind::stack, room(*offset)};
    if (value.is_constant() && program_.is_data(static_cast<std::uint64_t>(value.offset)))
        return {Kind::global, program_.object_size(static_cast<std::uint64_t>(value.offset))};
    if (value.symbol == kImport)
        return {Kind::global, std::nullopt};
    if (!value.is_defined() || depth > kMadeOf)
        return {};
    const Symbol& symbol = symbols_[value.symbol];
    switch (symbol.kind) {
        case SymbolKind::result:
            if (symbol.size && value.offset >= 0 && static_cast<std::uint64_t>(value.offset) < *symbol.size)
                return {Kind::block, *symbol.size - static_cast<std::uint64_t>(value.offset)};
            return {};
        case SymbolKind::argument:
        case SymbolKind::loaded:
            if (symbol.kind == SymbolKind::argument && value.offset == 0)
                return {Kind::given, std::nullopt};
            if (value.offset > 0 && value.offset <= kLargestMember && symbol.width >= convention_.pointer)
                return {Kind::member, std::nullopt};
            return {};
        case SymbolKind::calculated:
            if (symbol.arithmetic != Arithmetic::add)
                return {};
            if (const Place first = place_of(symbol.parents[0], depth + 1); first.kind != Kind::none)
                return first;
            return place_of(symbol.parents[1], depth + 1);
        case SymbolKind::joined: {
            const Place first = place_of(symbol.parents[0], depth + 1);
            if (first.kind == Kind::none || symbol.steps)
                return first.kind == Kind::block && symbol.size ? first : Place{};
            const Place second = place_of(symbol.parents[1], depth + 1);
            return second.kind == Kind::none ? second : Place{first.kind, first.room && second.room ? std::optional(std::max(*first.room, *second.room)) : std::nullopt};
        }
        default:
            return {};
    }
}

/// Whether a value, or everything that it was calculated from, bears one of these marks.
bool Follower::is_limited(const State& state, Value value, std::initializer_list<Marks History::*> marks, int depth) const {
    if (value.is_constant())
        return true;
    if (!value.is_defined() || depth > kMadeOf)
        return false;
    if (std::ranges::any_of(marks, [&](Marks History::*mark) { return (state.history.*mark).has(value.symbol); }))
        return true;
    const Symbol& symbol = symbols_[value.symbol];
    if (symbol.only_constants)
        return true;
    if (symbol.kind != SymbolKind::calculated)
        return false;
    return is_limited(state, symbol.parents[0], marks, depth + 1) && (symbol.arithmetic == Arithmetic::subtract || is_limited(state, symbol.parents[1], marks, depth + 1));
}

/// Whether a number was put together from single bytes of a message.
bool Follower::made_of_bytes(Value value, int depth) const {
    if (!value.is_defined() || depth > kMadeOf)
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    if (symbol.kind == SymbolKind::loaded)
        return symbol.width <= 2;
    if (symbol.kind == SymbolKind::result)
        return symbol.function != nullptr && symbol.function->role == Role::input_number && symbol.function->name.starts_with("ntoh");
    if (symbol.kind != SymbolKind::calculated && symbol.kind != SymbolKind::joined)
        return false;
    return symbol.arithmetic == Arithmetic::swap || made_of_bytes(symbol.parents[0], depth + 1) || made_of_bytes(symbol.parents[1], depth + 1);
}

/// How many bits a value has; what a join was made of may have grown since it was made.
unsigned Follower::bits_of(Value value, int depth) const {
    if (!value.is_defined() || depth > kMadeOf)
        return 0;
    const Symbol& symbol = symbols_[value.symbol];
    unsigned bits = symbol.bits;
    if (symbol.kind == SymbolKind::joined)
        for (const Value parent : symbol.parents)
            bits = std::max(bits, bits_of(parent, depth + 1));
    return bits;
}

/// Whether a length is as large as the input says. Writing asks for a constant limit, reading for one by what there is.
Follower::Source Follower::length_of(const State& state, Value value, std::optional<std::uint64_t> room, bool reading) const {
    if (!value.is_defined())
        return {};
    const Symbol& symbol = symbols_[value.symbol];
    const bool capped = is_limited(state, value, {&History::capped}, 0), bounded = is_limited(state, value, {&History::capped, &History::bounded}, 0);
    if (symbol.kind == SymbolKind::result && symbol.function != nullptr && symbol.function->role == Role::length) {
        Source source = source_of(state, symbol.parents[0]);
        source.harmless |= bounded || source.measured || source.looked || source.vetted || source.sifted;
        return source;
    }
    if (!is_outside(symbol))
        return {};
    const unsigned bits = bits_of(value, 0);
    const bool leaning = state.history.leaning.has(value.symbol);
    if (leaning && (state.history.floored.has(value.symbol) || bits < 32))
        return {};
    if (capped && !(room && symbol.cap != UINT64_MAX && symbol.cap > *room && symbol.cap < 0x10000 && symbol.kind != SymbolKind::joined && !bounded))
        return {};
    if (reading && (bounded || leaning))
        return {};
    if (bits < 31 && room && (std::uint64_t{1} << bits) <= *room)
        return {};
    return {.origin = symbol.origin, .operation = symbol.origin_operation, .harmless = false, .measured = bounded || leaning};
}

void Follower::judge_length(const State& state, const LibraryFunction& function, std::uint32_t index) {
    if (function.length == kNoArgument || function.guarded)
        return;
    const Value length = argument(state, function.length);
    const Value count = function.count == kNoArgument ? Value{kConstant, 1} : argument(state, function.count);
    const auto times = [](Value value) { return value.is_constant() && value.offset > 0 ? static_cast<std::uint64_t>(value.offset) : 1; };
    judge_write(state, function, length, times(count), index);
    judge_read(state, function, length, times(count), index);
    if (count.is_constant())
        return;
    judge_write(state, function, count, times(length), index);
    judge_read(state, function, count, times(length), index);
}

void Follower::judge_write(const State& state, const LibraryFunction& function, Value length, std::uint64_t times, std::uint32_t index) {
    const Place target = place_of(argument(state, function.target), 0);
    if (target.kind == Place::Kind::none || target.kind == Place::Kind::given || function.role == Role::use)
        return;
    const auto room = target.room ? std::optional(*target.room / times) : std::nullopt;
    const Source source = length_of(state, length, room, false);
    if (source.harmless)
        return;
    const Symbol& symbol = symbols_[length.symbol];
    const bool given = symbol.kind == SymbolKind::result && symbol.function != nullptr && symbol.function->role == Role::length;
    if (target.kind != Place::Kind::stack && (given || !is_outside(symbol)))
        return;
    if (target.kind == Place::Kind::global && !target.room && symbol.bits < 16)
        return;
    CallConfidence confidence = confidence_of_length(source.origin);
    if (source.measured || !target.room)
        confidence = CallConfidence::possible;
    report({index, unchecked_length, confidence, source.origin, source.operation, target.room});
}

/// What a place in an object of the program is counted by, where nothing limits that.
Value Follower::unlimited_index(const State& state, Value place) const {
    if (place.is_defined()) {
        const Symbol& symbol = symbols_[place.symbol];
        if (is_scaled(place) && program_.is_data(static_cast<std::uint64_t>(place.offset)) && is_outside(symbol) && symbol.bits >= 16)
            return is_limited(state, place, {&History::capped, &History::bounded, &History::leaning}, 0) ? Value{} : Value{place.symbol, 0};
        if (symbol.kind != SymbolKind::calculated || symbol.arithmetic != Arithmetic::add)
            return {};
        const auto is_object = [&](Value value) { return value.symbol == kImport || (value.is_constant() && program_.is_data(static_cast<std::uint64_t>(value.offset))); };
        const bool first = is_object(symbol.parents[0]);
        if (!first && !is_object(symbol.parents[1]))
            return {};
        const Value counted = symbol.parents[first ? 1 : 0];
        if (!counted.is_defined() || !is_outside(symbols_[counted.symbol]) || symbols_[counted.symbol].bits < 16)
            return {};
        return is_limited(state, counted, {&History::capped, &History::bounded, &History::leaning}, 0) ? Value{} : counted;
    }
    return {};
}

/// Whether a pointer leads to what an argument leads to, itself or moved on.
bool Follower::leads_to_argument(Value value, int depth) const {
    if (!value.is_defined() || depth > kMadeOf)
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    if (symbol.kind == SymbolKind::argument)
        return true;
    if (symbol.kind != SymbolKind::joined && (symbol.kind != SymbolKind::calculated || (symbol.arithmetic != Arithmetic::add && symbol.arithmetic != Arithmetic::subtract)))
        return false;
    const auto elsewhere = [&](Value part) { return part.symbol == kImport || part.is_stack() || (part.is_constant() && program_.is_data(static_cast<std::uint64_t>(part.offset))); };
    if (elsewhere(symbol.parents[0]) || elsewhere(symbol.parents[1]))
        return false;
    return leads_to_argument(symbol.parents[0], depth + 1) || leads_to_argument(symbol.parents[1], depth + 1);
}

void Follower::judge_read(const State& state, const LibraryFunction& function, Value length, std::uint64_t times, std::uint32_t index) {
    const bool limited_copy = function.role == Role::bounded_copy || function.role == Role::bounded_append;
    for (const int number : {static_cast<int>(function.source), function.role == Role::use && function.target >= 0 ? static_cast<int>(function.target) : -1}) {
        const Value from = argument(state, number);
        if (from.symbol == kUnknown || number < 0)
            continue;
        if (const auto place = stack_of(from)) {
            if (limited_copy && !filled(state, *place).unended)
                continue;
            const Source source = length_of(state, length, room(*place) / times, true);
            if (!source.harmless && source.origin != DataOrigin::unknown && !is_measured(symbols_[length.symbol]))
                return report({index, over_read, confidence_of_length(source.origin), source.origin, source.operation, room(*place)});
            continue;
        }
        if (limited_copy)
            continue;
        if (const Value counted = unlimited_index(state, from); counted.is_defined())
            return report({index, over_read, CallConfidence::possible, symbols_[counted.symbol].origin, symbols_[counted.symbol].origin_operation, std::nullopt});
        // A length out of a message, by which the same message is read: only how much of it there is can limit that.
        if (!length.is_defined() || !leads_to_argument(from, 0))
            continue;
        const Symbol& symbol = symbols_[length.symbol];
        const bool limited = is_limited(state, length, {&History::bounded}, 0);
        if (is_outside(symbol) && made_of_bytes(length, 0) && !limited)
            return report({index, over_read, CallConfidence::possible, symbol.origin, symbol.origin_operation, std::nullopt});
    }
}

/// A size that was calculated from what nobody limited.
void Follower::judge_size(const State& state, const LibraryFunction& function, std::uint32_t index) {
    for (const int number : {static_cast<int>(function.length), static_cast<int>(function.count)}) {
        const Value size = argument(state, number);
        if (!size.is_defined() || is_limited(state, size, {&History::capped, &History::bounded, &History::leaning}, 0))
            continue;
        const Symbol& symbol = symbols_[size.symbol];
        const bool wraps = symbol.wraps || (size.offset > 0 && symbol.bits >= 32);
        if (!is_outside(symbol) || !wraps)
            continue;
        const bool roomy = convention_.pointer == 8 && symbol.width == 8;  // 64 bits hold the product of 32
        const CallConfidence confidence = roomy ? CallConfidence::possible : confidence_of_length(symbol.origin);
        return report({index, size_overflow, confidence, symbol.origin, symbol.origin_operation, std::nullopt});
    }
}

}  // namespace shirushi::code
