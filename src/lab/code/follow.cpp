#include "code/follow.hpp"

#include <algorithm>
#include <set>

namespace shirushi::code {
namespace {

constexpr std::uint8_t kVisits = 4;            // of one block: joins have settled by then, or are left as they are
constexpr std::size_t kBlocks = 8192;
constexpr std::uint64_t kSteps = 1 << 20;      // operations followed in one function, blocks seen again included

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
