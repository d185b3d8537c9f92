#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/package_url.hpp"
#include "model/timestamp.hpp"
#include "vex/vex.hpp"
#include "vuln/package_names.hpp"
#include "vuln/version_range_specifier.hpp"

namespace shirushi::vex {
namespace {

/// How far a statement fits a component, best last.
enum class Fit { none, range_not_compared, no_version, other_version, applies };

/// A version as it stands, without a distribution's epoch and revision, and how constraints without a type are compared with it.
struct FoundVersion {
    std::string whole;
    std::string plain;
    vuln::VersionScheme scheme = vuln::VersionScheme::generic;
};

Fit fit_of_range(const std::string& range, const FoundVersion& found) {
    const auto vers = vuln::parse_vers(range, found.scheme);
    if (!vers || found.whole.empty())
        return Fit::range_not_compared;
    return vuln::contains(*vers, vers->of_distribution ? found.whole : found.plain) ? Fit::applies : Fit::other_version;
}

Fit fit_of_version(const VexItem& item, const FoundVersion& found) {
    if (item.version.empty())
        return item.range.empty() ? Fit::no_version : fit_of_range(item.range, found);
    return item.version == found.whole || item.version == found.plain ? Fit::applies : Fit::other_version;
}

FoundVersion version_of(const Component& component) {
    const auto url = parse_package_url(component.purl);
    // Constraints that name no type are upstream's numbers, but for languages, where there is nobody else's.
    const bool of_language = url && is_language_type(url->type);
    return {component.version, vuln::upstream_version(component), of_language ? vuln::scheme_of_ecosystem(url->type) : vuln::VersionScheme::generic};
}

/// The same package, whatever its version; qualifiers count where both have them.
bool same_package(const std::string& stated, const std::string& found) {
    const auto a = parse_package_url(stated);
    const auto b = parse_package_url(found);
    if (!a || !b || a->type != b->type || lowered(a->space) != lowered(b->space) || lowered(a->name) != lowered(b->name))
        return false;
    return std::ranges::all_of(a->qualifiers, [&](const auto& qualifier) {
        const auto same = b->qualifiers.find(qualifier.first);
        return same == b->qualifiers.end() || same->second == qualifier.second;
    });
}

/// A purl's version is the package's whole one.
Fit fit_of_purl(const VexItem& item, const Component& component) {
    if (!item.version.empty())
        return item.version == component.version ? Fit::applies : Fit::other_version;
    return fit_of_version(item, version_of(component));
}

/// A purl decides where both have one; a CPE where there is no purl; else the name.
Fit fit_of_component(const VexItem& item, const Component& component) {
    if (!item.purl.empty() && !component.purl.empty())
        return same_package(item.purl, component.purl) ? fit_of_purl(item, component) : Fit::none;
    if (const auto cpe = parse_cpe(item.cpe)) {
        const bool listed = std::ranges::find(component.cpe, cpe->pair) != component.cpe.end();
        return listed ? fit_of_version(item, version_of(component)) : Fit::none;
    }
    if (item.name.empty() || !item.purl.empty())
        return Fit::none;
    const std::string name = lowered(item.name);
    if (name != lowered(component.name) && name != lowered(component.product))
        return Fit::none;
    return fit_of_version(item, version_of(component));
}

Fit fit_of_subject(const VexItem& item, const Subject& subject) {
    if (!item.sha256.empty() && !subject.sha256.empty())
        return item.sha256 == subject.sha256 ? Fit::applies : Fit::none;
    if (subject.name.empty() || lowered(item.name) != lowered(subject.name))
        return Fit::none;
    return fit_of_version(item, {subject.version, subject.version});
}

Fit fit_of(const VexProduct& product, const Subject& subject, const Component& component) {
    const Fit whole = fit_of_subject(product.item, subject);
    if (product.parts.empty())
        return std::max(whole, fit_of_component(product.item, component));
    // In another product the same part may well be safe: the statement says nothing about this one.
    if (whole == Fit::none && !(subject.name.empty() && subject.sha256.empty()))
        return Fit::none;
    Fit best = Fit::none;
    for (const VexItem& part : product.parts) {
        Fit fit = fit_of_component(part, component);
        // A product that is versioned scopes its parts: these need no version of their own then.
        if (fit == Fit::no_version && whole == Fit::applies)
            fit = Fit::applies;
        best = std::max(best, fit);
    }
    return whole == Fit::none ? best : std::min(best, whole);
}

Outcome outcome_of(VexStatus status) {
    switch (status) {
        case VexStatus::not_affected:
        case VexStatus::fixed: return Outcome::suppressed;
        case VexStatus::affected: return Outcome::confirmed;
        case VexStatus::under_investigation: return Outcome::in_triage;
    }
    return Outcome::in_triage;
}

Outcome outcome_of(Fit fit) {
    switch (fit) {
        case Fit::range_not_compared: return Outcome::range_not_compared;
        case Fit::no_version: return Outcome::no_version;
        default: return Outcome::other_version;
    }
}

/// What was observed that makes the statement's justification false; empty where nothing was.
std::string contradiction_of(const VexStatement& statement, const Component& component, const AdvisoryMatch& match) {
    if (statement.status != VexStatus::not_affected)
        return {};
    if (statement.justification == VexJustification::component_not_present && component.source != ComponentSource::declared)
        return fmt::format("{} was found in {}", component.id, component.evidence.empty() ? "the image" : component.evidence.front().path);
    if (statement.justification == VexJustification::vulnerable_code_not_present && !match.built_part.empty())
        return fmt::format("{} was built into {}", match.built_part, component.id);
    return {};
}

bool says_why(const VexStatement& statement) {
    return statement.status != VexStatus::not_affected || statement.justification != VexJustification::none || !trimmed(statement.impact).empty();
}

/// What the chosen statement, which fits so far, means for the match.
Decision decide(std::size_t match, std::size_t index, Fit fit, const VexStatement& statement, const Component& component, const AdvisoryMatch& row) {
    Decision decision{.match = match, .statement = index, .outcome = outcome_of(fit)};
    if (fit != Fit::applies)
        return decision;
    decision.contradiction = contradiction_of(statement, component, row);
    decision.outcome = !decision.contradiction.empty() ? Outcome::contradicted
                       : !says_why(statement)          ? Outcome::unexplained
                                                       : outcome_of(statement.status);
    return decision;
}

StatementUse use_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::suppressed:
        case Outcome::confirmed:
        case Outcome::in_triage: return StatementUse::applied;
        case Outcome::unexplained: return StatementUse::unexplained;
        case Outcome::contradicted: return StatementUse::contradicted;
        case Outcome::other_version: return StatementUse::other_version;
        case Outcome::no_version: return StatementUse::no_version;
        case Outcome::range_not_compared: return StatementUse::range_not_compared;
    }
    return StatementUse::range_not_compared;
}

}  // namespace

