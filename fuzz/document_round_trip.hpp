// What every reader of bills of materials is held to: what was read can be written in every format, and that be read again.
#pragma once
#include "sbom/documents/documents.hpp"

inline int document_round_trip(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::sbom;
    auto document = read_document({data, size});
    if (!document) {
        if (document.error().message.empty())
            __builtin_trap();
        return 0;
    }
    document->timestamp = "2026-01-01T00:00:00Z";
    const LicenceList licences({"MIT", "GPL-2.0-only"}, {});
    for (const DocumentFormat format :
         {DocumentFormat::cyclonedx_json, DocumentFormat::cyclonedx_xml, DocumentFormat::spdx_json, DocumentFormat::spdx_tag_value}) {
        const auto text = write_document(*document, {format, ""}, licences);
        if (!text)
            __builtin_trap();
        const auto again = read_document(as_bytes(*text));
        // One package alone is what an SPDX document describes: its subject.
        if (!again || again->components.size() + again->subject.has_value() != document->components.size() + document->subject.has_value())
            __builtin_trap();
    }
    return 0;
}
