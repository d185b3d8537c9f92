#include "catalog/coverage.hpp"

namespace shirushi::catalog {

Settling settling_of(const Requirement& requirement) {
    const bool looked_at = !requirement.checks.empty();
    const bool stated = !requirement.declarations.empty();
    if (!requirement.open_points.empty())
        return looked_at || stated ? Settling::guided : Settling::person;
    return looked_at ? Settling::automatic : Settling::declared;
}

Coverage coverage_of(const Catalogue& catalogue) {
    Coverage coverage{.catalogue = catalogue.id, .edition = catalogue.edition, .kind = catalogue.kind, .automatic = {}, .guided = {}, .declared = {}, .person = {}};
    if (catalogue.kind == CatalogueKind::reference)
        return coverage;
    for (const Requirement& requirement : catalogue.requirements) {
        switch (settling_of(requirement)) {
            case Settling::automatic: coverage.automatic.push_back(requirement.id); break;
            case Settling::guided: coverage.guided.push_back(requirement.id); break;
            case Settling::declared: coverage.declared.push_back(requirement.id); break;
            case Settling::person: coverage.person.push_back(requirement.id); break;
        }
    }
    return coverage;
}

}  // namespace shirushi::catalog
