// CycloneDX's vulnerabilities: the advisories whose ranges hold a component. No analysis is claimed.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "model/advisory_match.hpp"
#include "sbom/documents/writing.hpp"

namespace shirushi::sbom {
namespace {

/// CycloneDX's word for whether a version is affected, once the statement about it is heard.
std::string_view status_of(const AdvisoryMatch& match) {
    if (is_set_aside(match))
        return "unaffected";
    if (affects(match))
        return "affected";
    switch (match.state) {
        case MatchState::affected: return "affected";
        case MatchState::mended:
        case MatchState::not_compiled_in: return "unaffected";
        case MatchState::version_unknown:
        case MatchState::superseded:
        case MatchState::open_ended: return "unknown";
    }
    return "unknown";
}

using Json = OrderedJson;

Json property(std::string_view name, std::string_view value) { return {{"name", fmt::format("shirushi:{}", name)}, {"value", value}}; }

std::string_view method_of(std::string_view vector, int minor) {
    if (vector.starts_with("CVSS:4"))
        return minor >= 5 ? "CVSSv4" : "other";
    if (vector.starts_with("CVSS:3.1"))
        return "CVSSv31";
    if (vector.starts_with("CVSS:3"))
        return "CVSSv3";
    return vector.starts_with("AV:") ? "CVSSv2" : "other";
}

/// Qualitative severity: CVSS 3.1 section 5; NVD's three ranges for CVSS 2.
std::string_view severity_of(double score, bool second_version) {
    if (score >= 9.0 && !second_version)
        return "critical";
    if (score >= 7.0)
        return "high";
    if (score >= 4.0)
        return "medium";
    return score > 0.0 || second_version ? "low" : "none";
}

Json source_json(const std::string& advisory) { return {{"name", "NVD"}, {"url", "https://nvd.nist.gov/vuln/detail/" + advisory}}; }

Json affects_of(const std::vector<const AdvisoryMatch*>& matches, const std::map<std::string, const DocumentComponent*>& by_ref) {
    Json affects = Json::array();
    for (const AdvisoryMatch* match : matches) {
        Json one = {{"ref", match->component}};
        const auto component = by_ref.find(match->component);
        if (component != by_ref.end() && !component->second->version.empty())
            one["versions"] = Json::array({{{"version", component->second->version}, {"status", status_of(*match)}}});
        if (std::ranges::find(affects, one) == affects.end())
            affects.push_back(std::move(one));
    }
    return affects;
}

Json vulnerability_json(const std::vector<const AdvisoryMatch*>& matches, const std::map<std::string, const DocumentComponent*>& by_ref, int minor) {
    const auto scored = std::ranges::find_if(matches, [](const AdvisoryMatch* match) { return match->score.has_value(); });
    const AdvisoryMatch& first = scored == matches.end() ? *matches.front() : **scored;  // all say the same of the advisory, or nothing
    Json out = {{"bom-ref", "shirushi:vulnerability:" + first.advisory}, {"id", first.advisory}, {"source", source_json(first.advisory)}};
    if (first.score && std::isfinite(*first.score)) {
        const std::string_view method = method_of(first.vector, minor);
        Json rating = {{"source", {{"name", "NVD"}}},
                       {"score", *first.score},
                       {"severity", severity_of(*first.score, method == "CVSSv2")},
                       {"method", method}};
        if (!first.vector.empty())
            rating["vector"] = first.vector;
        out["ratings"] = Json::array({std::move(rating)});
    }
    Json cwes = Json::array();
    for (const std::string& cwe : first.cwe)
        if (const auto number = to_integer<std::uint32_t>(std::string_view(cwe).substr(cwe.starts_with("CWE-") ? 4 : 0)); number && *number > 0)
            cwes.push_back(*number);
    if (!cwes.empty())
        out["cwes"] = std::move(cwes);
    if (!first.published.empty())
        out["published"] = first.published + "T00:00:00Z";
    out["affects"] = affects_of(matches, by_ref);
    Json properties = Json::array();
    for (const AdvisoryMatch* match : matches) {
        properties.push_back(property("match:" + match->component, name_of(match->state)));
        if (!match->range.empty())
            properties.push_back(property("range:" + match->component, match->range));
        if (const auto& stated = match->statement)
            properties.push_back(property("statement:" + match->component, fmt::format("{} ({}), {} {}", name_of(stated->status), name_of(stated->use), stated->document, stated->place)));
    }
    if (first.exploited_since)
        properties.push_back(property("exploited-since", *first.exploited_since));
    out["properties"] = std::move(properties);
    return out;
}

}  // namespace

OrderedJson vulnerabilities_json(const Document& document, const Table<AdvisoryMatch>& matches, int minor) {
    std::map<std::string, const DocumentComponent*> by_ref;
    for (const DocumentComponent& component : document.components)
        by_ref.emplace(component.ref, &component);
    std::map<std::string, std::vector<const AdvisoryMatch*>> by_advisory;
    for (const AdvisoryMatch& match : matches.rows)
        if (by_ref.contains(match.component))
            by_advisory[match.advisory].push_back(&match);
    Json out = Json::array();
    for (auto& [advisory, rows] : by_advisory) {
        std::ranges::stable_sort(rows, {}, &AdvisoryMatch::component);
        out.push_back(vulnerability_json(rows, by_ref, minor));
    }
    return out;
}

}  // namespace shirushi::sbom
