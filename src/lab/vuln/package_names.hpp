#pragma once
// The names a component's package goes by in the advisories of its distribution or ecosystem (Operand::product of part p).

#include <optional>
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

/// Where advisories for the component's package are published, as the beginning of their products' names: "maven/", "deb/debian/bookworm/";
/// "deb/debian//" where the purl names no release. Nothing where nobody publishes any by package (opkg, generic).
std::string advisory_source(const Component& component);

/// How versions of an ecosystem (a purl's type; the part of Operand::product before the first '/') are ordered; nothing where that is not known.
std::optional<VersionScheme> known_scheme_of(std::string_view ecosystem);
/// The same; `generic` where it is not known.
VersionScheme scheme_of_ecosystem(std::string_view ecosystem);

/// Whether versions of this scheme are a distribution's: upstream's with epoch or revision.
bool is_of_distribution(VersionScheme scheme);
/// How the component's distribution writes upstream's version into its own; nothing where no distribution packaged it.
std::optional<VersionScheme> distribution_scheme(const Component& component);
/// What upstream calls the component's version: "1:1.35.0-4" of dpkg is "1.35.0", "1.0.0-rc.1" of npm is itself.
std::string upstream_version(const Component& component);

}  // namespace shirushi::vuln
