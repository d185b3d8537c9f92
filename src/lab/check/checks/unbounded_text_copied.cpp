// SHI-COD-001: Copies text of any length into buffers of fixed size: no program does so, as far as each function's code shows.
#include "check/checks/call_sites.hpp"

namespace shirushi::check {

extern constexpr Check unbounded_text_copied = check_reading<&Facts::call_sites>(
    "SHI-COD-001", 1, [](const std::vector<CallSite>& sites, Report& out) { judge_call_sites(sites, CallWeakness::unbounded_copy, out); });

}  // namespace shirushi::check
