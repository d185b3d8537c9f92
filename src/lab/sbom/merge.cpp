#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sbom/observations.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kEvidence = 16;  // a kernel's modules alone are hundreds, each saying the same

/// Sorted, each once, the database's rows first, at most kEvidence.
void settle_evidence(std::vector<Evidence>& evidence, std::size_t from_database) {
    std::sort(evidence.begin(), evidence.begin() + static_cast<std::ptrdiff_t>(from_database));
    std::sort(evidence.begin() + static_cast<std::ptrdiff_t>(from_database), evidence.end());
    evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
    if (evidence.size() > kEvidence)
        evidence.resize(kEvidence);
}

/// Index of the package that a version string of `product` belongs to: the first whose upstream version is the same.
const Component* package_with(const std::vector<Component>& packages, const std::vector<std::size_t>& of_product, const std::string& version) {
    for (const std::size_t i : of_product)
        if (upstream_version(packages[i].ecosystem, packages[i].version) == version)
            return &packages[i];
    return nullptr;
}

Component seen_component(const Observation& first, const ProductNames& names) {
    Component component;
    component.product = first.product;
    component.name = first.product;
    component.version = first.version;
    component.kind = first.kind;
    component.source = first.source;
    component.purl = first.purl.empty() ? package_url({.name = {}, .purl_type = "generic"}, {.name = first.product, .version = first.version}, {})
                                        : first.purl + (first.version.empty() ? "" : "@" + purl_text(first.version));
    component.cpe = names.cpe_of(first.product);
    return component;
}

void give_ids(std::vector<Component>& components) {
    std::set<std::string> used;
    std::map<std::string, int> count;
    for (Component& component : components) {
        std::string base = component.version.empty() ? component.name : component.name + "@" + component.version;
        if (base.starts_with("shirushi:"))  // the document's own references start so
            base.insert(0, "component:");
        component.id = base;
        while (!used.insert(component.id).second)
            component.id = fmt::format("{}#{}", base, ++count.try_emplace(base, 1).first->second);
    }
}

}  // namespace

std::uint32_t usual_confidence(ComponentSource source) {
    switch (source) {
        case ComponentSource::package_database: return 100;
        case ComponentSource::build_information: return 98;
        case ComponentSource::kernel_banner: return 95;
        case ComponentSource::binary_string: return 80;
        case ComponentSource::file_name: return 60;
        case ComponentSource::declared: return 50;
    }
    return 0;
}

std::vector<Component> merged(std::vector<Component> packages, const std::vector<Observation>& observations, const ProductNames& names) {
    const auto order = [](const Component& c) { return std::tie(c.product, c.name, c.version, c.ecosystem, c.purl); };
    std::ranges::sort(packages, {}, order);
    std::map<std::string, std::vector<std::size_t>> by_product;
    std::vector<std::size_t> from_database(packages.size());
    for (std::size_t i = 0; i < packages.size(); ++i) {
        by_product[packages[i].product].push_back(i);
        from_database[i] = packages[i].evidence.size();
    }

    std::map<std::pair<std::string, std::string>, std::vector<const Observation*>> groups;
    for (const Observation& observation : observations)
        groups[{observation.product, observation.version}].push_back(&observation);

    std::vector<Component> seen;
    for (const auto& [key, rows] : groups) {
        const auto& [product, version] = key;
        const auto of_product = by_product.find(product);
        // A sighting without a version says nothing where the same product is known with one: groups are sorted, "" is first.
        const auto next_group = groups.upper_bound(key);
        if (version.empty() && (of_product != by_product.end() || (next_group != groups.end() && next_group->first.first == product)))
            continue;
        const Component* package = of_product == by_product.end() ? nullptr : package_with(packages, of_product->second, version);
        if (package != nullptr) {
            Component& owner = packages[static_cast<std::size_t>(package - packages.data())];
            for (const Observation* row : rows)
                owner.evidence.push_back(row->evidence);
            continue;
        }
        Component component = seen_component(*rows.front(), names);
        for (const Observation* row : rows) {
            component.source = std::min(component.source, row->source);
            component.confidence = std::max(component.confidence, row->confidence);
            component.evidence.push_back(row->evidence);
        }
        settle_evidence(component.evidence, 0);
        seen.push_back(std::move(component));
    }
    for (std::size_t i = 0; i < packages.size(); ++i)
        settle_evidence(packages[i].evidence, from_database[i]);

    std::ranges::move(seen, std::back_inserter(packages));
    std::ranges::sort(packages, {}, order);
    give_ids(packages);
    return packages;
}

}  // namespace shirushi::sbom
