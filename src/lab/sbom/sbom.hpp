#pragma once
// Artifacts -> components; sbom/documents/documents.hpp makes bills of materials of them. Components come from package databases (dpkg,
// opkg, apk), and from version strings in programs, kernels, boot loaders and whatever of the image no format explains.

#include <optional>
#include <string>

#include "base/parallel.hpp"
#include "model/facts.hpp"
#include "sbom/identifiers.hpp"
#include "unpack/tree.hpp"

namespace shirushi::sbom {

/// Every component with its evidence, sorted by id; the same tree gives the same table whatever the number of workers.
/// Observed unless the tree holds no content at all; gaps are the tree's and those of the readers.
///
/// Observations of one product in one version are one component with several evidences (at most 16, the database's first). A
/// version string that agrees with a package of the same product is evidence of that package.
Table<Component> components(const unpack::Tree& tree, const Identifiers& identifiers, unsigned workers = default_workers());

/// What the bill of materials is about.
struct SbomSubject {
    std::string product;             ///< model or file name; never empty
    std::string vendor;              ///< may be empty
    std::string version;             ///< may be empty
    std::optional<Digest> sha256;    ///< of the image
    std::string program_version;     ///< of Shirushi: "0.1.0"
    std::string timestamp;           ///< RFC 3339 date and time; empty: left out, which keeps equal inputs' documents equal
};

}  // namespace shirushi::sbom
