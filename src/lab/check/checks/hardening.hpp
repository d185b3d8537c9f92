#pragma once
// Judging a protection over all programs of an image. One small library without it says little, a network service without it
// much: so programs that start-up configuration runs as services count alone, the others by their share.

#include <optional>
#include <vector>

#include "check/check.hpp"

namespace shirushi::check {

/// Whether the file has the protection; nothing: it cannot be told, or the protection means nothing for this file.
using Protected = std::optional<bool> (*)(const Executable&);

/// Nothing where every counted file has it. Otherwise one finding: `network` (fail) where a service's own program lacks it,
/// `many` (fail) where more than the parameter "tolerated_percent" of the counted files do, else `some` (review).
void judge_hardening(const std::vector<Executable>& executables, const std::vector<Service>& services, Protected is_protected, Report& out);

/// Files that a loader starts or links: not kernel modules and object files.
bool is_loaded(const Executable& executable);

/// `yes` and `no` as a bool, `unknown` as nothing.
std::optional<bool> known(Answer answer);

/// One finding for all files that import one of the functions, with the files as evidence.
std::optional<Said> said_of_imports(const std::vector<Executable>& executables, std::span<const std::string> functions);

}  // namespace shirushi::check
