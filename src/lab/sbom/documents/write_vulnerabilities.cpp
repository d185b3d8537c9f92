// CycloneDX 1.6 (ECMA-424, bom-1.6.schema.json). Keys stand in the order the specification lists them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "sbom/cpe.hpp"
#include "sbom/product_names.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::sbom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSubjectRef = "shirushi:subject";

/// SPDX identifiers that package databases of embedded systems write; any other licence text goes out as a name.
constexpr std::array<std::string_view, 48> kSpdxIds = {
    "0BSD", "AFL-2.1", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-1.1", "Apache-2.0", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause",
    "BSD-3-Clause", "BSD-4-Clause", "BSL-1.0", "CC0-1.0", "CC-BY-4.0", "EPL-1.0", "EPL-2.0", "GFDL-1.3-or-later", "GPL-1.0-or-later", "GPL-2.0",
    "GPL-2.0+", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0", "GPL-3.0+", "GPL-3.0-only", "GPL-3.0-or-later", "ICU", "IJG", "ISC", "LGPL-2.0",
    "LGPL-2.0-only", "LGPL-2.0-or-later", "LGPL-2.1", "LGPL-2.1+", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT",
    "MPL-1.1", "MPL-2.0", "NTP", "OpenSSL", "PHP-3.01", "Python-2.0", "Unlicense", "Zlib", "curl"};

bool is_spdx_id(std::string_view word) { return std::ranges::find(kSpdxIds, word) != kSpdxIds.end(); }

/// A licence expression (SPDX annex D) all of whose words are known.
bool is_expression(std::string_view text) {
    bool joined = false;
    bool wants_id = true;
    for (std::string_view word : words_of(text)) {
        while (word.starts_with('('))
            word.remove_prefix(1);
        while (word.ends_with(')'))
            word.remove_suffix(1);
        const bool operation = word == "AND" || word == "OR";
        if (operation == wants_id || (wants_id && !is_spdx_id(word)))
            return false;
        joined = joined || operation;
        wants_id = operation;
    }
    return joined && !wants_id && std::ranges::count(text, '(') == std::ranges::count(text, ')');
}

Json licenses(const std::string& text) {
    if (is_spdx_id(text))
        return Json::array({{{"license", {{"id", text}}}}});
    if (is_expression(text))
        return Json::array({{{"expression", text}}});
    return Json::array({{{"license", {{"name", text}}}}});
}

std::string_view type_of(ComponentKind kind) {
    switch (kind) {
        case ComponentKind::application: return "application";
        case ComponentKind::library: return "library";
        case ComponentKind::operating_system: return "operating-system";
        case ComponentKind::firmware: return "firmware";
    }
    return "application";
}

struct Technique {
    std::string_view name;
    double confidence = 0;
};
/// How far each source is trusted. A file's name is the weakest: anybody can rename a file.
Technique technique_of(ComponentSource source) {
    switch (source) {
        case ComponentSource::package_database: return {"manifest-analysis", 1.0};
        case ComponentSource::kernel_banner: return {"binary-analysis", 0.95};
        case ComponentSource::binary_string: return {"binary-analysis", 0.8};
        case ComponentSource::file_name: return {"filename", 0.6};
    }
    return {"other", 0};
}

Json property(std::string_view name, std::string_view value) { return {{"name", fmt::format("shirushi:{}", name)}, {"value", value}}; }

Json evidence_of(const Component& component) {
    const Technique technique = technique_of(component.source);
    const std::string value = component.evidence.empty() ? "" : component.evidence.front().excerpt;
    const Json method = {{"technique", technique.name}, {"confidence", technique.confidence}, {"value", value}};
    Json identity = Json::array();
    const auto state = [&](std::string_view field, const std::string& concluded) {
        if (!concluded.empty())
            identity.push_back({{"field", field}, {"confidence", technique.confidence}, {"concludedValue", concluded}, {"methods", Json::array({method})}});
    };
    state("name", component.name);
    state("version", component.version);
    Json occurrences = Json::array();
    for (const Evidence& evidence : component.evidence) {
        Json occurrence = {{"location", evidence.path}};
        if (evidence.offset && *evidence.offset <= std::uint64_t{INT64_MAX})
            occurrence["offset"] = *evidence.offset;
        if (!evidence.excerpt.empty())
            occurrence["additionalContext"] = evidence.excerpt;
        occurrences.push_back(std::move(occurrence));
    }
    Json out = {{"identity", std::move(identity)}};
    if (!occurrences.empty())
        out["occurrences"] = std::move(occurrences);
    return out;
}

Json component_json(const Component& component) {
    Json out = {{"type", type_of(component.kind)}, {"bom-ref", component.id}};
    if (!component.supplier.empty())
        out["supplier"] = {{"name", component.supplier}};
    out["name"] = component.name;
    if (!component.version.empty())
        out["version"] = component.version;
    if (!component.license.empty())
        out["licenses"] = licenses(component.license);
    std::vector<std::string> names;
    const char part = component.kind == ComponentKind::operating_system ? 'o' : 'a';
    for (const std::string& pair : component.cpe)
        if (std::string name = cpe_name(part, pair, upstream_version(component.ecosystem, component.version)); !name.empty())
            names.push_back(std::move(name));
    if (!names.empty())
        out["cpe"] = names.front();
    if (!component.purl.empty())
        out["purl"] = component.purl;
    out["evidence"] = evidence_of(component);
    Json properties = Json::array({property("product", component.product), property("source", name_of(component.source))});
    if (!component.ecosystem.empty())
        properties.push_back(property("ecosystem", component.ecosystem));
    for (std::size_t i = 1; i < names.size(); ++i)  // the schema has room for one CPE only
        properties.push_back(property("cpe", names[i]));
    out["properties"] = std::move(properties);
    return out;
}

