// SHI-PRM-003: private keys and password hashes can be read by their owner only.
#include <fmt/format.h>

#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check sensitive_readable =
    check_reading<&Facts::permissions>("SHI-PRM-003", 1, [](const std::vector<Permission>& permissions, Report& out) {
        for (const Permission& permission : permissions)
            if (permission.kind == PermissionKind::sensitive_readable && !permission.expected)
                out.fail({.key = "readable",
                          .names = {{"file", permission.evidence.path}},
                          .figures = {{"mode", fmt::format("{:04o}", permission.mode)}},
                          .evidence = {permission.evidence}});
    });

}  // namespace shirushi::check
