// Components with the advisories whose ranges fit, those with known exploitation and high scores first.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>
#include <map>

#include "report/html_parts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_components = 200;
constexpr std::size_t most_matches = 12;  // of one component

/// CVSS v3.1 section 5: critical from 9.0, high from 7.0.
std::string_view heat_of(double score) {
    return score >= 9 ? "critical" : score >= 7 ? "high" : "low";
}

/// What is decided before what a person must decide, then what is known to be exploited, then by score.
auto urgency_of(const AdvisoryMatch& match) {
    return std::tuple(match.state, !match.exploited_since.has_value(), -match.score.value_or(-1));
}

bool more_urgent(const AdvisoryMatch* a, const AdvisoryMatch* b) {
    return std::pair(urgency_of(*a), std::string_view(a->advisory)) < std::pair(urgency_of(*b), std::string_view(b->advisory));
}

/// A match that is not decided counts as no exploitation of this product.
bool is_exploited(const AdvisoryMatch& match) {
    return match.state == MatchState::affected && match.exploited_since.has_value();
}

View match_view(const AdvisoryMatch& match, const Texts& texts) {
    View row;
    row.put("advisory", match.advisory);
    row.flag("exploited", match.exploited_since.has_value());
    row.put("since", match.exploited_since.value_or(""));
    row.flag("has_score", match.score.has_value());
    row.put("score", fmt::format("{:.1f}", match.score.value_or(0)));
    row.put("heat", heat_of(match.score.value_or(0)));
    row.put("state", texts.word("match", match.state));
    row.put("range", match.range);
    row.put("published", match.published);
    return row;
}

using Matches = std::vector<const AdvisoryMatch*>;

View component_view(const Component& component, const Matches& matches, const Texts& texts) {
    View row;
    row.put("name", component.name.empty() ? component.product : component.name);
    row.flag("has_version", !component.version.empty());
    row.put("version", component.version);
    row.put("source", texts.word("component_source", component.source));
    row.put("where", component.evidence.empty() ? std::string() : component.evidence.front().path);
    double top = -1;
    for (const AdvisoryMatch* match : matches)
        top = std::max(top, match->score.value_or(-1));
    row.flag("has_matches", !matches.empty());
    row.put("match_count", std::to_string(matches.size()));
    row.flag("has_top", top >= 0);
    row.put("top", fmt::format("{:.1f}", std::max(top, 0.0)));
    row.put("heat", heat_of(top));
    row.flag("exploited", std::ranges::any_of(matches, [](const AdvisoryMatch* match) { return is_exploited(*match); }));
    const std::span listed(matches.data(), std::min(matches.size(), most_matches));
    row.each("matches", listed, [&](const AdvisoryMatch* match) { return match_view(*match, texts); });
    row.flag("has_more", matches.size() > listed.size());
    row.put("more", std::to_string(matches.size() - listed.size()));
    return row;
}

}  // namespace

void view_components(View& page, const Facts& facts, const Texts& texts) {
    std::map<std::string_view, Matches> matches_of;
    std::size_t exploited = 0;
    for (const AdvisoryMatch& match : facts.advisory_matches.rows) {
        matches_of[match.component].push_back(&match);
        exploited += is_exploited(match) ? 1 : 0;
    }
    for (auto& [component, matches] : matches_of)
        std::ranges::stable_sort(matches, more_urgent);
    std::vector<const Component*> components;
    for (const Component& component : facts.components.rows)
        components.push_back(&component);
    const auto urgency = [&](const Component* a, const Component* b) {
        const auto at_a = matches_of.find(a->id);
        const auto at_b = matches_of.find(b->id);
        if (at_a == matches_of.end() || at_b == matches_of.end())
            return at_a != matches_of.end() && at_b == matches_of.end();
        return urgency_of(*at_a->second.front()) < urgency_of(*at_b->second.front());
    };
    std::ranges::stable_sort(components, urgency);
    const std::span listed(components.data(), std::min(components.size(), most_components));
    page.flag("components_observed", facts.components.observed);
    page.flag("matches_observed", facts.advisory_matches.observed);
    page.put("component_count", grouped(facts.components.rows.size()));
    page.put("match_count", grouped(facts.advisory_matches.rows.size()));
    page.put("exploited_count", grouped(exploited));
    page.each("components", listed, [&](const Component* component) {
        const auto at = matches_of.find(component->id);
        return component_view(*component, at == matches_of.end() ? Matches{} : at->second, texts);
    });
    page.flag("has_more_components", components.size() > listed.size());
    page.put("more_components", std::to_string(components.size() - listed.size()));
}

}  // namespace shirushi::report