std::string_view method_of(std::string_view vector) {
    if (vector.starts_with("CVSS:4"))
        return "CVSSv4";
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

Json affects_of(const std::vector<const AdvisoryMatch*>& matches, const std::map<std::string, const Component*>& by_id) {
    Json affects = Json::array();
    for (const AdvisoryMatch* match : matches) {
        Json one = {{"ref", match->component}};
        const auto component = by_id.find(match->component);
        if (component != by_id.end() && !component->second->version.empty())
            one["versions"] = Json::array({{{"version", component->second->version}, {"status", match->state == MatchState::affected ? "affected" : "unknown"}}});
        if (std::ranges::find(affects, one) == affects.end())
            affects.push_back(std::move(one));
    }
    return affects;
}

Json vulnerability_json(const std::vector<const AdvisoryMatch*>& matches, const std::map<std::string, const Component*>& by_id) {
    const auto scored = std::ranges::find_if(matches, [](const AdvisoryMatch* match) { return match->score.has_value(); });
    const AdvisoryMatch& first = scored == matches.end() ? *matches.front() : **scored;  // all say the same of the advisory, or nothing
    Json out = {{"bom-ref", "shirushi:vulnerability:" + first.advisory}, {"id", first.advisory}, {"source", source_json(first.advisory)}};
    if (first.score && std::isfinite(*first.score)) {
        const std::string_view method = method_of(first.vector);
        Json rating = {{"source", {{"name", "NVD"}}}, {"score", *first.score}, {"severity", severity_of(*first.score, method == "CVSSv2")}, {"method", method}};
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
    out["affects"] = affects_of(matches, by_id);
    Json properties = Json::array();
    for (const AdvisoryMatch* match : matches) {
        properties.push_back(property("match:" + match->component, name_of(match->state)));
        if (!match->range.empty())
            properties.push_back(property("range:" + match->component, match->range));
    }
    if (first.exploited_since)
        properties.push_back(property("exploited-since", *first.exploited_since));
    out["properties"] = std::move(properties);
    return out;
}

Json vulnerabilities_json(const Table<Component>& components, const Table<AdvisoryMatch>& matches) {
    std::map<std::string, const Component*> by_id;
    for (const Component& component : components.rows)
        by_id.emplace(component.id, &component);
    std::map<std::string, std::vector<const AdvisoryMatch*>> by_advisory;
    for (const AdvisoryMatch& match : matches.rows)
        if (by_id.contains(match.component))
            by_advisory[match.advisory].push_back(&match);
    Json out = Json::array();
    for (auto& [advisory, rows] : by_advisory) {
        std::ranges::stable_sort(rows, {}, &AdvisoryMatch::component);
        out.push_back(vulnerability_json(rows, by_id));
    }
    return out;
}

Json metadata_json(const Table<Component>& components, const SbomSubject& subject) {
    Json metadata = Json::object();
    if (!subject.timestamp.empty())
        metadata["timestamp"] = subject.timestamp;
    Json tool = {{"type", "application"}, {"name", "shirushi"}};
    if (!subject.program_version.empty())
        tool["version"] = subject.program_version;
    metadata["tools"] = {{"components", Json::array({std::move(tool)})}};
    Json component = {{"type", "firmware"}, {"bom-ref", kSubjectRef}};
    if (!subject.vendor.empty())
        component["supplier"] = {{"name", subject.vendor}};
    component["name"] = subject.product;
    if (!subject.version.empty())
        component["version"] = subject.version;
    if (subject.sha256)
        component["hashes"] = Json::array({{{"alg", "SHA-256"}, {"content", subject.sha256->hex()}}});
    metadata["component"] = std::move(component);
    Json properties = Json::array({property("observed", components.observed ? "true" : "false")});
    for (const std::string& gap : components.gaps)
        properties.push_back(property("gap", gap));
    metadata["properties"] = std::move(properties);
    return metadata;
}

std::string printed(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// RFC 9562 5.8: 122 bits of our own choosing with version 8 and variant 10.
std::string serial_number(const Json& document) {
    auto bytes = crypto::sha256(as_bytes(printed(document))).bytes;
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x80);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    const std::string hex = to_hex(Bytes(bytes).first(16));
    return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

std::string document(const Table<Component>& components, const Table<AdvisoryMatch>* matches, const SbomSubject& subject) {
    Json json = {{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"}, {"bomFormat", "CycloneDX"}, {"specVersion", "1.6"},
                 {"serialNumber", ""}, {"version", 1}, {"metadata", metadata_json(components, subject)}};
    Json rows = Json::array();
    Json on = Json::array();
    for (const Component& component : components.rows) {
        rows.push_back(component_json(component));
        on.push_back(component.id);
    }
    json["components"] = std::move(rows);
    json["dependencies"] = Json::array({{{"ref", kSubjectRef}, {"dependsOn", std::move(on)}}});
    if (matches != nullptr)
        json["vulnerabilities"] = vulnerabilities_json(components, *matches);
    json["serialNumber"] = serial_number(json);
    return printed(json);
}

}  // namespace

std::string cyclonedx(const Table<Component>& components, const SbomSubject& subject) { return document(components, nullptr, subject); }

std::string cyclonedx(const Table<Component>& components, const Table<AdvisoryMatch>& matches, const SbomSubject& subject) {
    return document(components, &matches, subject);
}

}  // namespace shirushi::sbom
