#pragma once
// Where calls of library functions are, found without decoding: by the shape of call instructions whose target is known. What only looks like
// one costs the decoding of a function for nothing.

#include <vector>

#include "code/program.hpp"

namespace shirushi::code {

/// Indices into program.functions(), sorted, each once: those that hold a call, or a jump, to a function that something can be wrong with.
std::vector<std::size_t> functions_to_decode(const Program& program);

}  // namespace shirushi::code
