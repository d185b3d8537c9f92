// SHI-BIN-005: tables of function addresses are read-only once the program runs (RELRO). Partial counts as having
// it: the rest is a matter of start-up time that makers may choose.
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check read_only_relocations = check_reading<&Facts::executables, &Facts::services>(
    "SHI-BIN-005", 1, [](const std::vector<Executable>& executables, const std::vector<Service>& services, Report& out) {
        judge_hardening(executables, services, [](const Executable& executable) -> std::optional<bool> {
            if (!executable.dynamic)
                return std::nullopt;
            return executable.relro != Relro::none;
        }, out);
    });

}  // namespace shirushi::check
