// CycloneDX (ECMA-424) 1.0 to 1.7 in JSON's shape. What is read here has meant the same in all of them.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/documents/reading.hpp"

namespace shirushi::sbom {
namespace {

using json::At;

constexpr std::array<std::string_view, 8> kVersions = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"};

/// "syft" and "1.0" as one name.
std::string named(std::string name, const std::string& version) { return version.empty() ? name : name + " " + version; }

/// The name of an organisation or a person; the mail address where there is no name.
Result<std::string> party(const At& at) {
    if (at.is_text())
        return at.as_text();
    std::string name = TRY(at.text("name"));
    return name.empty() ? at.text("email") : name;
}

/// Of several members, the first that names somebody.
Result<std::string> first_party(const At& at, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys)
        if (const auto member = at.find(key))
            if (std::string name = TRY(party(*member)); !name.empty())
                return name;
    return std::string();
}

Result<std::vector<DocumentLicence>> licences_of(const At& component) {
    std::vector<DocumentLicence> licences;
    for (const At& choice : TRY(component.list("licenses"))) {
        DocumentLicence licence{.expression = TRY(choice.text("expression")), .name = {}};
        if (const auto single = TRY(choice.object("license"))) {
            licence.expression = TRY(single->text("id"));
            licence.name = licence.expression.empty() ? TRY(single->text("name")) : "";
        }
        if (licence.expression.empty() && licence.name.empty())
            continue;  // an attached text alone
        licences.push_back(std::move(licence));
    }
    return licences;
}

Result<std::vector<DocumentProperty>> properties_of(const At& at) {
    std::vector<DocumentProperty> properties;
    for (const At& property : TRY(at.list("properties")))
        properties.push_back({TRY(property.text("name")), TRY(property.text("value"))});
    return properties;
}

/// What the document is told of component by component.
class Reader {
public:
    explicit Reader(Document& document) : document_(document) {}

    /// A component without those inside it.
    static Result<DocumentComponent> component(const At& at) {
        DocumentComponent component;
        component.ref = TRY(at.text("bom-ref"));
        component.type = TRY(at.text("type"));
        component.group = TRY(at.text("group"));
        component.name = TRY(at.required_text("name"));
        component.version = TRY(at.text("version"));
        component.supplier = TRY(first_party(at, {"supplier", "manufacturer", "publisher"}));
        component.purl = TRY(at.text("purl"));
        if (std::string cpe = TRY(at.text("cpe")); !cpe.empty())
            component.cpe.push_back(std::move(cpe));
        for (const At& hash : TRY(at.list("hashes")))
            component.hashes.push_back({hash_algorithm(TRY(hash.required_text("alg"))), lowered(TRY(hash.required_text("content")))});
        component.licences = TRY(licences_of(at));
        for (DocumentProperty& property : TRY(properties_of(at))) {
            if (property.name == "shirushi:cpe")  // our own writer's way to state a second one
                component.cpe.push_back(std::move(property.value));
            else
                component.properties.push_back(std::move(property));
        }
        return component;
    }

    /// Components and what lies in them (to the depth the document's limits allow).
    Result<void> components(const At& owner, const std::string& owner_ref) {
        for (const At& at : TRY(owner.list("components"))) {
            if (document_.components.size() == kDocumentComponents)
                return fail(Errc::limit, fmt::format("{}: more than {} components; split the document", at.where(), kDocumentComponents));
            DocumentComponent read = TRY(component(at));
            if (read.ref.empty())
                read.ref = fmt::format("shirushi:component:{}", document_.components.size() + 1);
            const std::string ref = read.ref;
            document_.components.push_back(std::move(read));
            if (!owner_ref.empty())
                TRY(relate(at, owner_ref, RelationKind::contains, ref));
            TRY(components(at, ref));
        }
        return {};
    }

