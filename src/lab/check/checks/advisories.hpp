#pragma once
// Advisory matches gathered per component: a person mends components, not CVE numbers.

#include <string>
#include <vector>

#include "check/check.hpp"

namespace shirushi::check {

struct Exposure {
    const Component* component = nullptr;        ///< borrowed from the facts
    std::vector<const AdvisoryMatch*> matches;   ///< worst first: known exploited, then score, then newest, then id
};

/// One entry per component with at least one match that affects it (model/advisory_match.hpp), in the components' order. Matches that name a component
/// which is not in the table are left out.
std::vector<Exposure> affected(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches);
/// Those affected by something that is known to be exploited.
std::vector<Exposure> exploited(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches);
/// The states that name and version alone cannot decide: each is for a person.
inline constexpr MatchState undecided_states[] = {MatchState::version_unknown, MatchState::superseded, MatchState::open_ended};
/// Those whose matches could not be decided, of one state.
std::vector<Exposure> undecided(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches, MatchState state);

/// Level of the worst match by CVSS v3.1's rating (section 5): 7.0 and above, or known exploited, is an error; 4.0 and above,
/// or no score, a warning; below, a note.
Level level_of(const Exposure& exposure);

/// What a sentence about an exposure says beside its count: nothing, the highest score, or that and the known exploitation.
enum class Weighed { no, by_score, by_score_and_use };

/// The exposure as a finding's words: names {component}; figures {version}, {count}, {score}, {exploited}, {advisories}.
/// Wording: "one" or "many" advisories; then, by `weighed`, "_exploited" where any is known to be, "_unscored" where none has
/// a score.
Said said_of(const Exposure& exposure, std::string key, Weighed weighed);

}  // namespace shirushi::check
