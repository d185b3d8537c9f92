// SHI-BIN-006: no program reads input with a function that cannot know the buffer's size.
#include "check/check.hpp"
#include "check/checks/hardening.hpp"

namespace shirushi::check {

extern constexpr Check uses_gets =
    check_reading<&Facts::executables>("SHI-BIN-006", 1, [](const std::vector<Executable>& executables, Report& out) {
        if (auto said = said_of_imports(executables, out.words("functions")))
            out.fail(std::move(*said));
    });

}  // namespace shirushi::check
