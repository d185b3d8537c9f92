// SHI-KEY-003: no password or access token stands readable in the image.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check credential_in_clear =
    check_reading<&Facts::secrets>("SHI-KEY-003", 1, [](const std::vector<Secret>& secrets, Report& out) {
        for (const Secret& secret : secrets) {
            const bool is_password = secret.kind == SecretKind::password;
            if (is_password || secret.kind == SecretKind::api_token)
                out.fail({.key = is_password ? "password" : "token",
                          .names = {{"file", secret.evidence.path}, {"format", secret.format}},
                          .figures = {},
                          .evidence = {secret.evidence}});
        }
    });

}  // namespace shirushi::check
