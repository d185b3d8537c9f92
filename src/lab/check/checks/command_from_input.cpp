// SHI-COD-007: Hands a shell command lines with text that is not its own: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check command_from_input = check_reading<&Facts::call_sites>(
    "SHI-COD-007", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::command_injection, out); });

}  // namespace shirushi::check
