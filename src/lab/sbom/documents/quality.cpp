#include "sbom/documents/quality.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "model/json_fields.hpp"
#include "model/package_url.hpp"
#include "model/timestamp.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kLacking = 10;

bool has_identifier(const DocumentComponent& component) {
    return parse_package_url(component.purl) || std::ranges::any_of(component.cpe, [](const std::string& cpe) { return parse_cpe(cpe).has_value(); });
}

}  // namespace

Quality rate(const Document& document) {
    std::vector<const DocumentComponent*> components;
    if (document.subject)
        components.push_back(&*document.subject);
    for (const DocumentComponent& component : document.components)
        components.push_back(&component);
    std::set<std::string_view> related;
    for (const DocumentRelation& relation : document.relations)
        related.insert({relation.from, relation.to});
    Quality quality;
    const auto each = [&](MinimumElement element, const std::function<bool(const DocumentComponent&)>& has) {
        RatedElement rated{.element = element, .present = 0, .total = components.size(), .lacking = {}};
        for (const DocumentComponent* component : components) {
            if (has(*component))
                ++rated.present;
            else if (rated.lacking.size() < kLacking)
                rated.lacking.push_back(component->ref);
        }
        quality.elements.push_back(std::move(rated));
    };
    const auto once = [&](MinimumElement element, bool has) {
        quality.elements.push_back({.element = element, .present = has ? 1U : 0U, .total = 1, .lacking = {}});
    };
    each(MinimumElement::supplier, [](const DocumentComponent& component) { return !component.supplier.empty(); });
    each(MinimumElement::name, [](const DocumentComponent& component) { return !component.name.empty(); });
    each(MinimumElement::version, [](const DocumentComponent& component) { return !component.version.empty(); });
    each(MinimumElement::identifier, has_identifier);
    each(MinimumElement::relationship, [&](const DocumentComponent& component) { return components.size() == 1 || related.contains(component.ref); });
    once(MinimumElement::author, !document.authors.empty());
    once(MinimumElement::timestamp, !utc_text(document.timestamp).empty());
    double sum = 0;
    for (const RatedElement& rated : quality.elements)
        sum += rated.total == 0 ? 0.0 : static_cast<double>(rated.present) / static_cast<double>(rated.total);
    quality.score = static_cast<std::uint32_t>(sum * 100 / static_cast<double>(quality.elements.size()) + 1e-9);
    return quality;
}

std::string to_json(const Quality& quality) { return json::text_of(quality); }

}  // namespace shirushi::sbom
