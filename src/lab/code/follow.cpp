#include "code/follow.hpp"

#include <algorithm>
#include <set>

namespace shirushi::code {
namespace {

constexpr std::uint8_t kVisits = 4;            // of one block: joins have settled by then, or are left as they are
constexpr std::size_t kFills = 64, kBlocks = 8192;
constexpr std::uint64_t kSteps = 1 << 20;      // operations followed in one function, blocks seen again included

std::uint64_t join_key(std::uint32_t block, std::uint64_t place) {
    return std::uint64_t{block} << 40 | (place & 0xffffffffff);
}

}  // namespace

Follower::Follower(const Program& program, const Convention& convention, const Lifted& lifted, bool is_main)
    : program_(program), convention_(convention), lifted_(lifted), is_main_(is_main), blocks_(blocks_of(lifted, program)) {
    symbols_.resize(kFirstSymbol);
    defined_by_.assign(lifted.operations.size(), 0);
    if (blocks_.size() > kBlocks)
        blocks_.clear();
    entries_.resize(blocks_.size());
    visits_.assign(blocks_.size(), 0);
    own_joins_.resize(blocks_.size());
    moves_blocks_ = std::ranges::find(lifted.operations, Do::move_block, &Operation::what) != lifted.operations.end();
}

std::vector<Finding> Follower::run() {
    if (blocks_.empty())
        return {};
    State start;
    start.reached = true;
    start.registers[convention_.stack] = {kStack, 0};
    if (convention_.zero != kNone)
        start.registers[convention_.zero] = {kConstant, 0};
    if (convention_.table != kNone)
        start.registers[convention_.table] = wrapped({kConstant, static_cast<std::int64_t>(program_.table_pointer())});
    if (convention_.self != kNone && !lifted_.instructions.empty())
        start.registers[convention_.self] = wrapped({kConstant, static_cast<std::int64_t>(lifted_.instructions.front().address)});
    for (std::uint32_t i = 0; i < convention_.arguments.size(); ++i)
        start.registers[convention_.arguments[i]] = {argument_symbol(i), 0};
    entries_[0] = std::move(start);
    settle();
    judging_ = true;
    for (std::uint32_t i = 0; i < blocks_.size(); ++i)
        if (entries_[i].reached && needs_judging(blocks_[i]))
            (void)walk(i);
    std::ranges::sort(findings_, {}, [](const Finding& finding) { return std::tuple(finding.operation, finding.weakness); });
    return std::move(findings_);
}

/// Whether a block calls something known, or uses pointers in a function that allocates or frees.
bool Follower::needs_judging(const Block& block) const {
    if (handles_memory_)
        return true;
    for (std::uint32_t i = block.first; i < block.end; ++i)
        if (const Do what = lifted_.operations[i].what; what == Do::call || what == Do::jump || what == Do::move_block)
            return true;
    return false;
}

/// Blocks that nothing is seen to go to belong to a switch whose table is not read: they start as the jumps to nobody knows where end.
void Follower::settle() {
    predecessors_.assign(blocks_.size(), 0);
    for (const Block& block : blocks_)
        for (const std::uint32_t successor : block.successors)
            ++predecessors_[successor];
    std::vector<std::uint32_t> orphans;
    for (std::uint32_t i = 1; i < blocks_.size(); ++i)
        if (predecessors_[i] == 0)
            orphans.push_back(i);
    std::set<std::uint32_t> waiting{0};
    while (!waiting.empty() && steps_ < kSteps) {
        const std::uint32_t next = *waiting.begin();
        waiting.erase(waiting.begin());
        if (visits_[next] >= kVisits)
            continue;
        ++visits_[next];
        State out = walk(next);
        if (blocks_[next].indirect && visits_[next] <= 2 && orphans.size() < 512)
            for (const std::uint32_t orphan : orphans)
                if (enter(orphan, out, false))
                    waiting.insert(orphan);
        leave(next, std::move(out), waiting);
    }
}

/// What is known at the end of a block goes on into those behind it, with what its branch found out.
void Follower::leave(std::uint32_t block, State out, std::set<std::uint32_t>& waiting) {
    const auto& successors = blocks_[block].successors;
    const auto loops = [&](std::uint32_t successor) { return std::ranges::find(blocks_[block].back, successor) != blocks_[block].back.end(); };
    const Operation& last = lifted_.operations[blocks_[block].end - 1];
    if (last.what == Do::branch && last.condition != Condition::none && !out.compared.empty() && successors.size() == 2 && successors[0] != successors[1]) {
        State taken = out;
        find_out(taken, last.condition);
        if (enter(successors[0], taken, loops(successors[0])))
            waiting.insert(successors[0]);
        find_out(out, opposite(last.condition));
        if (enter(successors[1], out, loops(successors[1])))
            waiting.insert(successors[1]);
        return;
    }
    for (std::size_t i = 0; i < successors.size(); ++i) {
        if (i + 1 == successors.size() && !entries_[successors[i]].reached) {
            entries_[successors[i]] = std::move(out);
            waiting.insert(successors[i]);
        } else if (enter(successors[i], out, loops(successors[i]))) {
            waiting.insert(successors[i]);
        }
    }
}

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
        changed |= (into.history.*marks).add(from.history.*marks, own);
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

/// The value of one place after a join: the common one, else a symbol of its own. What was done to either was done to that.
Value Follower::joined(std::uint32_t block, std::uint64_t place, Value known, Value other, State& into, const State& from, Marks& own, bool& changed) {
    if (known == other || known.symbol == kUnknown)
        return known;
    const auto found = joins_.find(join_key(block, place));
    if (found == joins_.end() && other.symbol == kUnknown) {
        changed = true;
        return {};
    }
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
    const std::uint8_t bits = symbols_[symbol].bits;
    inherit(symbols_[symbol], other);
    if (back_ && known.symbol == symbol && symbols_[symbol].bits > bits && bits < 64) {  // a loop makes it larger, nobody knows how much
        symbols_[symbol].bits = 64;
        changed = true;
    }
    const bool character = other.is_defined() && symbols_[other.symbol].kind == SymbolKind::loaded && symbols_[other.symbol].steps;
    if (!symbols_[symbol].steps && (character || moves(other, symbol) || (back_ && moves(other, known.symbol))))
        symbols_[symbol].steps = changed = true;
    const auto take_over = [&](Marks History::*marks) {
        const bool was = (into.history.*marks).has(symbol);
        const bool old = known.symbol != symbol && (into.history.*marks).has(known.symbol);
        const bool now = (from.history.*marks).has(other.symbol);
        if (!was && (old || now)) {
            (into.history.*marks).set(symbol);
            changed = true;
        }
    };
    for (const auto marks : History::all())
        take_over(marks);
    if (const std::uint32_t by = other.is_defined() ? symbols_[other.symbol].freed_by : UINT32_MAX; by != UINT32_MAX)
        symbols_[symbol].freed_by = by;
    if (const std::uint32_t by = known.is_defined() ? symbols_[known.symbol].freed_by : UINT32_MAX; by != UINT32_MAX)
        symbols_[symbol].freed_by = by;
    return {symbol, 0};
}

State Follower::walk(std::uint32_t block) {
    State state = entries_[block];
    for (std::uint32_t i = blocks_[block].first; i < blocks_[block].end; ++i)
        apply(state, lifted_.operations[i], i);
    steps_ += blocks_[block].end - blocks_[block].first;
    return state;
}

void Follower::apply(State& state, const Operation& operation, std::uint32_t index) {
    if ((operation.what == Do::choose || operation.conditional) && operation.what != Do::branch && operation.what != Do::compare)
        use_flags(state);
    switch (operation.what) {
        case Do::set:
            return assign(state, operation.to, wrapped({kConstant, operation.immediate}));
        case Do::copy:
            return do_copy(state, operation);
        case Do::narrow:
            return do_narrow(state, operation, index);
        case Do::calculate:
            return do_calculate(state, operation, index);
        case Do::choose:
            return do_choose(state, operation, index);
        case Do::load:
            return do_load(state, operation, index);
        case Do::store:
            return do_store(state, operation, index);
        case Do::compare:
            return do_compare(state, operation);
        case Do::verify:
            return limit(state, value(state, operation.a), {kConstant, INT32_MAX}, 0);
        case Do::move_block:
            return do_move_block(state, operation, index);
        case Do::call:
            return do_call(state, operation, index);
        case Do::jump: {  // out of the function: a call whose result is the caller's
            const bool outside = operation.a != kNone || operation.indirect || blocks_.empty() ||
                                 static_cast<std::uint64_t>(operation.immediate) < lifted_.instructions.front().address ||
                                 static_cast<std::uint64_t>(operation.immediate) > lifted_.instructions.back().address;
            if (outside && resolve(state, operation) != nullptr)
                do_call(state, operation, index);
            return;
        }
        case Do::forget:
            return assign(state, operation.to, {});
        case Do::branch:
        case Do::leave:
        case Do::stop:
            return;
    }
}

}  // namespace shirushi::code
