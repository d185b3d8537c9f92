#pragma once
// What an ELF file shows of the protections it was built with. Each answer is what can be read from the file, and `unknown`
// where the file cannot tell; the rules and their limits stand at each function. Pure.

#include <string_view>

#include "elf/elf.hpp"
#include "model/facts.hpp"

namespace shirushi::elf {

/// Everything of `Executable` but `path` and `sha256`, which the caller knows. Texts are printable, lists sorted and unique
/// (`needed` keeps the file's order). Fails with unsupported for core dumps, separate debug files and Linux kernel images
/// (none of them is loaded by a program loader, so no rule here applies), with bad_input when it is not ELF.
Result<Executable> describe(Bytes file);
Result<Executable> describe(const ElfFile& file);

/// Functions that no caller can use safely, that start a shell or search PATH for a program, or that name a temporary file
/// without making it. strtok and the like are left out: awkward, but not unsafe by themselves.
bool is_dangerous(std::string_view function);

/// Functions for which the GNU C library has a checking twin ("__memcpy_chk") that _FORTIFY_SOURCE puts in their place.
bool is_fortifiable(std::string_view function);

}  // namespace shirushi::elf
