// SHI-VUL-005: advisories of components behind an external interface that cannot be decided are for a person.
#include "check/check.hpp"
#include "check/checks/advisories.hpp"

namespace shirushi::check {

extern constexpr Check exposed_undecided = check_reading<&Facts::components, &Facts::advisory_matches>(
    "SHI-VUL-005", 2, [](const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches, Report& out) {
        for (const MatchState state : undecided_states)
            for (const Exposure& exposure : undecided(components, matches, state))
                if (out.listed("products", exposure.component->product))
                    out.review(said_of(exposure, std::string(name_of(state)), Weighed::no));
    });

}  // namespace shirushi::check
