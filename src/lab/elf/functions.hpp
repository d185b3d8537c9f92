#pragma once
// Names of C library functions as they appear in symbol tables, sorted into what they say about a program.

#include <string_view>

namespace shirushi::elf {

/// The function that source code calls: "sscanf" for "__isoc99_sscanf", the part before "@" of a versioned name.
std::string_view source_name(std::string_view symbol);

/// "memcpy" for "__memcpy_chk", which _FORTIFY_SOURCE puts in its place; empty for every other symbol.
std::string_view fortified_name(std::string_view symbol);

/// Of the fortifiable functions those that _FORTIFY_SOURCE=2 replaces in every call, whatever the compiler knows of the buffers.
bool is_always_fortified(std::string_view function);

/// Writes as much as the input says.
bool is_unbounded(std::string_view function);

/// Fills, copies or reads a buffer that the caller provides.
bool works_on_buffers(std::string_view function);

/// Part of the stack protector's run-time: called, or read, by each protected function.
bool is_stack_protector(std::string_view symbol);

/// Called by the start-up and clean-up code that every program carries: says nothing about the program's own code.
bool is_start_up(std::string_view symbol);

}  // namespace shirushi::elf
