// What is known where paths join.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

constexpr std::size_t kFills = 64;

std::uint64_t join_key(std::uint32_t block, std::uint64_t place) {
    return std::uint64_t{block} << 40 | (place & 0xffffffffff);
}

bool is_limit(Marks History::*marks) {
    return marks == &History::capped || marks == &History::bounded || marks == &History::leaning || marks == &History::floored;
}

}  // namespace

/// Joins what is known at the end of one block into what is known at the start of another. Whether that changed.
bool Follower::enter(std::uint32_t block, const State& from, bool back) {
    back_ = back;
    State& into = entries_[block];
    if (!into.reached) {
        into = from;
        return true;
    }
    if (predecessors_[block] == 1 && block != 0) {  // nothing to join
        const bool differs = !into.is_same(from);
        if (differs)
            into = from;
        return differs;
    }
    bool changed = false;
    Marks own;
    for (const std::uint32_t symbol : own_joins_[block])
        own.set(symbol);
    for (std::uint8_t i = 0; i < kRegisters; ++i) {
        if (i == convention_.stack)
            continue;  // where paths disagree about it, the first one is believed
        into.registers[i] = joined(block, i, into.registers[i], from.registers[i], into, from, own, changed);
    }
    join_slots(block, into, from, own, changed);
    std::erase_if(into.cells, [&](const Cell& cell) {
        const auto other = std::ranges::find(from.cells, cell.place, &Cell::place);
        const bool gone = other == from.cells.end() || other->width != cell.width || own.has(cell.place.symbol);
        changed |= gone;
        return gone;
    });
    for (Cell& cell : into.cells) {
        const std::uint64_t place = 0x4000000000 | (std::uint64_t{cell.place.symbol} & 0xffff) << 20 | (static_cast<std::uint64_t>(cell.place.offset) & 0xfffff);
        cell.value = joined(block, place, cell.value, std::ranges::find(from.cells, cell.place, &Cell::place)->value, into, from, own, changed);
    }
    for (const Fill& fill : from.fills) {
        const auto at = std::ranges::lower_bound(into.fills, fill);
        if ((at == into.fills.end() || *at != fill) && into.fills.size() < kFills) {
            into.fills.insert(at, fill);
            changed = true;
        }
    }
    for (const auto marks : History::all())
        changed |= is_limit(marks) ? (into.history.*marks).keep(from.history.*marks, own) : (into.history.*marks).add(from.history.*marks, own);
    if (into.compared != from.compared)
        into.compared.clear();
    return changed;
}

void Follower::join_slots(std::uint32_t block, State& into, const State& from, Marks& own, bool& changed) {
    std::vector<Slot> kept;
    for (const Slot& slot : into.slots) {
        const auto other = std::ranges::lower_bound(from.slots, slot.offset, {}, &Slot::offset);
        if (other == from.slots.end() || other->offset != slot.offset) {
            changed = true;
            continue;
        }
        kept.push_back({slot.offset, joined(block, 0x1000000 + static_cast<std::uint64_t>(slot.offset), slot.value, other->value, into, from, own, changed), std::min(slot.width, other->width)});
    }
    into.slots = std::move(kept);
}

/// What a join's symbol is, by one more value that it may have. Whether that changed.
bool Follower::join_nature(std::uint32_t symbol, Value known, Value other) {
    const std::uint8_t bits = symbols_[symbol].bits;
    inherit(symbols_[symbol], other);
    bool changed = false;
    if (back_ && known.symbol == symbol && symbols_[symbol].bits > bits && bits < 64) {  // a loop makes it larger, nobody knows how much
        symbols_[symbol].bits = 64;
        changed = true;
    }
    const bool character = other.is_defined() && symbols_[other.symbol].kind == SymbolKind::loaded && symbols_[other.symbol].steps;
    if (!symbols_[symbol].steps && (character || moves(other, symbol) || (back_ && moves(other, known.symbol))))
        symbols_[symbol].steps = changed = true;
    return changed;
}

/// What was done to either value was done to the join's symbol; what limits both limits it. Whether that changed.
bool Follower::join_history(std::uint32_t symbol, Value known, Value other, bool made, State& into, const State& from) const {
    bool changed = false;
    for (const auto marks : History::all()) {
        if (is_limit(marks) || (into.history.*marks).has(symbol))
            continue;
        if ((known.symbol != symbol && (into.history.*marks).has(known.symbol)) || (from.history.*marks).has(other.symbol)) {
            (into.history.*marks).set(symbol);
            changed = true;
        }
    }
    const auto both = [&](Marks History::*marks, std::initializer_list<Marks History::*> any) {
        const bool was = (into.history.*marks).has(symbol);
        const bool before = made ? is_limited(into, known, any, 1) : was;
        const bool now = before && (other.symbol == symbol || is_limited(from, other, any, 1));
        if (now == was)
            return;
        changed = true;
        if (now)
            (into.history.*marks).set(symbol);
        else
            (into.history.*marks).clear(symbol);
    };
    both(&History::capped, {&History::capped});
    both(&History::bounded, {&History::bounded});
    both(&History::leaning, {&History::capped, &History::leaning});
    both(&History::floored, {&History::floored});
    return changed;
}

/// The value of one place after a join: the common one, else a symbol of its own.
Value Follower::joined(std::uint32_t block, std::uint64_t place, Value known, Value other, State& into, const State& from, Marks& own, bool& changed) {
    if (known == other || known.symbol == kUnknown)
        return known;
    const auto found = joins_.find(join_key(block, place));
    if (found == joins_.end() && other.symbol == kUnknown) {
        changed = true;
        return {};
    }
    const bool made = found == joins_.end();
    std::uint32_t symbol = 0;
    if (found != joins_.end() && known.symbol == found->second) {
        symbol = found->second;
    } else if (found != joins_.end()) {
        return known;
    } else {
        symbol = static_cast<std::uint32_t>(symbols_.size());
        Symbol join{.kind = SymbolKind::joined, .bits = 0, .seen = true, .only_constants = true};
        join.parents[0] = known;
        join.parents[1] = other;
        inherit(join, known);
        symbols_.push_back(join);
        joins_.emplace(join_key(block, place), symbol);
        own_joins_[block].push_back(symbol);
        own.set(symbol);
        changed = true;
    }
    changed |= join_nature(symbol, known, other);
    changed |= join_history(symbol, known, other, made, into, from);
    if (const std::uint32_t by = other.is_defined() ? symbols_[other.symbol].freed_by : UINT32_MAX; by != UINT32_MAX)
        symbols_[symbol].freed_by = by;
    if (const std::uint32_t by = known.is_defined() ? symbols_[known.symbol].freed_by : UINT32_MAX; by != UINT32_MAX)
        symbols_[symbol].freed_by = by;
    return {symbol, 0};
}

}  // namespace shirushi::code
