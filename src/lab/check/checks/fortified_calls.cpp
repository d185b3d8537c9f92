// SHI-BIN-003: the C library checks the size of buffers it is given. musl and uClibc have no checking twins of these
// functions, so a program linked to one of them cannot be told by its imports.
#include <algorithm>

#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check fortified_calls = check_reading<&Facts::executables, &Facts::services>(
    "SHI-BIN-003", 1, [](const std::vector<Executable>& executables, const std::vector<Service>& services, Report& out) {
        judge_hardening(executables, services, [](const Executable& executable) -> std::optional<bool> {
            const bool glibc = std::ranges::any_of(executable.needed, [](const std::string& name) { return name == "libc.so.6"; });
            if (!glibc || (executable.fortifiable.empty() && executable.fortified != Answer::yes))
                return std::nullopt;
            return known(executable.fortified);
        }, out);
    });

}  // namespace shirushi::check
