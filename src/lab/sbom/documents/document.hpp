#pragma once
// A bill of materials as a value: what CycloneDX and SPDX both can say, in one vocabulary. All text is printable UTF-8.

#include <optional>
#include <string>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::sbom {

enum class DocumentFormat { cyclonedx_json, cyclonedx_xml, spdx_json, spdx_tag_value };

}  // namespace shirushi::sbom

namespace shirushi {
SHIRUSHI_NAMES(sbom::DocumentFormat, "cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value")
}  // namespace shirushi

namespace shirushi::sbom {

struct DocumentHash {
    std::string algorithm;  ///< as CycloneDX spells it: "SHA-256", "SHA-1", "MD5", "BLAKE2b-256"
    std::string value;      ///< hexadecimal, small letters
    bool operator==(const DocumentHash&) const = default;
};

/// One of a component's licences; several hold together (AND).
struct DocumentLicence {
    std::string expression;  ///< SPDX expression: "MIT", "GPL-2.0-only WITH Classpath-exception-2.0"; empty: only a name is known
    std::string name;        ///< words for what is no expression: "proprietary, see contract"
    bool operator==(const DocumentLicence&) const = default;
};

/// A remark that the format has no field for: CycloneDX's properties.
struct DocumentProperty {
    std::string name;
    std::string value;
    bool operator==(const DocumentProperty&) const = default;
};

/// How a component came to be known (CycloneDX 1.5's evidence); written, not read.
struct DocumentEvidence {
    std::string technique;  ///< CycloneDX's word: "manifest-analysis"
    double confidence = 0;  ///< 0 to 1
    std::vector<Evidence> occurrences;
    bool operator==(const DocumentEvidence&) const = default;
};

struct DocumentComponent {
    std::string ref;   ///< bom-ref or SPDXID, unique in the document; readers give one where there is none
    std::string type;  ///< CycloneDX's word: "library", "application", "operating-system", "firmware", "file" ...
    std::string group;  ///< CycloneDX only: "org.example"
    std::string name;
    std::string version;
    std::string supplier;
    std::string purl;
    std::vector<std::string> cpe;  ///< CPE 2.3 or 2.2 names as they stand there
    std::vector<DocumentHash> hashes;
    std::vector<DocumentLicence> licences;
    std::vector<DocumentProperty> properties;
    std::optional<DocumentEvidence> evidence;
    bool operator==(const DocumentComponent&) const = default;
};

enum class RelationKind { depends_on, contains, other };

/// `from` and `to` are components' refs; what refers to another document or to no component is left out by readers.
struct DocumentRelation {
    std::string from;
    RelationKind kind = RelationKind::depends_on;
    std::string to;
    auto operator<=>(const DocumentRelation&) const = default;
};

/// Who made a document; tools are none.
struct DocumentAuthor {
    std::string name;
    bool is_person = true;  ///< or an organisation
    bool operator==(const DocumentAuthor&) const = default;
};

struct Document {
    DocumentFormat format = DocumentFormat::cyclonedx_json;
    std::string spec_version;          ///< "1.6", "2.3"
    std::string serial;                ///< CycloneDX serialNumber or SPDX documentNamespace; may be empty
    std::string name;                  ///< of the document where it has one (SPDX)
    std::string timestamp;             ///< RFC 3339 as it stands there; may be empty
    std::vector<DocumentAuthor> authors;
    std::vector<std::string> tools;    ///< "syft 1.0"
    std::string supplier;              ///< of the document's subject where the document says so apart from the component
    std::optional<DocumentComponent> subject;  ///< what the document is about
    std::vector<DocumentComponent> components;
    std::vector<DocumentRelation> relations;   ///< sorted, each once
    bool states_relations = false;             ///< the document says how components depend, even if on nothing
    std::vector<DocumentProperty> properties;
    std::vector<std::string> remarks;  ///< what a reader met and left out, in words
    std::optional<Table<AdvisoryMatch>> matches;  ///< of a document made from an image: written as vulnerabilities (CycloneDX)
    bool operator==(const Document&) const = default;
};

}  // namespace shirushi::sbom
