// SHI-COD-002: Writes as many bytes into buffers of fixed size as the input says: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check unchecked_length_written = check_reading<&Facts::call_sites>(
    "SHI-COD-002", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::unchecked_length, out); });

}  // namespace shirushi::check
