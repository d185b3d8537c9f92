#pragma once
// What the readers share.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "model/foreign_json.hpp"
#include "sbom/documents/document.hpp"

namespace shirushi::sbom {

inline constexpr std::size_t kDocumentComponents = 500'000;
inline constexpr std::size_t kDocumentRelations = 4'000'000;
inline constexpr std::size_t kRemarks = 100;

/// CycloneDX in JSON's shape, whether it was JSON or XML. `root` is known to say that it is CycloneDX.
Result<Document> read_cyclonedx(const json::At& root, DocumentFormat format);
/// CycloneDX's XML in the shape of its JSON, with json::kLineMember in every object. Errors: see read_document().
Result<json::Foreign> cyclonedx_from_xml(std::string_view text);

Result<Document> read_spdx_json(const json::At& root);
Result<Document> read_spdx_tag_value(std::string_view text);
/// SPDX's tag-value text in the shape of its JSON, with json::kLineMember in every object but the first. Errors: see read_document().
Result<json::Foreign> spdx_from_tag_value(std::string_view text);

/// At most kRemarks are kept; the last then says that there are more.
void remark(Document& document, std::string text);

/// Gives every component a ref of its own, drops relations to what is not there (with a remark), sorts the rest.
void settle(Document& document);

/// SPDX writes "SHA256", CycloneDX "SHA-256": the latter.
std::string hash_algorithm(std::string_view spelled);

}  // namespace shirushi::sbom
