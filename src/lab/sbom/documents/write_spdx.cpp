// SPDX 2.3 as JSON, and that JSON as tag-value.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/timestamp.hpp"
#include "sbom/documents/writing.hpp"

namespace shirushi::sbom {
namespace {

using Json = OrderedJson;

constexpr const char* kDocumentId = "SPDXRef-DOCUMENT";
constexpr const char* kNothing = "NOASSERTION";

/// Letters, digits, '.' and '-' only (SPDX 2.3 clause 3.2).
std::string id_text(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 200))
        out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ? c : '-';
    return out;
}

/// "SHA-256" -> "SHA256"; empty when SPDX 2.3 has no such algorithm.
std::string_view checksum_algorithm(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames = {{
        {"SHA-1", "SHA1"}, {"SHA-224", "SHA224"}, {"SHA-256", "SHA256"}, {"SHA-384", "SHA384"}, {"SHA-512", "SHA512"}, {"SHA3-256", "SHA3-256"},
        {"SHA3-384", "SHA3-384"}, {"SHA3-512", "SHA3-512"}, {"BLAKE2b-256", "BLAKE2b-256"}, {"BLAKE2b-384", "BLAKE2b-384"},
        {"BLAKE2b-512", "BLAKE2b-512"}, {"BLAKE3", "BLAKE3"}, {"MD5", "MD5"}}};
    for (const auto& [ours, theirs] : kNames)
        if (ours == name)
            return theirs;
    return {};
}

std::string_view purpose_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPurposes = {{
        {"application", "APPLICATION"}, {"framework", "FRAMEWORK"}, {"library", "LIBRARY"}, {"container", "CONTAINER"},
        {"operating-system", "OPERATING_SYSTEM"}, {"device", "DEVICE"}, {"firmware", "FIRMWARE"}, {"file", "FILE"}}};
    for (const auto& [ours, theirs] : kPurposes)
        if (ours == type)
            return theirs;
    return {};
}

class Writer {
public:
    Writer(const Document& document, const LicenceList& licences) : document_(document), licences_(licences) {
        if (document.subject)
            give_id(*document.subject);
        for (const DocumentComponent& component : document.components)
            give_id(component);
    }

    Json whole() {
        Json json = {{"spdxVersion", "SPDX-2.3"}, {"dataLicense", "CC0-1.0"}, {"SPDXID", kDocumentId}, {"name", name()}, {"documentNamespace", ""}};
        Json creators = Json::array();
        for (const DocumentAuthor& author : document_.authors)
            creators.push_back((author.is_person ? "Person: " : "Organization: ") + author.name);
        for (const std::string& tool : document_.tools)
            creators.push_back("Tool: " + tool_text(tool));
        if (creators.empty())
            creators.push_back("Tool: shirushi");
        json["creationInfo"] = {{"created", utc_text(document_.timestamp)}, {"creators", std::move(creators)}};
        Json packages = Json::array();
        if (document_.subject)
            packages.push_back(package(*document_.subject));
        for (const DocumentComponent& component : document_.components)
            packages.push_back(package(component));
        json["packages"] = std::move(packages);
        json["relationships"] = relationships();
        if (!extracted_.empty())
            json["hasExtractedLicensingInfos"] = extracted_licences();
        json["documentNamespace"] = uuid_of(json);
        return json;
    }

private:
    std::string name() const {
        if (!document_.name.empty())
            return document_.name;
        return document_.subject ? document_.subject->name : "bill of materials";
    }

    /// "syft 1.0" -> "syft-1.0", as SPDX writes it.
    static std::string tool_text(std::string tool) {
        if (const auto blank = tool.rfind(' '); blank != std::string::npos)
            tool[blank] = '-';
        return tool;
    }

    void give_id(const DocumentComponent& component) {
        std::string_view ref = component.ref;
        if (ref.starts_with("SPDXRef-"))
            ref.remove_prefix(8);
        const std::string base = "SPDXRef-" + id_text(ref);
        std::string id = base;
        while (id == kDocumentId || !used_.insert(id).second)
            id = fmt::format("{}-{}", base, ++counts_.try_emplace(base, 1).first->second);
        ids_.emplace(component.ref, id);
    }

