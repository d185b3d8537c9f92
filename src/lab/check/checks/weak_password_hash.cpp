// SHI-ACC-004: stored password hashes resist guessing. DES crypt cuts passwords at 8 characters; MD5 crypt is tried at
// millions a second.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check weak_password_hash =
    check_reading<&Facts::accounts>("SHI-ACC-004", 1, [](const std::vector<Account>& accounts, Report& out) {
        for (const Account& account : accounts) {
            const bool hashed = account.password == PasswordState::hashed || account.password == PasswordState::guessed;
            if (hashed && out.listed("schemes", account.hash_scheme))
                out.fail({.key = "weak",
                          .names = {{"account", account.name}, {"file", account.file}, {"scheme", account.hash_scheme}},
                          .figures = {},
                          .evidence = {account.evidence}});
        }
    });

}  // namespace shirushi::check
