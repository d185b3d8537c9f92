#include <algorithm>

#include "sbom/observations.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::sbom {

Table<Component> components(const unpack::Tree& tree, const Identifiers& identifiers, unsigned workers) {
    Table<Component> table;
    const ProductNames names(identifiers);
    PackageComponents packages = read_packages(tree, names);
    Observations strings = observe_strings(tree, identifiers, workers);

    table.observed = strings.looked;
    table.gaps = tree.gaps();
    std::ranges::move(packages.gaps, std::back_inserter(table.gaps));
    std::ranges::move(strings.gaps, std::back_inserter(table.gaps));
    std::ranges::sort(table.gaps);
    const auto doubles = std::ranges::unique(table.gaps);
    table.gaps.erase(doubles.begin(), doubles.end());
    if (table.observed)
        table.rows = merged(std::move(packages.rows), strings.rows, names);
    return table;
}

}  // namespace shirushi::sbom
