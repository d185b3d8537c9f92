// SHI-COD-004: Calculates sizes of allocations from numbers that nobody limited: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check size_from_input = check_reading<&Facts::call_sites>(
    "SHI-COD-004", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::size_overflow, out); });

}  // namespace shirushi::check
