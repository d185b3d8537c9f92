// SHI-ACC-005: an account whose password is part of the image has the same password in every unit sold. Whether it is
// changed before use is a matter of the product, so a person has to look.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check built_in_password =
    check_reading<&Facts::accounts>("SHI-ACC-005", 1, [](const std::vector<Account>& accounts, Report& out) {
        for (const Account& account : accounts) {
            if (account.can_log_in && account.password == PasswordState::hashed)
                out.review({.key = "built_in",
                            .names = {{"account", account.name}, {"file", account.file}},
                            .figures = {{"scheme", account.hash_scheme}},
                            .evidence = {account.evidence}});
        }
    });

}  // namespace shirushi::check
