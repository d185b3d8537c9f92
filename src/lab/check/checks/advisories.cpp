#include "check/checks/advisories.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/advisory_match.hpp"

namespace shirushi::check {
namespace {

constexpr double high_score = 7.0;    // CVSS v3.1 section 5
constexpr double medium_score = 4.0;  // CVSS v3.1 section 5
constexpr std::size_t named_advisories = 5;

bool is_worse(const AdvisoryMatch* a, const AdvisoryMatch* b) {
    const auto key = [](const AdvisoryMatch* match) { return std::tuple(match->exploited_since.has_value(), match->score.value_or(0)); };
    if (key(a) != key(b))
        return key(a) > key(b);
    if (a->published != b->published)
        return a->published > b->published;
    return a->advisory < b->advisory;
}

/// One, or for a component without a version the number that ends the row's range ("busybox: 12").
std::uint64_t advisories_of(const AdvisoryMatch& match) {
    if (!match.advisory.empty())
        return 1;
    const auto space = match.range.rfind(' ');
    return to_integer<std::uint64_t>(std::string_view(match.range).substr(space == std::string::npos ? 0 : space + 1)).value_or(1);
}

template <class Wanted>
std::vector<Exposure> gathered(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches, const Wanted& wanted) {
    std::map<std::string_view, std::vector<const AdvisoryMatch*>> by_component;
    for (const AdvisoryMatch& match : matches)
        if (wanted(match))
            by_component[match.component].push_back(&match);
    std::vector<Exposure> result;
    for (const Component& component : components)
        if (const auto at = by_component.find(component.id); at != by_component.end()) {
            std::ranges::sort(at->second, is_worse);
            result.push_back({&component, at->second});
        }
    return result;
}

}  // namespace

std::vector<Exposure> affected(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches) {
    return gathered(components, matches, affects);
}

std::vector<Exposure> exploited(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches) {
    return gathered(components, matches, [](const AdvisoryMatch& match) { return affects(match) && match.exploited_since.has_value(); });
}

std::vector<Exposure> undecided(const std::vector<Component>& components, const std::vector<AdvisoryMatch>& matches, MatchState state) {
    return gathered(components, matches, [&](const AdvisoryMatch& match) { return match.state == state && !affects(match) && !is_set_aside(match); });
}

Level level_of(const Exposure& exposure) {
    const AdvisoryMatch& worst = *exposure.matches.front();
    if (worst.exploited_since || worst.score.value_or(medium_score) >= high_score)
        return Level::error;
    return worst.score.value_or(medium_score) >= medium_score ? Level::warning : Level::note;
}

Said said_of(const Exposure& exposure, std::string key, Weighed weighed) {
    const Component& component = *exposure.component;
    std::vector<std::string> ids;
    std::uint64_t count = 0;
    double worst = 0;
    std::size_t known_exploited = 0;
    for (const AdvisoryMatch* match : exposure.matches) {
        count += advisories_of(*match);
        if (!match->advisory.empty())
            ids.push_back(match->advisory);
        worst = std::max(worst, match->score.value_or(0));
        known_exploited += match->exploited_since ? 1 : 0;
    }
    std::string wording = count == 1 ? "one" : "many";
    if (weighed == Weighed::by_score_and_use && known_exploited > 0)
        wording += "_exploited";
    if (weighed != Weighed::no && worst == 0)
        wording += "_unscored";
    std::vector<Evidence> evidence(component.evidence.begin(),
                                   component.evidence.begin() + static_cast<std::ptrdiff_t>(std::min(component.evidence.size(), max_examples)));
    return {.key = std::move(key),
            .wording = std::move(wording),
            .names = {{"component", component.product.empty() ? component.name : component.product}},
            .figures = {{"version", component.version.empty() ? "?" : component.version},
                        {"count", fmt::to_string(count)},
                        {"score", fmt::format("{:.1f}", worst)},
                        {"exploited", fmt::to_string(known_exploited)},
                        {"advisories", joined(ids, named_advisories)}},
            .evidence = std::move(evidence)};
}

}  // namespace shirushi::check
