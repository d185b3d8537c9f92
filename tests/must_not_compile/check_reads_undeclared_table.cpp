// A check sees the tables that its type names and no other.
// error: (no match for call to|no matching function for call to object)
#include "check/check.hpp"

namespace shirushi::check {

#ifdef MUST_NOT_COMPILE
#define TABLES &Facts::services
#else
#define TABLES &Facts::services, &Facts::accounts
#endif

extern constexpr Check peeping = check_reading<TABLES>(
    "SHI-TST-001", 1, [](const std::vector<Service>& services, const std::vector<Account>& accounts, Report& out) {
        if (!services.empty() && !accounts.empty())
            out.fail({.key = "found", .names = {{"account", accounts.front().name}}, .figures = {}, .evidence = {}});
    });

}  // namespace shirushi::check
