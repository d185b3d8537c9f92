#pragma once
// Bills of materials as documents: read, written, compared, rated. The public header of this folder.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "sbom/documents/document.hpp"
#include "sbom/product_names.hpp"
#include "sbom/licences/licences.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::sbom {

/// Reads CycloneDX 1.0 to 1.7 (JSON and XML) and SPDX 2.2 and 2.3 (JSON and tag-value). Errors: bad_input and limit with the place (JSON
/// pointer, line, byte) and what to do; unsupported naming the format or version that is not read and what to export instead.
Result<Document> read_document(Bytes content);

/// The document's components as the table that advisories are matched against: product, CPE pairs and version as for what was found in an
/// image. One row for each component of the document that is software, in order of ids; `observed` is true.
Table<Component> components(const Document& document, const ProductNames& names);

/// What was found in an image as a document: each component with its evidence, the subject depending on all of them. `matches` may be
/// null: nobody looked for advisories.
Document document_of(const Table<Component>& components, const Table<AdvisoryMatch>* matches, const SbomSubject& subject);

/// Gives the components the licences that were found for them, where these are known; the others keep what their package says.
void add_licences(Document& document, const LicenceTable& table);

struct WriteOptions {
    DocumentFormat format = DocumentFormat::cyclonedx_json;
    std::string spec_version;  ///< "1.4", "1.5", "1.6" of CycloneDX, "2.3" of SPDX; empty: the last of these
};
/// The document's text: UTF-8 with a final line end, valid against the published schema, the same for the same document. The serial number
/// is a UUID of version 8 (RFC 9562 5.8) made from the digest of everything else. A licence that is no expression of listed
/// licences goes out as a name. Errors: unsupported (a version that is not written), bad_input (SPDX without a timestamp).
Result<std::string> write_document(const Document& document, const WriteOptions& options, const LicenceList& licences);

}  // namespace shirushi::sbom
