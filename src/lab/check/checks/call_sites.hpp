#pragma once
// What the checks of call sites share.

#include "check/check.hpp"

namespace shirushi::check {

/// Says of each program that has call sites of one weakness how many, where and what of. Those that are certain fail as the check's text weighs,
/// and for all others a person decides.
void judge_call_sites(const std::vector<CallSite>& sites, CallWeakness weakness, Report& out);

}  // namespace shirushi::check
