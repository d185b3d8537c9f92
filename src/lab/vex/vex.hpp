#pragma once
// Statements about vulnerabilities in products: read from OpenVEX, CycloneDX and CSAF, written as OpenVEX and CycloneDX, applied to what
// the advisories say of an image. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"
#include "model/vex.hpp"

namespace shirushi::vex {

enum class Format { openvex, cyclonedx, csaf };

struct Document {
    Format format = Format::openvex;
    std::string spec_version;  ///< "0.2.0", "1.6", "2.0"
    std::string id;
    std::string author;     ///< also stands in each statement
    std::string timestamp;  ///< RFC 3339; may be empty
    std::vector<VexStatement> statements;  ///< in the document's order
    std::vector<std::string> remarks;      ///< what was met and left out, in words
    bool operator==(const Document&) const = default;
};

/// Reads OpenVEX 0.0.1 to 0.2.x, CycloneDX 1.4 to 1.7 (JSON) and CSAF 2.0 and 2.1, told apart by content. Errors: bad_input and limit
/// with the place (JSON pointer, or line and byte) and what to do; unsupported naming what is not read.
Result<Document> read(Bytes content);

/// OpenVEX 0.2.0 and CycloneDX `version` ("1.4", "1.5" or "1.6"; unsupported otherwise) as JSON with a final line end; the same document
/// gives the same bytes. OpenVEX must name author and time: bad_input without.
Result<std::string> write_openvex(const Document& document);
Result<std::string> write_cyclonedx(const Document& document, std::string_view version = "1.6");

/// The product that was looked at.
struct Subject {
    std::string name;     ///< may be empty
    std::string version;  ///< may be empty
    std::string sha256;   ///< of the image, 64 hexadecimal digits; may be empty
};

/// What became of a match under the statements.
enum class Outcome {
    suppressed,          ///< not affected or fixed: the match no longer counts, and the statement is to be shown with it
    confirmed,           ///< affected
    in_triage,           ///< under investigation
    unexplained,         ///< not affected, but neither a justification nor words say why: it does not count
    contradicted,        ///< not affected, but what it rests on was observed to be otherwise: it does not count
    other_version,       ///< a statement fits but for its version: it does not apply
    no_version,          ///< a statement fits but names no version: it would hold for versions nobody looked at, and does not apply
    range_not_compared,  ///< a statement fits but its range of versions cannot be read, or not be compared here: it does not apply
};

struct Decision {
    std::size_t match = 0;      ///< index into the matches' rows
    std::size_t statement = 0;  ///< index into the statements
    Outcome outcome = Outcome::confirmed;
    std::string contradiction = {};  ///< for contradicted: what was observed
    bool operator==(const Decision&) const = default;
};

/// One decision for each match that a statement is about, in order of the matches. Of several statements that apply the latest counts,
/// the last of equally late ones; one that does not apply is reported only where none does. A statement applies where vulnerability (or
/// alias), product and version are the same: a product is the image itself (name and version, or digest) or a component (purl, CPE or
/// name, and version); parts of a product are components, and the product must then be the image or not be told apart from it. Instead of
/// a version a statement may give a range (vuln/version_range_specifier.hpp): distributions' ranges hold for the package's whole
/// version, all others for upstream's part of it.
///
/// Contradicted is a statement whose justification was observed to be false: component_not_present where the component was found (and
/// is not only listed as to be installed), vulnerable_code_not_present where the part that holds the fault was seen to be built.
std::vector<Decision> apply(const std::vector<VexStatement>& statements, const Subject& subject, const Table<Component>& components,
                            const Table<AdvisoryMatch>& matches);

/// Writes each decision into its match, for checks and reports: who states what, and whether it counts.
void record(const std::vector<VexStatement>& statements, const std::vector<Decision>& decisions, Table<AdvisoryMatch>& matches);

}  // namespace shirushi::vex

namespace shirushi {
SHIRUSHI_NAMES(vex::Format, "openvex", "cyclonedx", "csaf")
SHIRUSHI_NAMES(vex::Outcome, "suppressed", "confirmed", "in_triage", "unexplained", "contradicted", "other_version", "no_version", "range_not_compared")
}  // namespace shirushi
