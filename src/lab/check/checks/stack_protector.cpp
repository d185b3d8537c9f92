// SHI-BIN-002: functions with buffers guard their return address. A file that copies no text and fills no buffer
// needs no guard, so only those that import such functions count.
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check stack_protector = check_reading<&Facts::executables, &Facts::services>(
    "SHI-BIN-002", 1, [](const std::vector<Executable>& executables, const std::vector<Service>& services, Report& out) {
        judge_hardening(executables, services, [](const Executable& executable) -> std::optional<bool> {
            if (executable.fortifiable.empty() && executable.dangerous.empty())
                return std::nullopt;
            return known(executable.canary);
        }, out);
    });

}  // namespace shirushi::check
