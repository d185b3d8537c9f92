#pragma once
// A supplied bill of materials against what was found in the image.

#include <string>
#include <vector>

#include "sbom/documents/document.hpp"
#include "sbom/product_names.hpp"

namespace shirushi::sbom {

enum class Comparison { same, version_differs, declared_only, found_only };

}  // namespace shirushi::sbom

namespace shirushi {
SHIRUSHI_NAMES(sbom::Comparison, "same", "version_differs", "declared_only", "found_only")
}  // namespace shirushi

namespace shirushi::sbom {

struct ComparedRow {
    Comparison result = Comparison::same;
    std::string name;              ///< the declared one's, else the found one's
    std::string matched_by;        ///< "purl", "cpe" or "name"; empty where nothing matches
    std::string declared;          ///< ref in the document; empty: not declared
    std::string declared_version;
    std::string found;             ///< Component::id; empty: not found
    std::string found_version;
    auto operator<=>(const ComparedRow&) const = default;
    SHIRUSHI_FIELDS(ComparedRow, result, name, matched_by, declared, declared_version, found, found_version)
};

struct ComparedTable {
    std::vector<ComparedRow> rows;  ///< sorted by result, then name
    bool found_is_partial = false;  ///< something could not be looked at: what is declared only may be there all the same
    bool operator==(const ComparedTable&) const = default;
    SHIRUSHI_FIELDS(ComparedTable, rows, found_is_partial)
};

/// What is the same component is told by package-url (type, namespace and name), else by CPE vendor and product, else by product name under
/// the aliases of `names`. Packages' versions are compared as they are, else without the distribution's revision. A declared
/// product may be found as several packages.
ComparedTable compare(const Document& declared, const Table<Component>& found, const ProductNames& names);

/// Two-space indented with a line end.
std::string to_json(const ComparedTable& table);

}  // namespace shirushi::sbom
