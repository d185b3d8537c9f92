#include "sbom/documents/writing.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "model/timestamp.hpp"
#include "sbom/documents/documents.hpp"

namespace shirushi::sbom {

std::string printed(const OrderedJson& json) { return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n"; }

std::string uuid_of(const OrderedJson& content) {
    auto bytes = crypto::sha256(as_bytes(printed(content))).bytes;
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x80);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    const std::string hex = to_hex(Bytes(bytes).first(16));
    return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

std::string listed_expression(const DocumentLicence& licence, const LicenceList& licences) {
    if (licence.expression.empty())
        return {};
    const auto parsed = parse_licence_expression(licence.expression, licences);
    return parsed ? text_of(*parsed) : "";
}

Result<std::string> write_document(const Document& document, const WriteOptions& options, const LicenceList& licences) {
    const bool spdx = options.format == DocumentFormat::spdx_json || options.format == DocumentFormat::spdx_tag_value;
    const std::string version = !options.spec_version.empty() ? options.spec_version : spdx ? "2.3" : "1.6";
    if (spdx) {
        if (version != "2.3")
            return fail(Errc::unsupported, fmt::format("SPDX {} is not written; choose 2.3", excerpt(version, 20)));
        if (utc_text(document.timestamp).empty())
            return fail(Errc::bad_input, "SPDX documents must say when they were created, and this one does not; give a time");
        const OrderedJson json = spdx_json(document, licences);
        return options.format == DocumentFormat::spdx_json ? printed(json) : spdx_tag_value(json);
    }
    if (version != "1.4" && version != "1.5" && version != "1.6")
        return fail(Errc::unsupported, fmt::format("CycloneDX {} is not written; choose 1.4, 1.5 or 1.6", excerpt(version, 20)));
    const int minor = version.back() - '0';
    const OrderedJson json = cyclonedx_json(document, minor, licences);
    return options.format == DocumentFormat::cyclonedx_json ? printed(json) : cyclonedx_xml(json, minor);
}

}  // namespace shirushi::sbom
