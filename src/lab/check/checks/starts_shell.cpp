// SHI-BIN-008: functions that run a command line through a shell are used; whether input reaches it takes a person.
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check starts_shell =
    check_reading<&Facts::executables>("SHI-BIN-008", 1, [](const std::vector<Executable>& executables, Report& out) {
        if (auto said = said_of_imports(executables, out.words("functions")))
            out.review(std::move(*said));
    });

}  // namespace shirushi::check
