// Loads and stores: the function's own stack by offsets, other memory by the pointer's symbol and the distance from it.

#include <algorithm>

#include "code/follow.hpp"

namespace shirushi::code {
namespace {

constexpr std::size_t kSlots = 192, kCells = 32;

const Slot* held(const State& state, std::int64_t offset) {
    const auto found = std::ranges::lower_bound(state.slots, offset, {}, &Slot::offset);
    return found != state.slots.end() && found->offset == offset ? &*found : nullptr;
}

}  // namespace

void Follower::do_load(State& state, const Operation& operation, std::uint32_t index) {
    if (operation.a == kNone && operation.index == kNone) {
        const Value place = wrapped({kConstant, operation.immediate});
        return assign(state, operation.to, load_pointer(state, operation, index, place));
    }
    Value place = value(state, operation.a);
    if (place.symbol != kUnknown)
        place = wrapped({place.symbol, place.offset + operation.immediate});
    use(state, place, index, false);
    const Value moved = operation.index == kNone ? Value{} : value(state, operation.index);
    if (operation.index != kNone)
        use(state, moved, index, false);
    if (operation.width == 1)
        examine(state, place, &History::asked, 0);
    sift(state, moved, 1);
    sift(state, place, 0);
    Value loaded;
    if (place.is_stack() && operation.index == kNone)
        loaded = load_stack(state, operation, index, place.offset);
    else
        loaded = load_pointer(state, operation, index, place);
    if (operation.width == 1 && loaded.is_defined() && (steps(place) || steps(moved)))
        symbols_[loaded.symbol].steps = true;
    assign(state, operation.to, operation.conditional ? Value{} : loaded);
}

/// A character that tells where in a table to look (isalnum): its text is gone through.
void Follower::sift(State& state, Value place, int depth) {
    if (!place.is_defined() || depth > kMadeOf)
        return;
    const Symbol symbol = symbols_[place.symbol];  // a copy: examining adds symbols
    if (symbol.kind == SymbolKind::loaded && symbol.width == 1 && symbol.steps)
        return examine(state, symbol.parents[0], &History::sifted, 0);
    if (symbol.kind != SymbolKind::calculated && (symbol.kind != SymbolKind::joined || depth == 0))
        return;
    sift(state, symbol.parents[0], depth + 1);
    sift(state, symbol.parents[1], depth + 1);
}

Value Follower::load_stack(State& state, const Operation& operation, std::uint32_t index, std::int64_t offset) {
    const Slot* known = held(state, offset);
    const bool part = known != nullptr && known->width == operation.width && known->value.is_defined() && symbols_[known->value.symbol].kind == SymbolKind::loaded;
    if (part || (known != nullptr && operation.width >= 4 && known->width >= 4))
        return known->value;
    if (offset >= convention_.entry_arguments && operation.width >= 4) {
        const auto number = static_cast<std::uint64_t>(offset - convention_.entry_arguments) / convention_.pointer;
        if (number < 32)
            return {argument_symbol(static_cast<std::uint32_t>(number + convention_.arguments.size())), 0};
    }
    Symbol symbol{.kind = SymbolKind::loaded, .origin = DataOrigin::unknown, .bits = static_cast<std::uint8_t>(operation.width * 8), .width = operation.width};
    symbol.parents[0] = {kStack, offset};
    // What a call read from outside lies from its buffer's start on, up to the next thing that a call was given.
    for (const Fill& fill : state.fills) {
        const auto written = fills_.find(fill.operation);
        if (fill.offset > offset || written == fills_.end() || written->second.harmless)
            continue;
        const auto next = std::ranges::upper_bound(taken_, fill.offset);
        if (next != taken_.end() && *next <= offset && *next != offset)
            continue;
        if (written->second.longest && fill.offset + static_cast<std::int64_t>(std::min<std::uint64_t>(*written->second.longest, 1 << 20)) <= offset)
            continue;
        symbol.origin = written->second.origin;
        symbol.origin_operation = written->second.operation;
    }
    if (known != nullptr)  // put together from parts
        inherit(symbol, known->value);
    if (operation.is_signed && operation.width < 4)
        symbol.bits = 32;
    const std::uint32_t made = define(state, index, symbol);
    if (state.slots.size() < kSlots) {
        const auto at = std::ranges::lower_bound(state.slots, offset, {}, &Slot::offset);
        if (at == state.slots.end() || at->offset != offset)
            state.slots.insert(at, {offset, {made, 0}, operation.width});
    }
    return {made, 0};
}

Value Follower::load_pointer(State& state, const Operation& operation, std::uint32_t index, Value place) {
    const bool exact = operation.index == kNone;
    if (exact && place.is_constant()) {
        const auto address = static_cast<std::uint64_t>(place.offset);
        if (!program_.slot_name(address).empty())
            return {kImport, place.offset};
        if (operation.width >= convention_.pointer)
            if (const auto word = program_.word(address))
                return wrapped({kConstant, static_cast<std::int64_t>(*word)});
    }
    const bool followed = exact && (place.is_defined() || place.is_constant());
    if (followed)
        if (const auto known = std::ranges::find(state.cells, place, &Cell::place);
            known != state.cells.end() && (known->width == operation.width || (known->width >= 4 && operation.width >= 4)))
            return known->value;
    Symbol symbol{.kind = SymbolKind::loaded, .origin = DataOrigin::memory, .bits = static_cast<std::uint8_t>(operation.width * 8), .width = operation.width};
    if (operation.is_signed && operation.width < 4)
        symbol.bits = 32;
    symbol.parents[0] = place;
    symbol.only_constants = operation.width >= convention_.pointer && in_constant_table(place);
    if (symbol.only_constants)
        symbol.origin = DataOrigin::unknown;
    if (place.is_defined() && !symbol.only_constants) {
        const Symbol& pointer = symbols_[place.symbol];
        const auto filled = fills_.find(pointer.filled_by);
        if (pointer.origin == DataOrigin::input || pointer.origin == DataOrigin::argument || pointer.origin == DataOrigin::command_line) {
            symbol.origin = pointer.origin;
            symbol.origin_operation = pointer.origin_operation;
        }
        if (filled != fills_.end() && filled->second.origin == DataOrigin::input && !filled->second.harmless) {
            symbol.origin = DataOrigin::input;
            symbol.origin_operation = filled->second.operation;
        }
    }
    if (place.is_stack())
        for (const Fill& fill : state.fills)
            if (const auto written = fills_.find(fill.operation); fill.offset <= place.offset && written != fills_.end() && !written->second.harmless) {
                symbol.origin = written->second.origin;
                symbol.origin_operation = written->second.operation;
            }
    const std::uint32_t made = define(state, index, symbol);
    if (followed && place.symbol != made) {
        if (state.cells.size() >= kCells)
            state.cells.erase(state.cells.begin());
        std::erase_if(state.cells, [&](const Cell& cell) { return cell.place == place; });
        state.cells.push_back({place, {made, 0}, operation.width});
    }
    return {made, 0};
}

/// Whether a pointer leads into a table that is constant once the program runs.
bool Follower::in_constant_table(Value place) const {
    std::int64_t distance = 0;
    for (int depth = 0; depth < 4; ++depth) {
        distance += place.offset;
        if (place.is_constant())
            return program_.is_settled(static_cast<std::uint64_t>(wrapped({kConstant, distance}).offset));
        if (!place.is_defined())
            return false;
        const Symbol& symbol = symbols_[place.symbol];
        if (is_scaled(place))  // an index, and the table's address as a distance from it
            return program_.is_settled(static_cast<std::uint64_t>(wrapped({kConstant, distance}).offset));
        if (symbol.kind == SymbolKind::joined && (symbol.steps || symbol.only_constants)) {
            place = symbol.parents[0];
        } else if (symbol.kind == SymbolKind::calculated && symbol.arithmetic == Arithmetic::add) {
            place = is_table(symbol.parents[0]) ? symbol.parents[0] : symbol.parents[1];
        } else {
            return false;
        }
    }
    return false;
}

/// Whether a value is a number times a constant: no pointer.
bool Follower::is_scaled(Value value) const {
    if (!value.is_defined())
        return false;
    const Symbol& symbol = symbols_[value.symbol];
    return symbol.kind == SymbolKind::calculated && (symbol.arithmetic == Arithmetic::multiply || symbol.arithmetic == Arithmetic::shift_left);
}

bool Follower::is_table(Value value) const {
    return value.is_constant() || (value.is_defined() && symbols_[value.symbol].kind == SymbolKind::joined && symbols_[value.symbol].only_constants);
}

void Follower::do_store(State& state, const Operation& operation, std::uint32_t index) {
    Value place = operation.a == kNone && operation.index == kNone ? Value{kConstant, operation.immediate} : value(state, operation.a);
    if (place.symbol != kUnknown && operation.a != kNone)
        place.offset += operation.immediate;
    place = wrapped(place);
    use(state, place, index, false);
    if (operation.index != kNone)
        return use(state, value(state, operation.index), index, false);
    const Value stored = operation.b == kNone || operation.conditional ? Value{} : value(state, operation.b);
    if (place.is_stack()) {
        std::erase_if(state.slots, [&](const Slot& slot) { return slot.offset + std::min<int>(slot.width, 4) > place.offset && slot.offset < place.offset + std::max<int>(operation.width, 1); });
        if (stored.symbol != kUnknown && state.slots.size() < kSlots)
            state.slots.insert(std::ranges::lower_bound(state.slots, place.offset, {}, &Slot::offset), {place.offset, stored, operation.width});
        return;
    }
    if (!place.is_defined() && !place.is_constant())
        return;
    const std::int64_t end = place.offset + std::max<int>(operation.width, 1);
    std::erase_if(state.cells, [&](const Cell& cell) { return cell.place.symbol == place.symbol && cell.place.offset < end && cell.place.offset + cell.width > place.offset; });
    if (operation.width < 4)
        return;
    if (stored.symbol != kUnknown && state.cells.size() < kCells)
        state.cells.push_back({place, stored, operation.width});
}

}  // namespace shirushi::code
