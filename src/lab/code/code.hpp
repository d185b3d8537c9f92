#pragma once
// Programs' machine code -> calls that look wrong. Each function that calls something risky is decoded (capstone), and its values are followed
// through its blocks; nothing is followed from one function into another. What the answers rest on and where they end stands in README.md.
// Hostile bytes: every count is bounded by `Limits`, nothing recurses on input, and the work is counted, not timed, so that the same bytes give
// the same rows. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::code {

struct Limits {
    std::uint64_t code_bytes = std::uint64_t{16} << 20;  ///< decoded of one program; what lies beyond is a gap
    std::uint32_t function_bytes = 64 << 10;             ///< a longer function is left out, and a gap
    std::uint32_t rows = 500;                            ///< of one program; what lies beyond is a gap
};

struct Analysis {
    std::vector<CallSite> rows;      ///< by address; `path` is left empty, for the caller to set
    std::vector<std::string> gaps;   ///< what could not be looked at, in words
    std::uint64_t code_bytes = 0;    ///< in the program's executable sections
    std::uint64_t decoded_bytes = 0; ///< of them those in functions that call something risky
    std::uint64_t calls = 0;         ///< of known library functions, that were looked at
};

/// Fails (bad_input) only where the file is not ELF. Executables and shared libraries of x86-64, i386, ARM, AArch64 and 32-bit MIPS; every
/// other one gives a gap. Kernel modules and object files give nothing at all.
Result<Analysis> call_sites(Bytes file, const Limits& limits = {});

/// Bytes in executable sections or segments, for budgets; 0 where the file is not a program that call_sites looks into.
std::uint64_t code_size(Bytes file);

}  // namespace shirushi::code
