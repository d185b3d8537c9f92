// SHI-COD-008: Prints with formats that are not its own: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check format_from_input = check_reading<&Facts::call_sites>(
    "SHI-COD-008", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::format_string, out); });

}  // namespace shirushi::check
