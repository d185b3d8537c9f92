// SHI-KEY-002: no Wi-Fi passphrase is part of the image: it would be the same in every unit.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check wifi_passphrase =
    check_reading<&Facts::secrets>("SHI-KEY-002", 1, [](const std::vector<Secret>& secrets, Report& out) {
        for (const Secret& secret : secrets)
            if (secret.kind == SecretKind::wifi_passphrase)
                out.fail({.key = "passphrase",
                          .names = {{"file", secret.evidence.path}, {"format", secret.format}},
                          .figures = {},
                          .evidence = {secret.evidence}});
    });

}  // namespace shirushi::check
