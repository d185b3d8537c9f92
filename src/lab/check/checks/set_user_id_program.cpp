// SHI-PRM-001: only programs known to need it run with root's rights whoever starts them.
#include <fmt/format.h>

#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check set_user_id_program =
    check_reading<&Facts::permissions>("SHI-PRM-001", 1, [](const std::vector<Permission>& permissions, Report& out) {
        for (const Permission& permission : permissions) {
            if (permission.expected)
                continue;
            Said said{.key = "set_uid",
                      .names = {{"file", permission.evidence.path}},
                      .figures = {{"mode", fmt::format("{:04o}", permission.mode)}},
                      .evidence = {permission.evidence}};
            if (permission.kind == PermissionKind::setuid_root) {
                out.fail(std::move(said));
            } else if (permission.kind == PermissionKind::setgid_root) {
                said.key = "set_gid";
                out.review(std::move(said));
            }
        }
    });

}  // namespace shirushi::check
