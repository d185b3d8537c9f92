// CycloneDX 1.4 to 1.6 (ECMA-424). What a version has no field for is left out of it or goes into a property.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "model/timestamp.hpp"
#include "sbom/documents/writing.hpp"

namespace shirushi::sbom {
namespace {

using Json = OrderedJson;

constexpr int kNesting = 16;  ///< of components in components; what is deeper stands beside

Json property(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

/// The version's word for a type, "application" where it has none.
std::string_view type_in(std::string_view type, int minor) {
    constexpr std::array<std::pair<std::string_view, int>, 13> kTypes = {{
        {"application", 0}, {"framework", 0}, {"library", 0}, {"container", 2}, {"operating-system", 0}, {"device", 0}, {"firmware", 2}, {"file", 1},
        {"platform", 5}, {"device-driver", 5}, {"machine-learning-model", 5}, {"data", 5}, {"cryptographic-asset", 6}}};
    const auto known = std::ranges::find(kTypes, type, &std::pair<std::string_view, int>::first);
    if (type.empty())
        return "library";
    return known == kTypes.end() || known->second > minor ? "application" : known->first;
}

bool is_hash_algorithm(std::string_view name) {
    constexpr std::array<std::string_view, 12> kAlgorithms = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512",
                                                              "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3"};
    return std::ranges::find(kAlgorithms, name) != kAlgorithms.end();
}

bool is_hash_value(std::string_view value) {
    constexpr std::array<std::size_t, 5> kLengths = {32, 40, 64, 96, 128};
    return std::ranges::find(kLengths, value.size()) != kLengths.end() && value.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Either licences one by one, or one expression: the schema allows no mixture.
Json licences_json(const std::vector<DocumentLicence>& all, const LicenceList& list) {
    Json single = Json::array();
    std::string joined;
    bool all_listed = true;
    bool compound = false;
    for (const DocumentLicence& licence : all) {
        const std::string expression = listed_expression(licence, list);
        const bool is_id = !expression.empty() && list.licence(expression) != nullptr;
        all_listed = all_listed && !expression.empty();
        compound = compound || (!expression.empty() && !is_id);
        joined += (joined.empty() ? "" : " AND ") +
                  (all.size() > 1 && expression.find(" OR ") != std::string::npos ? "(" + expression + ")" : expression);
        if (is_id)
            single.push_back({{"license", {{"id", expression}}}});
        else
            single.push_back({{"license", {{"name", licence.expression.empty() ? licence.name : licence.expression}}}});
    }
    return compound && all_listed ? Json::array({{{"expression", joined}}}) : single;
}

class Writer {
public:
    Writer(const Document& document, int minor, const LicenceList& licences) : document_(document), minor_(minor), licences_(licences) {
        find_parents();
    }

    Json whole() {
        Json json = {{"$schema", fmt::format("http://cyclonedx.org/schema/bom-1.{}.schema.json", minor_)}, {"bomFormat", "CycloneDX"},
                     {"specVersion", fmt::format("1.{}", minor_)}, {"serialNumber", ""}, {"version", 1}, {"metadata", metadata()}};
        json["components"] = inside("", 0);
        json["dependencies"] = dependencies();
        if (document_.matches)
            json["vulnerabilities"] = vulnerabilities_json(document_, *document_.matches, minor_);
        json["serialNumber"] = uuid_of(json);
        return json;
    }

private:
    /// Who contains whom, as far as it is a tree of at most kNesting levels.
    void find_parents() {
        for (const DocumentRelation& relation : document_.relations)
            if (relation.kind == RelationKind::contains)
                parents_.emplace(relation.to, relation.from);
        for (const DocumentComponent& component : document_.components)
            children_[parent_of(component.ref)].push_back(&component);
    }

    std::string parent_of(const std::string& ref) const {
        const auto first = parents_.find(ref);
        int steps = 0;
        for (auto at = first; at != parents_.end(); at = parents_.find(at->second))
            if (++steps > kNesting)
                return {};
        return first == parents_.end() ? std::string() : first->second;
    }

    Json inside(const std::string& ref, int depth) {
        Json list = Json::array();
        if (const auto found = children_.find(ref); found != children_.end() && depth <= kNesting)
            for (const DocumentComponent* component : found->second)
                list.push_back(component_json(*component, depth));
        return list;
    }

    Json component_json(const DocumentComponent& component, int depth) {
        Json out = {{"type", type_in(component.type, minor_)}, {"bom-ref", component.ref}};
        if (!component.supplier.empty())
            out["supplier"] = {{"name", component.supplier}};
        if (!component.group.empty())
            out["group"] = component.group;
        out["name"] = component.name;
        if (!component.version.empty())
            out["version"] = component.version;
        Json hashes = Json::array();
        Json properties = Json::array();
        for (const DocumentHash& hash : component.hashes) {
            if (is_hash_algorithm(hash.algorithm) && is_hash_value(hash.value))
                hashes.push_back({{"alg", hash.algorithm}, {"content", hash.value}});
            else
                properties.push_back(property("shirushi:hash:" + hash.algorithm, hash.value));
        }
        if (!hashes.empty())
            out["hashes"] = std::move(hashes);
        if (!component.licences.empty())
            out["licenses"] = licences_json(component.licences, licences_);
        if (!component.cpe.empty())
            out["cpe"] = component.cpe.front();
        if (!component.purl.empty())
            out["purl"] = component.purl;
        for (const DocumentProperty& one : component.properties)
            properties.push_back(property(one.name, one.value));
        for (std::size_t i = 1; i < component.cpe.size(); ++i)  // the schema has room for one CPE only
            properties.push_back(property("shirushi:cpe", component.cpe[i]));
        if (!properties.empty())
            out["properties"] = std::move(properties);
        if (Json components = inside(component.ref, depth + 1); !components.empty())
            out["components"] = std::move(components);
        if (component.evidence && minor_ >= 5)
            out["evidence"] = evidence_json(component);
        return out;
    }

    Json evidence_json(const DocumentComponent& component) const {
        const DocumentEvidence& evidence = *component.evidence;
        const std::string value = evidence.occurrences.empty() ? "" : evidence.occurrences.front().excerpt;
        const Json method = {{"technique", evidence.technique}, {"confidence", evidence.confidence}, {"value", value}};
        Json identity = Json::array();
        const auto state = [&](std::string_view field, const std::string& concluded) {
            if (concluded.empty())
                return;
            Json one = {{"field", field}, {"confidence", evidence.confidence}};
            if (minor_ >= 6)
                one["concludedValue"] = concluded;
            one["methods"] = Json::array({method});
            identity.push_back(std::move(one));
        };
        state("name", component.name);
        state("version", component.version);
        Json out = Json::object();
        if (minor_ >= 6)
            out["identity"] = std::move(identity);
        else if (!identity.empty())
            out["identity"] = identity.front();
        Json occurrences = Json::array();
        for (const Evidence& one : evidence.occurrences) {
            Json occurrence = {{"location", one.path}};
            if (minor_ >= 6 && one.offset && *one.offset <= std::uint64_t{INT64_MAX})
                occurrence["offset"] = *one.offset;
            if (minor_ >= 6 && !one.excerpt.empty())
                occurrence["additionalContext"] = one.excerpt;
            occurrences.push_back(std::move(occurrence));
        }
        if (!occurrences.empty())
            out["occurrences"] = std::move(occurrences);
        return out;
    }

    Json tools() const {
        Json list = Json::array();
        for (const std::string& tool : document_.tools) {
            const auto blank = tool.rfind(' ');
            Json one = minor_ >= 5 ? Json{{"type", "application"}} : Json::object();
            one["name"] = tool.substr(0, blank);
            if (blank != std::string::npos)
                one["version"] = tool.substr(blank + 1);
            list.push_back(std::move(one));
        }
        return minor_ >= 5 ? Json{{"components", std::move(list)}} : list;
    }

    Json metadata() {
        Json metadata = Json::object();
        if (!utc_text(document_.timestamp).empty())  // what is no time may stand in a document that was read, not in one that is written
            metadata["timestamp"] = document_.timestamp;
        if (!document_.tools.empty())
            metadata["tools"] = tools();
        Json authors = Json::array();
        for (const DocumentAuthor& author : document_.authors)
            authors.push_back({{"name", author.name}});
        if (!authors.empty())
            metadata["authors"] = std::move(authors);
        if (document_.subject)
            metadata["component"] = component_json(*document_.subject, 0);
        if (!document_.supplier.empty())
            metadata["supplier"] = {{"name", document_.supplier}};
        Json properties = Json::array();
        for (const DocumentProperty& one : document_.properties)
            properties.push_back(property(one.name, one.value));
        if (!properties.empty())
            metadata["properties"] = std::move(properties);
        return metadata;
    }

    Json dependencies() const {
        std::map<std::string_view, Json> on;
        if (document_.subject && document_.states_relations)
            on.emplace(document_.subject->ref, Json::array());
        for (const DocumentRelation& relation : document_.relations)
            if (relation.kind == RelationKind::depends_on)
                on.try_emplace(relation.from, Json::array()).first->second.push_back(relation.to);
        Json rows = Json::array();
        for (auto& [from, to] : on)
            rows.push_back({{"ref", from}, {"dependsOn", std::move(to)}});
        return rows;
    }

    const Document& document_;
    int minor_;
    const LicenceList& licences_;
    std::map<std::string, std::string> parents_;
    std::map<std::string, std::vector<const DocumentComponent*>> children_;
};

}  // namespace

OrderedJson cyclonedx_json(const Document& document, int minor, const LicenceList& licences) { return Writer(document, minor, licences).whole(); }

}  // namespace shirushi::sbom
