#pragma once
// A function's operations cut into basic blocks.

#include <cstdint>
#include <vector>

#include "code/operation.hpp"
#include "code/program.hpp"

namespace shirushi::code {

struct Block {
    std::uint32_t first = 0;  ///< operations
    std::uint32_t end = 0;
    std::vector<std::uint32_t> successors;
    std::vector<std::uint32_t> back;  ///< those of them that begin a loop which this block is in
    bool indirect = false;  ///< ends with a jump to nobody knows where: a switch's table, or a tail call
};

/// The first block is the function's start. Jumps out of the function have no successor; a call of a function that does not come back ends its block.
std::vector<Block> blocks_of(const Lifted& lifted, const Program& program);

}  // namespace shirushi::code
