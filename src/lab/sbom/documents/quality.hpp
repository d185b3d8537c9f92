#pragma once
// How much of what a bill of materials must say at least this one says: the seven data fields of NTIA, "The Minimum Elements For a Software
// Bill of Materials" (2021).

#include <cstdint>
#include <string>
#include <vector>

#include "sbom/documents/document.hpp"

namespace shirushi::sbom {

enum class MinimumElement { supplier, name, version, identifier, relationship, author, timestamp };

}  // namespace shirushi::sbom

namespace shirushi {
SHIRUSHI_NAMES(sbom::MinimumElement, "supplier", "name", "version", "identifier", "relationship", "author", "timestamp")
}  // namespace shirushi

namespace shirushi::sbom {

struct RatedElement {
    MinimumElement element = MinimumElement::supplier;
    std::uint64_t present = 0;
    std::uint64_t total = 0;           ///< components with the subject, or 1 for what the document says once
    std::vector<std::string> lacking;  ///< refs of the first ten components without it
    bool operator==(const RatedElement&) const = default;
    SHIRUSHI_FIELDS(RatedElement, element, present, total, lacking)
};

struct Quality {
    std::uint32_t score = 0;  ///< 0 to 100: the mean of the seven shares, rounded down
    std::vector<RatedElement> elements;  ///< all seven, in NTIA's order
    bool operator==(const Quality&) const = default;
    SHIRUSHI_FIELDS(Quality, score, elements)
};

/// An identifier is a package-url or a CPE that can be taken apart; a relationship, that a component is named in one, or that the document
/// has no other component; an author, a person or an organisation (a tool alone makes no statement); a timestamp, one of RFC 3339.
Quality rate(const Document& document);

/// Two-space indented with a line end.
std::string to_json(const Quality& quality);

}  // namespace shirushi::sbom
