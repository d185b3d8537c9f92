#pragma once
// What was seen in one image before it is merged into components.

#include <string>
#include <vector>

#include "model/facts.hpp"
#include "sbom/identifiers.hpp"
#include "sbom/product_names.hpp"
#include "unpack/tree.hpp"

namespace shirushi::sbom {

/// A product's version string in a file.
struct Observation {
    std::string product;
    std::string version;
    ComponentKind kind = ComponentKind::application;
    ComponentSource source = ComponentSource::binary_string;
    Evidence evidence;
};

struct Observations {
    std::vector<Observation> rows;
    std::vector<std::string> gaps;
    bool looked = false;  ///< there was any content to look at
};
Observations observe_strings(const unpack::Tree& tree, const Identifiers& identifiers, unsigned workers);

struct PackageComponents {
    std::vector<Component> rows;  ///< without ids; one row per name, version and package-url
    std::vector<std::string> gaps;
};
PackageComponents read_packages(const unpack::Tree& tree, const ProductNames& names);

/// Joins both into the table's rows: merged, sorted, with ids.
std::vector<Component> merged(std::vector<Component> packages, const std::vector<Observation>& observations, const ProductNames& names);

}  // namespace shirushi::sbom
