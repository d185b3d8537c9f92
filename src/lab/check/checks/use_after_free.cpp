// SHI-COD-006: Uses or frees memory again on a path on which it was freed: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check use_after_free = check_reading<&Facts::call_sites>(
    "SHI-COD-006", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::use_after_free, out); });

}  // namespace shirushi::check
