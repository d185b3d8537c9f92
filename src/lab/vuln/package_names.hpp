#pragma once
// The names a component's package goes by in the advisories of its distribution or ecosystem (Operand::product of part p).

#include <string>
#include <vector>

#include "model/facts.hpp"
#include "vuln/version.hpp"

namespace shirushi::vuln {

/// One name of a package, with the version to compare and how.
struct PackageName {
    std::string product;  ///< "deb/debian/bookworm/openssl"
    std::string version;
    VersionScheme scheme = VersionScheme::generic;
};

/// By the component's purl (ecma-427): type, namespace, name, and for distributions the release in the qualifier "distro". Source
/// packages, where they are known, since distributions publish by those. Nothing where the purl names no release.
std::vector<PackageName> package_names(const Component& component);

/// How versions of an ecosystem (the part of Operand::product before the first '/') are ordered.
VersionScheme scheme_of_ecosystem(std::string_view ecosystem);

/// Whether its purl is of a programming language's package manager.
bool is_language_package(const Component& component);

}  // namespace shirushi::vuln
