// SHI-BIN-009: libraries are loaded only from places that belong to the system. An empty or relative element means the
// current folder (ld.so(8)); $ORIGIN is the program's own folder and is fine.
#include <algorithm>

#include "base/text.hpp"
#include "check/check.hpp"

namespace shirushi::check {
namespace {

bool is_unsafe(std::string_view element, std::span<const std::string> unsafe_places) {
    if (element.starts_with("$ORIGIN") || element.starts_with("${ORIGIN}"))
        return false;
    if (!element.starts_with('/'))
        return true;
    return std::ranges::any_of(unsafe_places, [&](const std::string& place) {
        return element == place || (element.starts_with(place) && element[place.size()] == '/');
    });
}

}  // namespace

extern constexpr Check unsafe_library_path =
    check_reading<&Facts::executables>("SHI-BIN-009", 1, [](const std::vector<Executable>& executables, Report& out) {
        for (const Executable& executable : executables) {
            if (executable.run_path.empty())
                continue;
            const auto places = out.words("unsafe_places");
            if (std::ranges::any_of(split(executable.run_path, ':'), [&](std::string_view element) { return is_unsafe(element, places); }))
                out.fail({.key = "unsafe",
                          .names = {{"file", executable.path}, {"path", executable.run_path}},
                          .figures = {},
                          .evidence = {{.path = executable.path, .offset = std::nullopt, .excerpt = executable.run_path}}});
        }
    });

}  // namespace shirushi::check