    Json package(const DocumentComponent& component) {
        Json out = {{"SPDXID", ids_.at(component.ref)}, {"name", component.group.empty() ? component.name : component.group + "/" + component.name}};
        if (!component.version.empty())
            out["versionInfo"] = component.version;
        out["supplier"] = component.supplier.empty() ? std::string(kNothing) : "Organization: " + component.supplier;
        out["downloadLocation"] = kNothing;
        out["filesAnalyzed"] = false;
        Json checksums = Json::array();
        for (const DocumentHash& hash : component.hashes)
            if (const auto algorithm = checksum_algorithm(hash.algorithm); !algorithm.empty() && !hash.value.empty())
                checksums.push_back({{"algorithm", algorithm}, {"checksumValue", hash.value}});
        if (!checksums.empty())
            out["checksums"] = std::move(checksums);
        if (component.evidence)
            out["sourceInfo"] = source_text(*component.evidence);
        out["licenseConcluded"] = kNothing;
        out["licenseDeclared"] = licence_of(component);
        out["copyrightText"] = kNothing;
        Json references = Json::array();
        for (const std::string& cpe : component.cpe)
            if (cpe.find(' ') == std::string::npos)
                references.push_back({{"referenceCategory", "SECURITY"},
                                      {"referenceType", cpe.starts_with("cpe:/") ? "cpe22Type" : "cpe23Type"},
                                      {"referenceLocator", cpe}});
        if (!component.purl.empty() && component.purl.find(' ') == std::string::npos)
            references.push_back({{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", component.purl}});
        if (!references.empty())
            out["externalRefs"] = std::move(references);
        if (const auto purpose = purpose_of(component.type); !purpose.empty())
            out["primaryPackagePurpose"] = purpose;
        return out;
    }

    static std::string source_text(const DocumentEvidence& evidence) {
        std::string text = evidence.technique;
        for (const Evidence& one : evidence.occurrences)
            text += fmt::format("; {}{}", one.path.empty() ? "the image" : one.path, one.offset ? fmt::format(" at byte {}", *one.offset) : "");
        return text;
    }

    std::string licence_of(const DocumentComponent& component) {
        std::string joined;
        for (const DocumentLicence& licence : component.licences) {
            std::string one = listed_expression(licence, licences_);
            if (one.empty()) {
                const std::string& name = licence.expression.empty() ? licence.name : licence.expression;
                one = reference_of(name);
            } else if (component.licences.size() > 1 && one.find(" OR ") != std::string::npos) {
                one = "(" + one + ")";
            }
            note_references(one);
            joined += (joined.empty() ? "" : " AND ") + one;
        }
        return joined.empty() ? kNothing : joined;
    }

    /// A licence of our own numbering for words that are no expression.
    std::string reference_of(const std::string& name) {
        const auto [at, is_new] = references_.try_emplace(name, fmt::format("LicenseRef-{}", references_.size() + 1));
        extracted_.emplace(at->second, name);
        return at->second;
    }

    /// Every LicenseRef that is used must be described.
    void note_references(const std::string& expression) {
        const auto parsed = parse_licence_expression(expression, licences_);
        if (parsed)
            for (const std::string& id : licences_in(*parsed))
                if (id.starts_with("LicenseRef-"))
                    extracted_.emplace(id.substr(0, id.find(' ')), id);
    }

    Json extracted_licences() const {
        Json list = Json::array();
        for (const auto& [id, name] : extracted_)
            list.push_back({{"licenseId", id}, {"extractedText", name}, {"name", name}});
        return list;
    }

    Json relationships() const {
        Json rows = Json::array();
        const auto add = [&](const std::string& from, std::string_view type, const std::string& to) {
            rows.push_back({{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}});
        };
        if (document_.subject)
            add(kDocumentId, "DESCRIBES", ids_.at(document_.subject->ref));
        else
            for (const DocumentComponent& component : document_.components)
                add(kDocumentId, "DESCRIBES", ids_.at(component.ref));
        for (const DocumentRelation& relation : document_.relations) {
            const auto from = ids_.find(relation.from);
            const auto to = ids_.find(relation.to);
            if (from != ids_.end() && to != ids_.end())
                add(from->second,
                    relation.kind == RelationKind::depends_on ? "DEPENDS_ON"
                    : relation.kind == RelationKind::contains ? "CONTAINS"
                                                              : "OTHER",
                    to->second);
        }
        return rows;
    }

    const Document& document_;
    const LicenceList& licences_;
    std::map<std::string, std::string> ids_;  // ref -> SPDXID
    std::set<std::string> used_;
    std::map<std::string, int> counts_;
    std::map<std::string, std::string> references_;  // words -> LicenseRef
    std::map<std::string, std::string> extracted_;   // LicenseRef -> words
};

/// One value on a line: what would be taken for the marks of a text of several lines is broken.
std::string value_text(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    for (const std::string_view mark : {"<text>", "</text>"})
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.insert(at + mark.size() - 1, " ");
    return text;
}

struct Tag {
    std::string_view member;
    std::string_view tag;
};
constexpr std::array<Tag, 11> kPackageTags = {{{"name", "PackageName"},
                                               {"SPDXID", "SPDXID"},
                                               {"versionInfo", "PackageVersion"},
                                               {"supplier", "PackageSupplier"},
                                               {"downloadLocation", "PackageDownloadLocation"},
                                               {"filesAnalyzed", "FilesAnalyzed"},
                                               {"sourceInfo", "PackageSourceInfo"},
                                               {"licenseConcluded", "PackageLicenseConcluded"},
                                               {"licenseDeclared", "PackageLicenseDeclared"},
                                               {"copyrightText", "PackageCopyrightText"},
                                               {"primaryPackagePurpose", "PrimaryPackagePurpose"}}};

void write_package(std::string& out, const Json& package) {
    out += '\n';
    for (const Tag& tag : kPackageTags)
        if (const auto value = package.find(tag.member); value != package.end()) {
            std::string text = value_text(*value);
            if (tag.tag == "PrimaryPackagePurpose")
                std::ranges::replace(text, '_', '-');
            out += fmt::format("{}: {}\n", tag.tag, text);
        }
    for (const Json& checksum : package.value("checksums", Json::array()))
        out += fmt::format("PackageChecksum: {}: {}\n", value_text(checksum["algorithm"]), value_text(checksum["checksumValue"]));
    for (const Json& reference : package.value("externalRefs", Json::array()))
        out += fmt::format("ExternalRef: {} {} {}\n", value_text(reference["referenceCategory"]), value_text(reference["referenceType"]),
                           value_text(reference["referenceLocator"]));
}

}  // namespace

OrderedJson spdx_json(const Document& document, const LicenceList& licences) { return Writer(document, licences).whole(); }

std::string spdx_tag_value(const OrderedJson& document) {
    std::string out = fmt::format("SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: {}\nDocumentName: {}\nDocumentNamespace: {}\n", kDocumentId,
                                  value_text(document["name"]), value_text(document["documentNamespace"]));
    for (const Json& creator : document["creationInfo"]["creators"])
        out += fmt::format("Creator: {}\n", value_text(creator));
    out += fmt::format("Created: {}\n", value_text(document["creationInfo"]["created"]));
    for (const Json& package : document["packages"])
        write_package(out, package);
    out += '\n';
    for (const Json& row : document["relationships"])
        out += fmt::format("Relationship: {} {} {}\n", value_text(row["spdxElementId"]), value_text(row["relationshipType"]),
                           value_text(row["relatedSpdxElement"]));
    for (const Json& licence : document.value("hasExtractedLicensingInfos", Json::array()))
        out += fmt::format("\nLicenseID: {}\nExtractedText: <text>{}</text>\nLicenseName: {}\n", value_text(licence["licenseId"]),
                           value_text(licence["extractedText"]), value_text(licence["name"]));
    return out;
}

}  // namespace shirushi::sbom
