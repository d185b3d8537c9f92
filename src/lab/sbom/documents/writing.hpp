#pragma once
// What the writers share.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sbom/documents/document.hpp"
#include "sbom/licences/expression.hpp"

namespace shirushi::sbom {

using OrderedJson = nlohmann::ordered_json;

/// CycloneDX 1.`minor` as JSON; members stand in the order of the XML schema's sequences.
OrderedJson cyclonedx_json(const Document& document, int minor, const LicenceList& licences);
OrderedJson vulnerabilities_json(const Document& document, const Table<AdvisoryMatch>& matches, int minor);
/// That JSON as XML.
std::string cyclonedx_xml(const OrderedJson& document, int minor);

/// SPDX 2.3 as JSON, and that JSON as tag-value text.
OrderedJson spdx_json(const Document& document, const LicenceList& licences);
std::string spdx_tag_value(const OrderedJson& document);

/// The licence as SPDX spells it; empty when it is no expression of listed licences.
std::string listed_expression(const DocumentLicence& licence, const LicenceList& licences);

/// Two-space indented with a line end.
std::string printed(const OrderedJson& json);
/// "urn:uuid:..." of version 8 (RFC 9562 5.8: bits of our own choosing) made from the digest of `content`.
std::string uuid_of(const OrderedJson& content);

}  // namespace shirushi::sbom
