#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/package_url.hpp"
#include "model/timestamp.hpp"
#include "vex/vex.hpp"

namespace shirushi::vex {
namespace {

/// How far a statement fits a component, best last.
enum class Fit { none, range_not_compared, no_version, other_version, applies };

Fit fit_of_version(const VexItem& item, std::string_view version, std::string_view plain) {
    if (item.version.empty())
        return item.range.empty() ? Fit::no_version : Fit::range_not_compared;
    return item.version == version || item.version == plain ? Fit::applies : Fit::other_version;
}

/// "1:1.35.0-4" -> "1.35.0": what advisories and upstream call it. Only packages of distributions have epochs and revisions.
std::string_view without_revision(const Component& component) {
    std::string_view version = component.version;
    if (component.ecosystem.empty())
        return version;
    if (const auto colon = version.find(':'); colon != std::string_view::npos)
        version.remove_prefix(colon + 1);
    return version.substr(0, version.rfind('-'));
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

/// A purl decides where both have one; a CPE where there is no purl; else the name.
Fit fit_of_component(const VexItem& item, const Component& component) {
    if (!item.purl.empty() && !component.purl.empty())
        return same_package(item.purl, component.purl) ? fit_of_version(item, component.version, component.version) : Fit::none;
    if (const auto cpe = parse_cpe(item.cpe)) {
        const bool listed = std::ranges::find(component.cpe, cpe->pair) != component.cpe.end();
        return listed ? fit_of_version(item, component.version, without_revision(component)) : Fit::none;
    }
    if (item.name.empty() || !item.purl.empty())
        return Fit::none;
    const std::string name = lowered(item.name);
    if (name != lowered(component.name) && name != lowered(component.product))
        return Fit::none;
    return fit_of_version(item, component.version, without_revision(component));
}

Fit fit_of_subject(const VexItem& item, const Subject& subject) {
    if (!item.sha256.empty() && !subject.sha256.empty())
        return item.sha256 == subject.sha256 ? Fit::applies : Fit::none;
    if (subject.name.empty() || lowered(item.name) != lowered(subject.name))
        return Fit::none;
    return fit_of_version(item, subject.version, subject.version);
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

}  // namespace

std::vector<Decision> apply(const std::vector<VexStatement>& statements, const Subject& subject, const Table<Component>& components,
                            const Table<AdvisoryMatch>& matches) {
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
            decisions.push_back({.match = i,
                                 .statement = chosen,
                                 .outcome = best == Fit::applies ? outcome_of(statements[chosen].status) : outcome_of(best)});
    }
    return decisions;
}

}  // namespace shirushi::vex
