// OASIS SARIF 2.1.0 (plus errata 01). One run, one driver; rules from the checks' texts (3.49), a result for each finding
// that is not a plain pass (3.27), places as byte offsets in files of the image (3.29, 3.30). The path inside the image
// becomes a relative URI below the base "IMAGE" (3.4.4), percent-encoded as RFC 3986 asks.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/json_fields.hpp"
#include "report/ranking.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"

namespace shirushi::report {
namespace {

using json::Json;

/// RFC 3986 section 3.3 pchar, and the slash; everything else by its bytes. "@" stays: containers are named "squashfs@0x40".
std::string encoded_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/@+=").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
    while (out.starts_with('/'))  // a leading slash would leave the base
        out.erase(0, 1);
    return out;
}

Json message(std::string_view text) {
    const std::string fit = shown(text);
    return {{"text", fit.empty() ? std::string("-") : fit}};
}

Json rule(const CheckText& check) {
    Json rule{{"id", shown(check.id)}, {"shortDescription", message(check.title.en)}, {"fullDescription", message(check.title.en)}};
    rule["help"] = message(check.remedy.en + " Limits: " + check.limits.en);
    rule["defaultConfiguration"] = {{"level", name_of(check.level)}};
    Json relationships = Json::array();
    for (const std::string& cwe : check.cwe)
        relationships.push_back({{"target", {{"id", shown(cwe)}, {"toolComponent", {{"name", "CWE"}}}}}, {"kinds", {"superset"}}});
    if (!relationships.empty())
        rule["relationships"] = relationships;
    rule["properties"] = {{"title_ja", shown(check.title.ja)}, {"remedy_ja", shown(check.remedy.ja)}, {"limits_ja", shown(check.limits.ja)}};
    return rule;
}

Json location(const Evidence& evidence) {
    Json artifact{{"uri", encoded_path(evidence.path)}, {"uriBaseId", "IMAGE"}};
    Json physical{{"artifactLocation", std::move(artifact)}};
    // byteOffset without byteLength is an empty region, an insertion point (3.30.11, 3.30.12): one byte marks the place.
    if (evidence.offset && *evidence.offset <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        physical["region"] = {{"byteOffset", *evidence.offset}, {"byteLength", 1}};
        if (!evidence.excerpt.empty())
            physical["region"]["snippet"] = message(evidence.excerpt);
    }
    return {{"physicalLocation", std::move(physical)}};
}

std::string_view sarif_kind(Kind kind) {
    return kind == Kind::not_applicable ? "notApplicable" : name_of(kind);
}

/// Requirements whose verdict rests on each finding.
std::map<std::string_view, Json> requirements_of(const Assessment& assessment) {
    std::map<std::string_view, Json> result;
    for (const Verdict& verdict : assessment.verdicts)
        for (const std::string& fingerprint : verdict.findings)
            result[fingerprint].push_back(shown(verdict.requirement));
    return result;
}

Json result(const Finding& finding, const std::map<std::string_view, std::size_t>& rules,
            const std::map<std::string_view, Json>& requirements) {
    Json result{{"ruleId", shown(finding.check_id)}};
    if (const auto at = rules.find(finding.check_id); at != rules.end())
        result["ruleIndex"] = at->second;
    result["kind"] = sarif_kind(finding.kind);
    // 3.27.10: a level other than "none" is for kind "fail" alone.
    result["level"] = finding.kind == Kind::fail ? name_of(finding.level) : "none";
    result["message"] = message(finding.message.en);
    Json locations = Json::array();
    for (const Evidence& evidence : finding.evidence)
        locations.push_back(location(evidence));
    result["locations"] = locations;
    result["partialFingerprints"] = {{"shirushi/1", shown(finding.fingerprint)}};
    result["properties"] = {{"message_ja", shown(finding.message.ja)}};
    if (const auto at = requirements.find(finding.fingerprint); at != requirements.end())
        result["properties"]["requirements"] = at->second;
    return result;
}

Json cwe_taxonomy(const std::vector<CheckText>& checks) {
    std::set<std::string> ids;
    for (const CheckText& check : checks)
        for (const std::string& cwe : check.cwe)
            ids.insert(shown(cwe));
    Json taxa = Json::array();
    for (const std::string& id : ids)
        taxa.push_back({{"id", id}});
    return {{"name", "CWE"}, {"organization", "MITRE"}, {"shortDescription", message("Common Weakness Enumeration")}, {"taxa", taxa}};
}

Json driver(const Assessment& assessment, const std::vector<CheckText>& checks) {
    const std::string program = shown(assessment.program);
    const auto space = program.find(' ');
    Json driver{{"name", program.substr(0, space)}};
    if (space != std::string::npos && space + 1 < program.size())
        driver["version"] = program.substr(space + 1);
    driver["rules"] = Json::array();
    for (const CheckText& check : checks)
        driver["rules"].push_back(rule(check));
    driver["supportedTaxonomies"] = Json::array({{{"name", "CWE"}}});
    return driver;
}

Json notifications(const Assessment& assessment) {
    Json list = Json::array();
    for (const std::string& note : assessment.notes)
        list.push_back({{"level", "note"}, {"message", message(note)}});
    return list;
}

}  // namespace

std::string sarif(const Assessment& assessment, const std::vector<CheckText>& checks) {
    std::map<std::string_view, std::size_t> rules;
    for (std::size_t i = 0; i < checks.size(); ++i)
        rules.emplace(checks[i].id, i);
    const auto requirements = requirements_of(assessment);
    Json results = Json::array();
    for (const Finding& finding : assessment.findings)
        if (finding.kind != Kind::pass && finding.kind != Kind::not_applicable)
            results.push_back(result(finding, rules, requirements));
    Json run{{"tool", {{"driver", driver(assessment, checks)}}}};
    run["invocations"] = Json::array({{{"executionSuccessful", true}, {"toolExecutionNotifications", notifications(assessment)}}});
    run["originalUriBaseIds"] = {{"IMAGE", {{"description", message("the root of the image's tree of artifacts")}}}};
    if (assessment.image) {
        run["artifacts"] = Json::array({{{"location", {{"uri", encoded_path(shown(assessment.image->name))}}},
                                         {"length", assessment.image->size},
                                         {"roles", {"analysisTarget"}},
                                         {"hashes", {{"sha-256", assessment.image->sha256.hex()}}}}});
    }
    run["taxonomies"] = Json::array({cwe_taxonomy(checks)});
    run["columnKind"] = "unicodeCodePoints";
    run["results"] = std::move(results);
    run["properties"] = {{"catalogue", shown(assessment.catalogue)}, {"as_of", shown(assessment.as_of)}};
    const Json document{{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", Json::array({std::move(run)})}};
    return json::print(document);
}

}  // namespace shirushi::report
