// SHI-COD-005: Uses results that may be null without a check: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check unchecked_allocation = check_reading<&Facts::call_sites>(
    "SHI-COD-005", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::unchecked_allocation, out); });

}  // namespace shirushi::check
