// SHI-ACC-001: no account with a shell lets anybody in without a password.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check empty_password =
    check_reading<&Facts::accounts>("SHI-ACC-001", 1, [](const std::vector<Account>& accounts, Report& out) {
        for (const Account& account : accounts) {
            if (account.can_log_in && account.password == PasswordState::none)
                out.fail({.key = "empty",
                          .names = {{"account", account.name}, {"file", account.file}},
                          .figures = {},
                          .evidence = {account.evidence}});
        }
    });

}  // namespace shirushi::check