std::vector<Decision> apply(const std::vector<VexStatement>& statements, const Subject& subject, const Table<Component>& components,
                            const Table<AdvisoryMatch>& matches) {
    if (statements.empty())
        return {};
    std::map<std::string_view, std::vector<std::size_t>> about;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        about[statements[i].vulnerability].push_back(i);
        for (const std::string& alias : statements[i].aliases)
            if (alias != statements[i].vulnerability)
                about[alias].push_back(i);
    }
    std::map<std::string_view, const Component*> by_id;
    for (const Component& component : components.rows)
        by_id.emplace(component.id, &component);
    std::vector<Decision> decisions;
    for (std::size_t i = 0; i < matches.rows.size(); ++i) {
        const auto listed = about.find(matches.rows[i].advisory);
        const auto component = by_id.find(matches.rows[i].component);
        if (listed == about.end() || component == by_id.end())
            continue;
        Fit best = Fit::none;
        std::size_t chosen = 0;
        for (const std::size_t index : listed->second) {
            Fit fit = Fit::none;
            for (const VexProduct& product : statements[index].products)
                fit = std::max(fit, fit_of(product, subject, *component->second));
            const bool later = fit == best && utc_text(statements[index].timestamp) >= utc_text(statements[chosen].timestamp);
            if (fit != Fit::none && (fit > best || later)) {
                best = fit;
                chosen = index;
            }
        }
        if (best != Fit::none)
            decisions.push_back(decide(i, chosen, best, statements[chosen], *component->second, matches.rows[i]));
    }
    return decisions;
}

void record(const std::vector<VexStatement>& statements, const std::vector<Decision>& decisions, Table<AdvisoryMatch>& matches) {
    for (const Decision& decision : decisions) {
        const VexStatement& statement = statements[decision.statement];
        const bool acts = statement.status == VexStatus::affected && !statement.action.empty();
        matches.rows[decision.match].statement = MatchStatement{.status = statement.status,
                                                                .justification = statement.justification,
                                                                .words = acts ? statement.action : statement.impact,
                                                                .author = statement.author,
                                                                .document = statement.document,
                                                                .place = statement.place,
                                                                .timestamp = statement.timestamp,
                                                                .use = use_of(decision.outcome),
                                                                .contradiction = decision.contradiction};
    }
}

}  // namespace shirushi::vex
