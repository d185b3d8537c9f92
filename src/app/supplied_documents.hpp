#pragma once
// Documents that people hand in: bills of materials, statements about vulnerabilities, a licence policy.

#include <optional>
#include <string>

#include "app/pipeline.hpp"
#include "vex/vex.hpp"

namespace shirushi::app {

/// The file as a bill of materials; nothing when it does not look like a document at all, but like an image. Errors: io and those of
/// sbom::read_document(), with the file's name in front.
Result<std::optional<sbom::Document>> bill_in(const std::string& path);
/// As bill_in(), where nothing but a bill of materials will do.
Result<sbom::Document> required_bill(const std::string& path);

Result<vex::Document> statements_in(const std::string& path);

/// The user's policy, or the catalogues' when `path` is empty.
Result<LicencePolicy> licence_policy(const std::string& path, const catalog::Library& library);

}  // namespace shirushi::app
