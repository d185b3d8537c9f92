// SHI-COD-003: Reads as many bytes out of buffers as the input says: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check unchecked_length_read = check_reading<&Facts::call_sites>(
    "SHI-COD-003", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::over_read, out); });

}  // namespace shirushi::check
