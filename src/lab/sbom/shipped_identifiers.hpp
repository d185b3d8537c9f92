#pragma once
// For this room's tests: catalogues/identifiers.toml and licences/spdx.toml as the program ships them.

#include "sbom/identifiers.hpp"
#include "sbom/licences/expression.hpp"

namespace shirushi::sbom {

struct ShippedIdentifiers {
    std::vector<ProductIdentifier> identifiers;
    std::vector<ProductAlias> aliases;
};
ShippedIdentifiers shipped_identifiers();
LicenceList shipped_licences();

}  // namespace shirushi::sbom
