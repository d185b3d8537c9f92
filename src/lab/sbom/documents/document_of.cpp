// What was found in an image, as a document.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sbom/cpe.hpp"
#include "sbom/documents/documents.hpp"
#include "sbom/product_names.hpp"

namespace shirushi::sbom {
namespace {

constexpr const char* kSubjectRef = "shirushi:subject";

std::string_view type_of(ComponentKind kind) {
    switch (kind) {
        case ComponentKind::application: return "application";
        case ComponentKind::library: return "library";
        case ComponentKind::operating_system: return "operating-system";
        case ComponentKind::firmware: return "firmware";
    }
    return "application";
}

std::string_view technique_of(ComponentSource source) {
    switch (source) {
        case ComponentSource::package_database:
        case ComponentSource::declared: return "manifest-analysis";
        case ComponentSource::build_information:
        case ComponentSource::kernel_banner:
        case ComponentSource::binary_string: return "binary-analysis";
        case ComponentSource::file_name: return "filename";
    }
    return "other";
}

DocumentComponent document_component(const Component& component) {
    DocumentComponent out{.ref = component.id, .type = std::string(type_of(component.kind)), .group = {}, .name = component.name, .version = component.version,
                          .supplier = component.supplier, .purl = component.purl, .cpe = {}, .hashes = {}, .licences = {}, .properties = {},
                          .evidence = DocumentEvidence{std::string(technique_of(component.source)), component.confidence / 100.0, component.evidence}};
    const char part = component.kind == ComponentKind::operating_system ? 'o' : 'a';
    for (const std::string& pair : component.cpe)
        if (std::string name = cpe_name(part, pair, upstream_version(component.ecosystem, component.version)); !name.empty())
            out.cpe.push_back(std::move(name));
    if (!component.license.empty())
        out.licences.push_back({.expression = component.license, .name = {}});
    out.properties = {{"shirushi:product", component.product}, {"shirushi:source", std::string(name_of(component.source))}};
    if (!component.ecosystem.empty())
        out.properties.push_back({"shirushi:ecosystem", component.ecosystem});
    return out;
}

}  // namespace

Document document_of(const Table<Component>& components, const Table<AdvisoryMatch>* matches, const SbomSubject& subject) {
    Document document;
    document.timestamp = subject.timestamp;
    document.tools.push_back(subject.program_version.empty() ? "shirushi" : "shirushi " + subject.program_version);
    DocumentComponent about{.ref = kSubjectRef,
                            .type = "firmware",
                            .group = {},
                            .name = subject.product,
                            .version = subject.version,
                            .supplier = subject.vendor};
    if (subject.sha256)
        about.hashes.push_back({"SHA-256", subject.sha256->hex()});
    document.subject = std::move(about);
    document.properties.push_back({"shirushi:observed", components.observed ? "true" : "false"});
    for (const std::string& gap : components.gaps)
        document.properties.push_back({"shirushi:gap", gap});
    document.states_relations = true;
    for (const Component& component : components.rows) {
        document.components.push_back(document_component(component));
        document.relations.push_back({kSubjectRef, RelationKind::depends_on, component.id});
    }
    if (matches != nullptr)
        document.matches = *matches;
    return document;
}

void add_licences(Document& document, const LicenceTable& table) {
    std::map<std::string_view, const std::string*> found;
    for (const ComponentLicence& row : table.rows)
        if (!row.component.empty() && !row.expression.empty())
            found.emplace(row.component, &row.expression);
    for (DocumentComponent& component : document.components)
        if (const auto expression = found.find(component.ref); expression != found.end())
            component.licences = {{.expression = *expression->second, .name = {}}};
}

}  // namespace shirushi::sbom
