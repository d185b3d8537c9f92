// SHI-BIN-001: data is never run as code (NX).
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check executable_stack = check_reading<&Facts::executables, &Facts::services>(
    "SHI-BIN-001", 1, [](const std::vector<Executable>& executables, const std::vector<Service>& services, Report& out) {
        judge_hardening(executables, services, [](const Executable& executable) -> std::optional<bool> {
            return known(executable.nx);
        }, out);
    });

}  // namespace shirushi::check
