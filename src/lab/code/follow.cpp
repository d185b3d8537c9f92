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
    std::vector<bool> has_predecessor(blocks_.size(), false);
    for (const Block& block : blocks_)
        for (const std::uint32_t successor : block.successors)
            has_predecessor[successor] = true;
    std::vector<std::uint32_t> orphans;
    for (std::uint32_t i = 1; i < blocks_.size(); ++i)
        if (!has_predecessor[i])
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
                if (enter(orphan, out))
                    waiting.insert(orphan);
        const auto& successors = blocks_[next].successors;
        for (std::size_t i = 0; i < successors.size(); ++i) {
            if (i + 1 == successors.size() && !entries_[successors[i]].reached) {
                entries_[successors[i]] = std::move(out);
                waiting.insert(successors[i]);
            } else if (enter(successors[i], out)) {
                waiting.insert(successors[i]);
            }
        }
    }
}

/// Joins what is known at the end of one block into what is known at the start of another. Whether that changed.
bool Follower::enter(std::uint32_t block, const State& from) {
    State& into = entries_[block];
    if (!into.reached) {
        into = from;
        return true;
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
        const bool gone = other == from.cells.end() || !(other->value == cell.value) || own.has(cell.place.symbol);
        changed |= gone;
        return gone;
    });
    for (const Fill& fill : from.fills) {
        const auto at = std::ranges::lower_bound(into.fills, fill);
        if ((at == into.fills.end() || *at != fill) && into.fills.size() < kFills) {
            into.fills.insert(at, fill);
            changed = true;
        }
    }
    changed |= into.history.limited.add(from.history.limited, own);
    changed |= into.history.tested.add(from.history.tested, own);
    changed |= into.history.examined.add(from.history.examined, own);
    changed |= into.history.measured.add(from.history.measured, own);
    changed |= into.history.freed.add(from.history.freed, own);
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
    inherit(symbols_[symbol], other);
    const auto take_over = [&](Marks History::*marks) {
        const bool was = (into.history.*marks).has(symbol);
        const bool old = known.symbol != symbol && (into.history.*marks).has(known.symbol);
        const bool now = (from.history.*marks).has(other.symbol);
        if (!was && (old || now)) {
            (into.history.*marks).set(symbol);
            changed = true;
        }
    };
    take_over(&History::limited);
    take_over(&History::tested);
    take_over(&History::examined);
    take_over(&History::measured);
    take_over(&History::freed);
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
