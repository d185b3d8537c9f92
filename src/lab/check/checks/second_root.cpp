// SHI-ACC-003: only root has user id 0.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check second_root =
    check_reading<&Facts::accounts>("SHI-ACC-003", 1, [](const std::vector<Account>& accounts, Report& out) {
        for (const Account& account : accounts) {
            if (account.uid != 0 || account.name == "root")
                continue;
            Said said{.key = "root_rights",
                      .names = {{"account", account.name}, {"file", account.file}},
                      .figures = {},
                      .evidence = {account.evidence}};
            const bool usable = account.can_log_in && account.password != PasswordState::locked;
            usable ? out.fail(std::move(said)) : out.review(std::move(said));
        }
    });

}  // namespace shirushi::check
