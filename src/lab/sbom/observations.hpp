#pragma once
// What was seen in one image before it is merged into components.

#include <string>
#include <vector>

#include "model/facts.hpp"
#include "sbom/identifiers.hpp"
#include "sbom/product_names.hpp"
#include "sbom/packages/package_file.hpp"
#include "unpack/tree.hpp"

namespace shirushi::sbom {

/// A product's version string in a file.
struct Observation {
    std::string product;
    std::string version;
    ComponentKind kind = ComponentKind::application;
    ComponentSource source = ComponentSource::binary_string;
    Evidence evidence;
    std::uint32_t confidence = 0;  ///< per cent
    std::string purl = {};         ///< without a version; empty: pkg:generic/ and the product
};

/// How far a source is trusted, in per cent, where a rule says no other. A file's name is the weakest: anybody can rename a file.
std::uint32_t usual_confidence(ComponentSource source);

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
/// Packages that programs list themselves: Go's build information, Rust's audit data, kernel modules from elsewhere.
PackageComponents read_programs(const unpack::Tree& tree, const ProductNames& names);
/// One row per system and version; without ids.
std::vector<Component> operating_systems(const unpack::Tree& tree, const ProductNames& names);

/// What a package is as a component; source, confidence and evidence are the caller's.
Component component_of(const Package& package, const Ecosystem& ecosystem, const Distribution& distribution, const ProductNames& names);

/// Joins both into the table's rows: merged, sorted, with ids.
std::vector<Component> merged(std::vector<Component> packages, const std::vector<Observation>& observations, const ProductNames& names);

}  // namespace shirushi::sbom
