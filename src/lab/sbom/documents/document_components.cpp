#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "model/package_url.hpp"
#include "sbom/documents/documents.hpp"
#include "sbom/product_names.hpp"

namespace shirushi::sbom {
namespace {

ComponentKind kind_of(std::string_view type) {
    if (type == "operating-system")
        return ComponentKind::operating_system;
    if (type == "firmware" || type == "device-driver")
        return ComponentKind::firmware;
    return type == "library" || type == "framework" ? ComponentKind::library : ComponentKind::application;
}

/// Things with no code of their own.
bool is_software(std::string_view type) {
    constexpr std::array<std::string_view, 4> kOthers = {"device", "data", "machine-learning-model", "cryptographic-asset"};
    return std::ranges::find(kOthers, type) == kOthers.end();
}

/// Our word for the package system; "alpine" is what syft wrote before "apk" was agreed on.
std::string ecosystem_of(const PackageUrl& url) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes = {
        {{"deb", "dpkg"}, {"apk", "apk"}, {"alpine", "apk"}, {"opkg", "opkg"}, {"rpm", "rpm"}}};
    for (const auto& [type, ecosystem] : kTypes)
        if (url.type == type)
            return std::string(ecosystem);
    return {};
}

/// As packages found in an image are called: "gem/git", "npm/@scope/name".
std::string language_product(const PackageUrl& url) {
    const bool is_part = url.type == "npm" || url.type == "composer" || url.type == "golang";
    return url.type + "/" + (is_part && !url.space.empty() ? url.space + "/" : "") + url.name;
}

std::string licence_text(const std::vector<DocumentLicence>& licences) {
    std::string text;
    for (const DocumentLicence& licence : licences) {
        const bool compound = licences.size() > 1 && licence.expression.find(" OR ") != std::string::npos;
        const std::string one = licence.expression.empty() ? licence.name : licence.expression;
        text += (text.empty() ? "" : " AND ") + (compound ? "(" + one + ")" : one);
    }
    return text;
}

Component component_of(const DocumentComponent& from, const ProductNames& names) {
    Component component{
        .id = from.ref,
        .product = {},
        .name = from.name,
        .version = from.version,
        .kind = kind_of(from.type),
        .source = ComponentSource::declared,
        .ecosystem = {},
        .purl = from.purl,
        .cpe = {},
        .supplier = from.supplier,
        .license = licence_text(from.licences),
        .evidence = {{.path = from.ref, .offset = {}, .excerpt = excerpt(from.purl.empty() ? from.name + " " + from.version : from.purl)}}};
    Package package{.name = from.name};
    std::string product;
    if (const auto url = parse_package_url(from.purl)) {
        component.ecosystem = ecosystem_of(*url);
        package.name = url->name;
        if (const auto upstream = url->qualifiers.find("upstream"); upstream != url->qualifiers.end())
            package.source = upstream->second.substr(0, upstream->second.find('@'));
        if (component.version.empty())
            component.version = url->version;
        if (is_language_type(url->type))
            product = language_product(*url);
    }
    const bool guessed = !product.empty();  // tools that know no better make such a package's CPE of its bare name
    component.product = guessed ? std::move(product) : names.product_of(package);
    component.cpe = names.cpe_of(component.product);
    for (const std::string& name : from.cpe)
        if (const auto parts = parse_cpe(name)) {
            if (!guessed || !names.is_of_product(parts->pair))
                component.cpe.push_back(parts->pair);
            if (component.version.empty())
                component.version = parts->version;
        }
    std::ranges::sort(component.cpe);
    const auto doubles = std::ranges::unique(component.cpe);
    component.cpe.erase(doubles.begin(), doubles.end());
    return component;
}

}  // namespace

Table<Component> components(const Document& document, const ProductNames& names) {
    Table<Component> table{.observed = true, .gaps = document.remarks, .rows = {}};
    for (const DocumentComponent& component : document.components)
        if (is_software(component.type))
            table.rows.push_back(component_of(component, names));
    // The subject itself where it has a name that advisories know, or there is nothing else.
    if (document.subject && (!document.subject->cpe.empty() || !document.subject->purl.empty() || document.components.empty()))
        table.rows.push_back(component_of(*document.subject, names));
    std::ranges::sort(table.rows, {}, &Component::id);
    return table;
}

}  // namespace shirushi::sbom
