// SHI-BIN-007: functions that copy or format without a limit are used; whether each call is safe takes a person or
// an analysis of the calls.
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check uses_unbounded_copy =
    check_reading<&Facts::executables>("SHI-BIN-007", 1, [](const std::vector<Executable>& executables, Report& out) {
        if (auto said = said_of_imports(executables, out.words("functions")))
            out.review(std::move(*said));
    });

}  // namespace shirushi::check
