#pragma once
// Documents that people hand in: bills of materials, statements about vulnerabilities, what an earlier run wrote, a licence policy.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/pipeline.hpp"
#include "model/assessment.hpp"
#include "vex/vex.hpp"

namespace shirushi::app {

/// The file as a bill of materials; nothing when it does not look like a document at all, but like an image. Errors: io and those of
/// sbom::read_document(), with the file's name in front.
Result<std::optional<sbom::Document>> bill_in(const std::string& path);
/// As bill_in(), where nothing but a bill of materials will do.
Result<sbom::Document> required_bill(const std::string& path);

/// facts.json and assessment.json of an earlier run. Errors: io, limit and bad_input, with the file's name in front.
Result<Facts> facts_in(const std::filesystem::path& path);
Result<Assessment> assessment_in(const std::filesystem::path& path);

/// Statements of several documents, in the order of the files and as they stand there; each says which document it is from.
struct Statements {
    std::vector<VexStatement> rows;
    std::string author;                ///< whom the first document that names one names
    std::string timestamp;             ///< of the newest document
    std::vector<std::string> remarks;  ///< what was left out, with the file's name in front
    std::vector<PinnedInput> inputs;
};
Result<Statements> statements_in(const std::vector<std::string>& paths);

/// Writes into the advisory matches what is stated about them, and into the notes what was left out, each once. The product, where there is one, is what statements about the image name.
void hear(const Statements& statements, const std::optional<Product>& product, Facts& facts);

/// The image or product that statements may be about.
vex::Subject subject_of_statements(const std::optional<Product>& product, const Facts& facts);

/// The user's policy, or the catalogues' when `path` is empty.
Result<LicencePolicy> licence_policy(const std::string& path, const catalog::Library& library);

}  // namespace shirushi::app