    Result<void> relations(const At& root) {
        document_.states_relations = root.find("dependencies").has_value();
        for (const At& row : TRY(root.list("dependencies"))) {
            const std::string from = TRY(row.required_text("ref"));
            for (const At& to : TRY(row.list("dependsOn"))) {
                const std::string ref = TRY(to.as_text());
                TRY(relate(to, from, RelationKind::depends_on, ref));
            }
        }
        return {};
    }

private:
    Result<void> relate(const At& at, const std::string& from, RelationKind kind, const std::string& to) {
        if (document_.relations.size() == kDocumentRelations)
            return fail(Errc::limit, fmt::format("{}: more than {} relations; split the document", at.where(), kDocumentRelations));
        document_.relations.push_back({from, kind, to});
        return {};
    }

    Document& document_;
};

/// 1.4 and before: an array of tools; since 1.5 an object of components and services too.
Result<std::vector<std::string>> tools_of(const At& metadata) {
    std::vector<std::string> tools;
    const auto add = [&](const At& tool) -> Result<void> {
        if (std::string name = TRY(tool.text("name")); !name.empty())
            tools.push_back(named(std::move(name), TRY(tool.text("version"))));
        return {};
    };
    const auto at = metadata.find("tools");
    if (!at)
        return tools;
    if (!at->is_object()) {
        for (const At& tool : TRY(metadata.list("tools")))
            TRY(add(tool));
        return tools;
    }
    for (const std::string_view kind : {"components", "services"})
        for (const At& tool : TRY(at->list(kind)))
            TRY(add(tool));
    return tools;
}

Result<void> read_metadata(const At& metadata, Document& document) {
    document.timestamp = TRY(metadata.text("timestamp"));
    document.tools = TRY(tools_of(metadata));
    for (const At& author : TRY(metadata.list("authors")))
        if (std::string name = TRY(party(author)); !name.empty())
            document.authors.push_back({.name = std::move(name), .is_person = true});
    if (std::string maker = TRY(first_party(metadata, {"manufacturer"})); !maker.empty())
        document.authors.push_back({.name = std::move(maker), .is_person = false});  // since 1.6: the organisation that made the document
    document.supplier = TRY(first_party(metadata, {"supplier", "manufacture"}));
    document.properties = TRY(properties_of(metadata));
    if (const auto subject = TRY(metadata.object("component"))) {
        if (TRY(subject->text("name")).empty()) {  // of a component it must stand; here some tools leave it out
            remark(document, subject->where() + ": has no name and is left out");
            return Reader(document).components(*subject, "");
        }
        document.subject = TRY(Reader::component(*subject));
        if (document.subject->ref.empty())
            document.subject->ref = "shirushi:subject";
        if (document.subject->supplier.empty())
            document.subject->supplier = document.supplier;
        TRY(Reader(document).components(*subject, document.subject->ref));
    }
    return {};
}

void remark_unread(const At& root, Document& document) {
    constexpr std::array<std::string_view, 6> kUnread = {"services", "compositions", "annotations", "formulation", "declarations", "definitions"};
    for (const std::string_view key : kUnread)
        if (const auto at = root.find(key); at && !at->value().empty())
            remark(document, fmt::format("\"{}\" is not read", key));
    if (const auto at = root.find("vulnerabilities"); at && !at->value().empty())
        remark(document, "\"vulnerabilities\" says nothing of components; \"shirushi vex\" reads what is stated there");
}

}  // namespace

Result<Document> read_cyclonedx(const At& root, DocumentFormat format) {
    Document document{.format = format, .spec_version = TRY(root.required_text("specVersion"))};
    if (std::ranges::find(kVersions, document.spec_version) == kVersions.end())
        return fail(Errc::unsupported, fmt::format("CycloneDX {} is not read; known are 1.0 to 1.7, export the document as 1.6",
                                                   excerpt(document.spec_version, 20)));
    document.serial = TRY(root.text("serialNumber"));
    if (const auto metadata = TRY(root.object("metadata")))
        TRY(read_metadata(*metadata, document));
    TRY(Reader(document).components(root, ""));
    TRY(Reader(document).relations(root));
    remark_unread(root, document);
    settle(document);
    return document;
}

}  // namespace shirushi::sbom
