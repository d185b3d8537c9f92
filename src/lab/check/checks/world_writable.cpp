// SHI-PRM-002: no file, and no directory without the sticky bit, can be changed by every account.
#include <fmt/format.h>

#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check world_writable =
    check_reading<&Facts::permissions>("SHI-PRM-002", 1, [](const std::vector<Permission>& permissions, Report& out) {
        for (const Permission& permission : permissions) {
            const bool is_directory = permission.kind == PermissionKind::world_writable_directory;
            if (permission.expected || (!is_directory && permission.kind != PermissionKind::world_writable_file))
                continue;
            out.fail({.key = is_directory ? "directory" : "file",
                      .names = {{"file", permission.evidence.path}},
                      .figures = {{"mode", fmt::format("{:04o}", permission.mode)}},
                      .evidence = {permission.evidence}});
        }
    });

}  // namespace shirushi::check
