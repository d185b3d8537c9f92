// SHI-ACC-002: no account has a password that everybody knows. Without a shell the password may still open FTP or a
// web page, which a person has to judge.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check default_password =
    check_reading<&Facts::accounts>("SHI-ACC-002", 1, [](const std::vector<Account>& accounts, Report& out) {
        for (const Account& account : accounts) {
            if (account.password != PasswordState::guessed)
                continue;
            Said said{.key = "guessed",
                      .names = {{"account", account.name}, {"file", account.file}},
                      .figures = {{"guess", account.guess}, {"scheme", account.hash_scheme}},
                      .evidence = {account.evidence}};
            if (account.can_log_in) {
                out.fail(std::move(said));
            } else {
                said.key = "guessed_without_shell";
                out.review(std::move(said));
            }
        }
    });

}  // namespace shirushi::check
