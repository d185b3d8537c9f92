// Components with the advisories whose ranges fit, in the order of the assessment's priorities; then what is not decided, then what is excluded.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>
#include <map>

#include "model/advisory_match.hpp"
#include "report/html_parts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_components = 200;
constexpr std::size_t most_matches = 12;  // of one component

/// CVSS v3.1 section 5: critical from 9.0, high from 7.0.
std::string_view heat_of(double score) {
    return score >= 9 ? "critical" : score >= 7 ? "high" : "low";
}

/// The assessment's priorities, found by advisory and component.
class Priorities {
public:
    explicit Priorities(const std::vector<MatchPriority>& rows) : rows_(rows) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            places_.try_emplace(std::pair<std::string_view, std::string_view>(rows[i].advisory, rows[i].component), i);
    }

    [[nodiscard]] const MatchPriority* of(const AdvisoryMatch& match) const {
        const std::size_t place = place_of(match);
        return affects(match) && place < rows_.size() ? &rows_[place] : nullptr;
    }

    /// What affects by priority; what a person must decide; what is excluded or set aside; each of these by known exploitation, then score.
    [[nodiscard]] auto urgency_of(const AdvisoryMatch& match) const {
        const int weight = affects(match) ? 0 : is_set_aside(match) ? 100 : 1 + static_cast<int>(match.state);
        return std::tuple(weight, place_of(match), !match.exploited_since.has_value(), -match.score.value_or(-1));
    }

    [[nodiscard]] bool more_urgent(const AdvisoryMatch* a, const AdvisoryMatch* b) const {
        return std::pair(urgency_of(*a), std::string_view(a->advisory)) < std::pair(urgency_of(*b), std::string_view(b->advisory));
    }

private:
    [[nodiscard]] std::size_t place_of(const AdvisoryMatch& match) const {
        const auto found = places_.find(std::pair<std::string_view, std::string_view>(match.advisory, match.component));
        return found == places_.end() ? rows_.size() : found->second;
    }

    const std::vector<MatchPriority>& rows_;
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> places_;
};

/// A match that is not decided counts as no exploitation of this product.
bool is_exploited(const AdvisoryMatch& match) {
    return affects(match) && match.exploited_since.has_value();
}

/// "maker, router.vex.json: not affected, component_not_present; words".
void view_statement(View& row, const AdvisoryMatch& match, const Texts& texts) {
    row.flag("has_statement", match.statement.has_value());
    const MatchStatement statement = match.statement.value_or(MatchStatement{});
    const Text use = statement.use != StatementUse::applied ? texts.word("vex", statement.use) : texts.of(is_set_aside(match) ? "vex.suppressed" : "vex.heard");
    const Text status = texts.word("vex", statement.status);
    row.put("statement_said", Text{use.en + ": " + status.en, use.ja + ": " + status.ja});
    std::string words = statement.author.empty() ? statement.document : fmt::format("{}, {}", statement.author, statement.document);
    if (statement.justification != VexJustification::none)
        words += fmt::format("; {}", name_of(statement.justification));
    for (const std::string& more : {statement.words, statement.contradiction})
        if (!more.empty())
            words += "; " + more;
    row.put("statement_words", words);
}

/// `said`: what it stands under says that it is exploited.
View match_view(const AdvisoryMatch& match, bool said, const Texts& texts) {
    View row;
    row.put("advisory", match.advisory);
    row.flag("exploited", match.exploited_since.has_value());
    row.flag("said", said);
    row.put("since", match.exploited_since.value_or(""));
    row.flag("has_score", match.score.has_value());
    row.put("score", fmt::format("{:.1f}", match.score.value_or(0)));
    row.put("heat", heat_of(match.score.value_or(0)));
    row.put("range", match.range);
    row.put("published", match.published);
    view_statement(row, match, texts);
    return row;
}

using Matches = std::vector<const AdvisoryMatch*>;

/// Matches of one component that stand together: of one state and, where they affect it, of one priority.
View group_view(std::span<const AdvisoryMatch* const> matches, const MatchPriority* priority, bool first, const Texts& texts) {
    View group;
    group.put("state", texts.word("match", matches.front()->state));
    group.flag("has_priority", priority != nullptr);
    group.put("priority", priority == nullptr ? Text{} : texts.word("priority", priority->priority));
    group.flag("has_words", first && priority != nullptr);  // of the most urgent one: the others' are in assessment.json
    group.put("priority_words", priority == nullptr ? Text{} : priority->words);
    const bool exploited = priority != nullptr && priority->priority == Priority::exploited;
    group.each("matches", matches, [&](const AdvisoryMatch* match) { return match_view(*match, exploited, texts); });
    return group;
}

std::vector<View> group_views(std::span<const AdvisoryMatch* const> matches, const Priorities& priorities, const Texts& texts) {
    const auto key = [&](const AdvisoryMatch* match) {
        const MatchPriority* priority = priorities.of(*match);
        return std::tuple(match->state, priority != nullptr, priority != nullptr ? priority->priority : Priority::idle);
    };
    std::vector<View> groups;
    for (std::size_t from = 0; from < matches.size();) {
        const auto rest = matches.subspan(from);
        const auto end = std::ranges::find_if(rest, [&](const AdvisoryMatch* match) { return key(match) != key(rest.front()); });
        const auto count = static_cast<std::size_t>(end - rest.begin());
        groups.push_back(group_view(rest.first(count), priorities.of(*rest.front()), from == 0, texts));
        from += count;
    }
    return groups;
}

View component_view(const Component& component, const Matches& matches, const Priorities& priorities, const Texts& texts) {
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
    row.lists["groups"] = group_views(listed, priorities, texts);
    row.flag("has_more", matches.size() > listed.size());
    row.put("more", std::to_string(matches.size() - listed.size()));
    return row;
}

}  // namespace

void view_components(View& page, const Assessment& assessment, const Facts& facts, const Texts& texts) {
    const Priorities priorities(assessment.priorities);
    std::map<std::string_view, Matches> matches_of;
    std::size_t exploited = 0;
    for (const AdvisoryMatch& match : facts.advisory_matches.rows) {
        matches_of[match.component].push_back(&match);
        exploited += is_exploited(match) ? 1 : 0;
    }
    for (auto& [component, matches] : matches_of)
        std::ranges::stable_sort(matches, [&](const AdvisoryMatch* a, const AdvisoryMatch* b) { return priorities.more_urgent(a, b); });
    std::vector<const Component*> components;
    for (const Component& component : facts.components.rows)
        components.push_back(&component);
    const auto urgency = [&](const Component* a, const Component* b) {
        const auto at_a = matches_of.find(a->id);
        const auto at_b = matches_of.find(b->id);
        if (at_a == matches_of.end() || at_b == matches_of.end())
            return at_a != matches_of.end() && at_b == matches_of.end();
        return priorities.urgency_of(*at_a->second.front()) < priorities.urgency_of(*at_b->second.front());
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
        return component_view(*component, at == matches_of.end() ? Matches{} : at->second, priorities, texts);
    });
    page.flag("has_more_components", components.size() > listed.size());
    page.put("more_components", std::to_string(components.size() - listed.size()));
}

}  // namespace shirushi::report
