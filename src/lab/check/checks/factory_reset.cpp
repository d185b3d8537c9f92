// SHI-RST-001: one function takes the product back to its factory state and reaches all places where data are kept. Makers' own programs
// may do so unseen, so what is missing is for a person; only a reset that does nothing but restart is certain.
#include <algorithm>

#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check factory_reset = check_reading<&Facts::reset_mechanisms>("SHI-RST-001", 1, [](const std::vector<ResetMechanism>& mechanisms, Report& out) {
    if (mechanisms.empty())
        return out.review({.key = "none_found", .names = {}, .figures = {}, .evidence = {}});
    if (std::ranges::any_of(mechanisms, [](const ResetMechanism& each) { return each.complete == Answer::yes; }))
        return;
    const bool some_erases = std::ranges::any_of(mechanisms, [](const ResetMechanism& each) { return !each.erases.empty() || each.complete == Answer::unknown; });
    for (const ResetMechanism& each : mechanisms) {
        const auto said = [&](const char* key, std::vector<Argument> figures) { return Said{.key = key, .names = {{"name", each.name}}, .figures = std::move(figures), .evidence = {each.evidence}}; };
        if (each.complete == Answer::no && each.erases.empty()) {
            if (!some_erases)
                out.fail(said("only_restarts", {}));
        } else if (each.complete == Answer::no) {
            out.review(said("leaves", {{"left", joined(each.leaves)}, {"erased", joined(each.erases)}}));
        } else {
            each.note.empty() ? out.review(said("not_told", {{"erased", joined(each.erases)}})) : out.review(said("not_read", {{"note", each.note}}));
        }
    }
});

}  // namespace shirushi::check
