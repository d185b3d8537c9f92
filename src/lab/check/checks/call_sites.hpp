#pragma once
// What the checks of call sites share.

#include "check/check.hpp"

namespace shirushi::check {

/// Says of each program that has call sites of one weakness how many, where and what of. Those that are certain fail as the check's text weighs,
/// those that are likely fail as a warning, and for those that are possible a person decides.
void judge_call_sites(const std::vector<CallSite>& sites, CallWeakness weakness, Report& out);

}  // namespace shirushi::check
