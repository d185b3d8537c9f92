#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "vex/cyclonedx_words.hpp"
#include "vex/vex.hpp"

namespace shirushi::vex {
namespace {

using Json = nlohmann::ordered_json;

std::string printed(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string digest_of(const Json& json) { return crypto::sha256(as_bytes(printed(json))).hex(); }

Json openvex_item(const VexItem& item) {
    Json out = Json::object();
    std::string id = item.id.empty() ? item.purl : item.id;
    if (id.empty() && !item.name.empty())
        id = item.version.empty() ? item.name : item.name + "@" + item.version;
    if (!id.empty())
        out["@id"] = id;
    Json identifiers = Json::object();
    if (!item.purl.empty())
        identifiers["purl"] = item.purl;
    if (!item.cpe.empty())
        identifiers[item.cpe.starts_with("cpe:/") ? "cpe22" : "cpe23"] = item.cpe;
    if (!identifiers.empty())
        out["identifiers"] = std::move(identifiers);
    if (!item.sha256.empty())
        out["hashes"] = {{"sha-256", item.sha256}};
    return out;
}

Json openvex_statement(const VexStatement& statement) {
    Json out = {{"vulnerability", {{"name", statement.vulnerability}}}};
    if (!statement.aliases.empty())
        out["vulnerability"]["aliases"] = statement.aliases;
    if (!statement.timestamp.empty())
        out["timestamp"] = statement.timestamp;
    Json products = Json::array();
    for (const VexProduct& product : statement.products) {
        Json one = openvex_item(product.item);
        for (const VexItem& part : product.parts)
            one["subcomponents"].push_back(openvex_item(part));
        products.push_back(std::move(one));
    }
    if (!products.empty())
        out["products"] = std::move(products);
    out["status"] = name_of(statement.status);
    if (statement.status == VexStatus::not_affected && statement.justification != VexJustification::none)
        out["justification"] = name_of(statement.justification);
    // Where it does not matter why, words alone do; a statement of not_affected must have one of the two.
    if (statement.status == VexStatus::not_affected && (!statement.impact.empty() || statement.justification == VexJustification::none))
        out["impact_statement"] = statement.impact.empty() ? "no reason is given" : statement.impact;
    else if (!statement.impact.empty())
        out["status_notes"] = statement.impact;
    if (statement.status == VexStatus::affected)
        out["action_statement"] = statement.action.empty() ? "no action is given" : statement.action;
    return out;
}

std::string_view state_of(const VexStatement& statement) {
    for (const StateWord& word : kStates)
        if (word.status == statement.status && word.word == statement.analysis)
            return word.word;
    return std::ranges::find(kStates, statement.status, &StateWord::status)->word;
}

std::string_view justification_of(const VexStatement& statement) {
    for (const JustificationWord& word : kJustifications)
        if (word.justification == statement.justification && word.word == statement.analysis)
            return word.word;
    return std::ranges::find(kJustifications, statement.justification, &JustificationWord::justification)->word;
}

/// Products and their parts as components of the document, each once.
class Components {
public:
    std::string ref_of(const VexItem& item) {
        VexItem unversioned = item;  // a range belongs to the statement
        unversioned.range.clear();
        const auto [at, is_new] = refs_.try_emplace(unversioned, "");
        if (is_new) {
            const std::string base = name_for(item);
            at->second = base;
            while (!taken_.insert(at->second).second)
                at->second = fmt::format("{}#{}", base, ++counts_.try_emplace(base, 1).first->second);
            list.push_back(component(item, at->second));
        }
        return at->second;
    }

    Json list = Json::array();

private:
    static std::string name_for(const VexItem& item) {
        for (const std::string* name : {&item.id, &item.purl})
            if (!name->empty())
                return *name;
        if (!item.name.empty())
            return item.version.empty() ? item.name : item.name + "@" + item.version;
        return "sha256:" + item.sha256;
    }

    static Json component(const VexItem& item, const std::string& ref) {
        Json out = {{"type", "application"}, {"bom-ref", ref}, {"name", item.name.empty() ? ref : item.name}};
        if (!item.version.empty())
            out["version"] = item.version;
        if (Digest::from_hex(item.sha256))
            out["hashes"] = Json::array({{{"alg", "SHA-256"}, {"content", item.sha256}}});
        if (!item.cpe.empty())
            out["cpe"] = item.cpe;
        if (!item.purl.empty())
            out["purl"] = item.purl;
        return out;
    }

    std::map<VexItem, std::string> refs_;
    std::set<std::string> taken_;
    std::map<std::string, int> counts_;
};

/// The statement is about these: parts where there are any, for CycloneDX has no word for a part in a product.
std::vector<VexItem> items_of(const VexStatement& statement) {
    std::vector<VexItem> items;
    for (const VexProduct& product : statement.products) {
        if (product.parts.empty())
            items.push_back(product.item);
        items.insert(items.end(), product.parts.begin(), product.parts.end());
    }
    return items;
}

Json cyclonedx_vulnerability(const VexStatement& statement, std::string_view version, Components& components) {
    Json out = {{"id", statement.vulnerability}};
    Json references = Json::array();
    for (const std::string& alias : statement.aliases)
        references.push_back({{"id", alias}, {"source", {{"name", alias.substr(0, alias.find('-'))}}}});
    if (!references.empty())
        out["references"] = std::move(references);
    if (!statement.action.empty())
        out["recommendation"] = statement.action;
    Json analysis = {{"state", state_of(statement)}};
    if (statement.status == VexStatus::not_affected && statement.justification != VexJustification::none)
        analysis["justification"] = justification_of(statement);
    if (!statement.impact.empty())
        analysis["detail"] = statement.impact;
    if (!statement.timestamp.empty() && version != "1.4")
        analysis["lastUpdated"] = statement.timestamp;
    else if (!statement.timestamp.empty())
        out["updated"] = statement.timestamp;
    out["analysis"] = std::move(analysis);
    Json affects = Json::array();
    std::set<std::string> seen;
    for (const VexItem& item : items_of(statement)) {
        Json target = {{"ref", components.ref_of(item)}};
        const std::string_view status = statement.status == VexStatus::affected              ? "affected"
                                        : statement.status == VexStatus::under_investigation ? "unknown"
                                                                                             : "unaffected";
        if (!item.range.empty())
            target["versions"] = Json::array({{{"range", item.range}, {"status", status}}});
        if (seen.insert(target.dump(-1, ' ', false, Json::error_handler_t::replace)).second)
            affects.push_back(std::move(target));
    }
    out["affects"] = std::move(affects);
    return out;
}

}  // namespace

Result<std::string> write_openvex(const Document& document) {
    if (document.author.empty())
        return fail(Errc::bad_input, "OpenVEX must say who makes the statements; name the author");
    if (document.timestamp.empty())
        return fail(Errc::bad_input, "OpenVEX must say when the statements were made; give a time");
    Json json = {{"@context", "https://openvex.dev/ns/v0.2.0"},
                 {"@id", ""},
                 {"author", document.author},
                 {"timestamp", document.timestamp},
                 {"version", 1}};
    Json statements = Json::array();
    for (const VexStatement& statement : document.statements)
        statements.push_back(openvex_statement(statement));
    json["statements"] = std::move(statements);
    json["@id"] = "urn:sha256:" + digest_of(json);
    return printed(json);
}

Result<std::string> write_cyclonedx(const Document& document, std::string_view version) {
    if (version != "1.4" && version != "1.5" && version != "1.6")
        return fail(Errc::unsupported, fmt::format("CycloneDX {} is not written; choose 1.4, 1.5 or 1.6", excerpt(version, 20)));
    Json json = {{"$schema", fmt::format("http://cyclonedx.org/schema/bom-{}.schema.json", version)},
                 {"bomFormat", "CycloneDX"},
                 {"specVersion", version},
                 {"serialNumber", ""},
                 {"version", 1}};
    Json metadata = Json::object();
    if (!document.timestamp.empty())
        metadata["timestamp"] = document.timestamp;
    if (!document.author.empty())
        metadata["authors"] = Json::array({{{"name", document.author}}});
    if (!metadata.empty())
        json["metadata"] = std::move(metadata);
    Components components;
    Json vulnerabilities = Json::array();
    for (const VexStatement& statement : document.statements)
        vulnerabilities.push_back(cyclonedx_vulnerability(statement, version, components));
    json["components"] = std::move(components.list);
    json["vulnerabilities"] = std::move(vulnerabilities);
    // RFC 9562 5.8: version 8, variant 10, the rest from the digest of the content.
    std::string hex = digest_of(json);
    hex[12] = '8';
    hex[16] = "89ab"[(hex[16] >= 'a' ? hex[16] - 'a' + 10 : hex[16] - '0') & 3];
    json["serialNumber"] = fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                                       hex.substr(20, 12));
    return printed(json);
}

}  // namespace shirushi::vex
