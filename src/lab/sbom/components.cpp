#include <algorithm>

#include "sbom/compiled_in.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::sbom {

Table<Component> components(const unpack::Tree& tree, const Identifiers& identifiers, unsigned workers) {
    Table<Component> table;
    const ProductNames names(identifiers);
    PackageComponents packages = read_packages(tree, names);
    PackageComponents programs = read_programs(tree, names);
    std::ranges::move(programs.rows, std::back_inserter(packages.rows));
    std::ranges::move(operating_systems(tree, names), std::back_inserter(packages.rows));
    Observations strings = observe_strings(tree, identifiers, workers);
    CompiledInFacts compiled_in = compiled_in_facts(tree);
    std::ranges::move(compiled_in.versions, std::back_inserter(strings.rows));

    table.observed = strings.looked;
    table.gaps = tree.gaps();
    std::ranges::move(packages.gaps, std::back_inserter(table.gaps));
    std::ranges::move(programs.gaps, std::back_inserter(table.gaps));
    std::ranges::move(strings.gaps, std::back_inserter(table.gaps));
    std::ranges::sort(table.gaps);
    const auto doubles = std::ranges::unique(table.gaps);
    table.gaps.erase(doubles.begin(), doubles.end());
    if (table.observed) {
        table.rows = merged(std::move(packages.rows), strings.rows, names);
        add_compiled_in(table.rows, compiled_in.facts);
    }
    return table;
}

}  // namespace shirushi::sbom
