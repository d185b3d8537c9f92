#include "code/blocks.hpp"

#include <algorithm>

namespace shirushi::code {
namespace {

bool ends_block(Do what) {
    return what == Do::jump || what == Do::branch || what == Do::leave || what == Do::stop;
}

class Cutter {
public:
    Cutter(const Lifted& lifted, const Program& program) : lifted_(lifted), program_(program), leader_(lifted.operations.size() + 1, false) {}

    std::vector<Block> cut() {
        mark();
        const auto count = static_cast<std::uint32_t>(lifted_.operations.size());
        std::vector<std::uint32_t> block_of(count + 1, UINT32_MAX);
        std::vector<Block> blocks;
        for (std::uint32_t i = 0; i < count;) {
            std::uint32_t end = i + 1;
            while (end < count && !leader_[end])
                ++end;
            block_of[i] = static_cast<std::uint32_t>(blocks.size());
            blocks.push_back({.first = i, .end = end, .successors = {}, .back = {}, .indirect = false});
            i = end;
        }
        for (Block& block : blocks)
            connect(block, block_of);
        return blocks;
    }

private:
    /// Index of the first operation at an address of this function, or UINT32_MAX.
    [[nodiscard]] std::uint32_t operation_at(std::uint64_t address) const {
        const auto found = std::ranges::lower_bound(lifted_.instructions, address, {}, &Instruction::address);
        if (found == lifted_.instructions.end() || found->address != address || found->first >= lifted_.operations.size())
            return UINT32_MAX;
        return found->first;
    }

    [[nodiscard]] bool never_returns(const Operation& operation) const {
        if (operation.what != Do::call || operation.conditional)
            return false;
        const auto address = static_cast<std::uint64_t>(operation.immediate);
        const LibraryFunction* function = operation.indirect ? program_.slot(address) : operation.a == kNone ? program_.callee(address) : nullptr;
        return function != nullptr && function->role == Role::exit;
    }

    void mark() {
        leader_[0] = true;
        for (std::uint32_t i = 0; i < lifted_.operations.size(); ++i) {
            const Operation& operation = lifted_.operations[i];
            if (ends_block(operation.what) || never_returns(operation))
                leader_[i + 1] = true;
            if ((operation.what == Do::jump || operation.what == Do::branch) && operation.a == kNone && !operation.indirect)
                if (const std::uint32_t at = operation_at(static_cast<std::uint64_t>(operation.immediate)); at != UINT32_MAX)
                    leader_[at] = true;
        }
    }

    void connect(Block& block, const std::vector<std::uint32_t>& block_of) const {
        const Operation& last = lifted_.operations[block.end - 1];
        const auto add = [&](std::uint32_t operation) {
            if (operation < block_of.size() && block_of[operation] != UINT32_MAX)
                block.successors.push_back(block_of[operation]);
        };
        if (last.what == Do::branch || last.what == Do::jump) {
            if (last.a == kNone && !last.indirect)
                add(operation_at(static_cast<std::uint64_t>(last.immediate)));
            else
                block.indirect = true;
        }
        if (last.what == Do::branch || last.conditional || (!ends_block(last.what) && !never_returns(last)))
            add(block.end);
    }

    const Lifted& lifted_;
    const Program& program_;
    std::vector<bool> leader_;
};

/// Depth first, without recursion: an edge to a block that is being gone through is a loop's.
void find_loops(std::vector<Block>& blocks) {
    enum : std::uint8_t { unseen, open, done };
    std::vector<std::uint8_t> seen(blocks.size(), unseen);
    std::vector<std::pair<std::uint32_t, std::size_t>> path;
    for (std::uint32_t start = 0; start < blocks.size(); ++start) {
        if (seen[start] != unseen)
            continue;
        seen[start] = open;
        path.emplace_back(start, 0);
        while (!path.empty()) {
            auto& [block, next] = path.back();
            if (next == blocks[block].successors.size()) {
                seen[block] = done;
                path.pop_back();
                continue;
            }
            const std::uint32_t successor = blocks[block].successors[next++];
            if (seen[successor] == open)
                blocks[block].back.push_back(successor);
            else if (seen[successor] == unseen) {
                seen[successor] = open;
                path.emplace_back(successor, 0);
            }
        }
    }
}

}  // namespace

std::vector<Block> blocks_of(const Lifted& lifted, const Program& program) {
    std::vector<Block> blocks = lifted.operations.empty() ? std::vector<Block>{} : Cutter(lifted, program).cut();
    find_loops(blocks);
    return blocks;
}

}  // namespace shirushi::code
