#pragma once
// What somebody states about whether a vulnerability matters in a product (VEX): one vocabulary for OpenVEX, CycloneDX and CSAF.
// All text is printable UTF-8.

#include <string>
#include <vector>

#include "model/fields.hpp"

namespace shirushi {

enum class VexStatus { not_affected, affected, fixed, under_investigation };
SHIRUSHI_NAMES(VexStatus, "not_affected", "affected", "fixed", "under_investigation")

/// Why a product is not affected; the words are those of CISA's list of 2022, which OpenVEX and CSAF share.
enum class VexJustification {
    none,
    component_not_present,
    vulnerable_code_not_present,
    vulnerable_code_not_in_execute_path,
    vulnerable_code_cannot_be_controlled_by_adversary,
    inline_mitigations_already_exist,
};
SHIRUSHI_NAMES(VexJustification, "none", "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
               "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist")

/// A product or component as a statement names it; any of the texts but not all may be empty.
struct VexItem {
    std::string id;       ///< as the document refers to it: a purl, an IRI, a product id
    std::string name;
    std::string version;
    std::string range;    ///< instead of a version, as it stands there: "vers:deb/>=1.0|<1.2"
    std::string purl;
    std::string cpe;
    std::string sha256;   ///< 64 hexadecimal digits
    auto operator<=>(const VexItem&) const = default;
    SHIRUSHI_FIELDS(VexItem, id, name, version, range, purl, cpe, sha256)
};

/// A product; with parts, the statement is about these parts in this product only.
struct VexProduct {
    VexItem item;
    std::vector<VexItem> parts;
    bool operator==(const VexProduct&) const = default;
    SHIRUSHI_FIELDS(VexProduct, item, parts)
};

struct VexStatement {
    std::string vulnerability;         ///< "CVE-2014-0160"
    std::vector<std::string> aliases;  ///< other ids of it
    VexStatus status = VexStatus::under_investigation;
    VexJustification justification = VexJustification::none;
    std::string analysis;  ///< CycloneDX's own word for state or justification where ours is wider: "requires_configuration"
    std::string impact;    ///< why it is not affected, in words
    std::string action;    ///< what to do, in words
    std::string timestamp; ///< of its last change, RFC 3339; empty when neither it nor the document says
    std::string author;    ///< who makes it; empty where the document does not say
    std::string document;  ///< file name of the document it was read from
    std::string place;     ///< in the document: "/statements/3"
    std::vector<VexProduct> products;
    bool operator==(const VexStatement&) const = default;
    SHIRUSHI_FIELDS(VexStatement, vulnerability, aliases, status, justification, analysis, impact, action, timestamp, author, document, place, products)
};

}  // namespace shirushi
