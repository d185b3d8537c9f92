#pragma once
// The files under web/ as they were when the program was built: templates, styles, scripts and texts. They live as long as
// the program; any thread may read them.

#include <span>
#include <string_view>

namespace shirushi::report {

struct Asset {
    std::string_view name;  ///< path below web/: "templates/report.mustache"
    std::string_view bytes;
};

/// All of them, sorted by name.
std::span<const Asset> assets();

/// The bytes of one; empty when there is no such file (which the tests rule out for every name the code asks for).
std::string_view asset(std::string_view name);

}  // namespace shirushi::report
