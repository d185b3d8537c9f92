// SHI-BIN-004: programs are loaded at an address nobody can foretell (PIE).
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check position_independent = check_reading<&Facts::executables, &Facts::services>(
    "SHI-BIN-004", 1, [](const std::vector<Executable>& executables, const std::vector<Service>& services, Report& out) {
        judge_hardening(executables, services, [](const Executable& executable) -> std::optional<bool> {
            if (executable.kind != ElfKind::executable)
                return std::nullopt;
            return known(executable.pie);
        }, out);
    });

}  // namespace shirushi::check
