#pragma once
// What it takes to settle a catalogue's requirements: how much the tool decides, how much is left to people.

#include <string>
#include <vector>

#include "model/catalogue.hpp"

namespace shirushi::catalog {

/// How one requirement is settled.
enum class Settling {
    automatic,  ///< its checks decide it
    guided,     ///< checks or declarations decide a part; for the rest the catalogue says what to run or hand in
    declared,   ///< the maker's statements in product.toml decide it
    person,     ///< nothing but what a person runs or reads decides it
};

Settling settling_of(const Requirement& requirement);

/// A catalogue's requirements by how they are settled; all empty for a reference list.
struct Coverage {
    std::string catalogue;
    std::string edition;
    CatalogueKind kind = CatalogueKind::testable;
    std::vector<std::string> automatic;
    std::vector<std::string> guided;
    std::vector<std::string> declared;
    std::vector<std::string> person;
    bool operator==(const Coverage&) const = default;
    SHIRUSHI_FIELDS(Coverage, catalogue, edition, kind, automatic, guided, declared, person)
};

Coverage coverage_of(const Catalogue& catalogue);

}  // namespace shirushi::catalog

namespace shirushi {
SHIRUSHI_NAMES(catalog::Settling, "automatic", "guided", "declared", "person")
}  // namespace shirushi
