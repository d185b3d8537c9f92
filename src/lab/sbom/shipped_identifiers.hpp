#pragma once
// For this room's tests: catalogues/identifiers.toml as the program ships it.

#include "sbom/identifiers.hpp"

namespace shirushi::sbom {

struct ShippedIdentifiers {
    std::vector<ProductIdentifier> identifiers;
    std::vector<ProductAlias> aliases;
};
ShippedIdentifiers shipped_identifiers();

}  // namespace shirushi::sbom
