// SPDX 2.2 and 2.3 in JSON's shape (ISO/IEC 5962:2021 is 2.2.1). Packages are components; files and snippets are not.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/documents/reading.hpp"

namespace shirushi::sbom {
namespace {

using json::At;

bool says_nothing(std::string_view value) { return value.empty() || value == "NOASSERTION" || value == "NONE"; }

/// "Organization: Example (mail@example.com)" -> "Example".
std::string party(std::string_view text) {
    for (const std::string_view kind : {"Organization:", "Person:", "Tool:"})
        if (text.starts_with(kind))
            text = trimmed(text.substr(kind.size()));
    if (text.ends_with(')'))
        if (const auto open = text.rfind('('); open != std::string_view::npos && open > 0)
            text = trimmed(text.substr(0, open));
    return says_nothing(text) ? "" : std::string(text);
}

std::string type_of(std::string_view purpose) {
    std::string type = lowered(purpose);
    std::ranges::replace(type, '_', '-');
    constexpr std::array<std::string_view, 8> kShared = {"application",      "framework", "library",  "container",
                                                         "operating-system", "device",    "firmware", "file"};
    return std::ranges::find(kShared, type) != kShared.end() ? type : "";
}

Result<void> read_external(const At& package, DocumentComponent& component) {
    for (const At& reference : TRY(package.list("externalRefs"))) {
        const std::string type = lowered(TRY(reference.text("referenceType")));
        std::string locator = TRY(reference.text("referenceLocator"));
        if (type.ends_with("purl") && component.purl.empty())
            component.purl = std::move(locator);
        else if (type.ends_with("cpe23type") || type.ends_with("cpe22type"))
            component.cpe.push_back(std::move(locator));
    }
    return {};
}

Result<DocumentComponent> read_package(const At& package) {
    DocumentComponent component;
    component.ref = TRY(package.required_text("SPDXID"));
    component.name = TRY(package.required_text("name"));
    component.version = TRY(package.text("versionInfo"));
    component.type = type_of(TRY(package.text("primaryPackagePurpose")));
    component.supplier = party(TRY(package.text("supplier")));
    if (component.supplier.empty())
        component.supplier = party(TRY(package.text("originator")));
    for (const At& checksum : TRY(package.list("checksums")))
        component.hashes.push_back({hash_algorithm(TRY(checksum.required_text("algorithm"))), lowered(TRY(checksum.required_text("checksumValue")))});
    TRY(read_external(package, component));
    for (const std::string_view key : {"licenseConcluded", "licenseDeclared"})
        if (std::string licence = TRY(package.text(key)); component.licences.empty() && !says_nothing(licence))
            component.licences.push_back({.expression = std::move(licence), .name = {}});
    return component;
}

/// What a relationship's type means for us, and whether it is told from the other side.
struct Meaning {
    std::string_view type;
    RelationKind kind;
    bool reversed;
};
constexpr std::array<Meaning, 15> kMeanings = {{
    {"DEPENDS_ON", RelationKind::depends_on, false}, {"DEPENDENCY_OF", RelationKind::depends_on, true},
    {"RUNTIME_DEPENDENCY_OF", RelationKind::depends_on, true}, {"BUILD_DEPENDENCY_OF", RelationKind::depends_on, true},
    {"DEV_DEPENDENCY_OF", RelationKind::depends_on, true}, {"TEST_DEPENDENCY_OF", RelationKind::depends_on, true},
    {"OPTIONAL_DEPENDENCY_OF", RelationKind::depends_on, true}, {"PROVIDED_DEPENDENCY_OF", RelationKind::depends_on, true},
    {"STATIC_LINK", RelationKind::depends_on, false}, {"DYNAMIC_LINK", RelationKind::depends_on, false},
    {"HAS_PREREQUISITE", RelationKind::depends_on, false}, {"PREREQUISITE_FOR", RelationKind::depends_on, true},
    {"CONTAINS", RelationKind::contains, false}, {"CONTAINED_BY", RelationKind::contains, true}, {"PACKAGE_OF", RelationKind::contains, true}}};

/// Fills the relations; returns what the document says it describes.
Result<std::set<std::string>> read_relationships(const At& root, const std::string& document_id, Document& document) {
    std::set<std::string> described;
    for (const At& id : TRY(root.list("documentDescribes")))
        described.insert(TRY(id.as_text()));
    for (const At& row : TRY(root.list("relationships"))) {
        std::string from = TRY(row.required_text("spdxElementId"));
        std::string to = TRY(row.required_text("relatedSpdxElement"));
        const std::string type = TRY(row.required_text("relationshipType"));
        document.states_relations = document.states_relations || (type != "DESCRIBES" && type != "DESCRIBED_BY");
        if (type == "DESCRIBES" && from == document_id)
            described.insert(to);
        if (type == "DESCRIBED_BY" && to == document_id)
            described.insert(from);
        if (says_nothing(to) || from == document_id || to == document_id)
            continue;
        if (document.relations.size() == kDocumentRelations)
            return fail(Errc::limit, fmt::format("{}: more than {} relations; split the document", row.where(), kDocumentRelations));
        const auto meaning = std::ranges::find(kMeanings, type, &Meaning::type);
        if (meaning == kMeanings.end()) {
            document.relations.push_back({std::move(from), RelationKind::other, std::move(to)});
            continue;
        }
        if (meaning->reversed)
            std::swap(from, to);
        document.relations.push_back({std::move(from), meaning->kind, std::move(to)});
    }
    return described;
}

Result<void> read_creation(const At& root, Document& document) {
    const auto info = TRY(root.object("creationInfo"));
    if (!info)
        return {};
    document.timestamp = TRY(info->text("created"));
    for (const At& creator : TRY(info->list("creators"))) {
        const std::string text = TRY(creator.as_text());
        std::string name = party(text);
        if (name.empty())
            continue;
        if (text.starts_with("Tool:"))
            document.tools.push_back(std::move(name));
        else
            document.authors.push_back({.name = std::move(name), .is_person = !text.starts_with("Organization:")});
    }
    return {};
}

/// The one package that the document describes is its subject; where it describes several, all are components.
void name_subject(const std::set<std::string>& described, Document& document) {
    if (described.size() != 1)
        return;
    const auto subject = std::ranges::find(document.components, *described.begin(), &DocumentComponent::ref);
    if (subject == document.components.end())
        return;
    document.subject = std::move(*subject);
    document.components.erase(subject);
}

Result<Document> read_spdx(const At& root, DocumentFormat format) {
    const std::string version = TRY(root.required_text("spdxVersion"));
    if (version != "SPDX-2.2" && version != "SPDX-2.3")
        return fail(Errc::unsupported,
                    fmt::format("{} is not read; known are SPDX-2.2 and SPDX-2.3, export the document as SPDX-2.3", excerpt(version, 20)));
    Document document{.format = format, .spec_version = version.substr(5)};
    document.name = TRY(root.text("name"));
    document.serial = TRY(root.text("documentNamespace"));
    TRY(read_creation(root, document));
    for (const At& package : TRY(root.list("packages"))) {
        if (document.components.size() == kDocumentComponents)
            return fail(Errc::limit, fmt::format("{}: more than {} packages; split the document", package.where(), kDocumentComponents));
        document.components.push_back(TRY(read_package(package)));
    }
    std::string id = TRY(root.text("SPDXID"));
    const auto described = TRY(read_relationships(root, id.empty() ? "SPDXRef-DOCUMENT" : id, document));
    name_subject(described, document);
    if (const std::size_t files = TRY(root.list("files")).size(); files > 0)
        remark(document, fmt::format("{} files are not read as components", files));
    settle(document);
    return document;
}

}  // namespace

Result<Document> read_spdx_json(const At& root) { return read_spdx(root, DocumentFormat::spdx_json); }

Result<Document> read_spdx_tag_value(std::string_view text) {
    const json::Foreign root = TRY(spdx_from_tag_value(text));
    return read_spdx(At(root), DocumentFormat::spdx_tag_value);
}

}  // namespace shirushi::sbom
