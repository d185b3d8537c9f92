#include "sbom/documents/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/documents/documents.hpp"

namespace shirushi::sbom {
namespace {

using json::At;

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

std::string_view without_mark(Bytes content) {
    std::string_view text = as_text(content);
    if (text.starts_with(kUtf8Mark))
        text.remove_prefix(kUtf8Mark.size());
    return text;
}

/// The first byte that is not white space; 0 when there is none.
char first_character(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? '\0' : text[at];
}

/// SPDX tag-value begins with its version, after comments at most.
bool is_tag_value(std::string_view text) {
    for (std::string_view rest = text.substr(0, 65'536); !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!line.empty() && !line.starts_with('#'))
            return line.starts_with("SPDXVersion:");
    }
    return false;
}

/// What a JSON document that is no bill of materials is, in words; empty when that is not known.
std::string_view other_json(const json::Foreign& root) {
    const auto text_of = [&](const char* key) -> std::string_view {
        const auto at = root.find(key);
        return at != root.end() && at->is_string() ? std::string_view(at->get_ref<const std::string&>()) : std::string_view();
    };
    if (text_of("@context").find("openvex") != std::string_view::npos)
        return "this is OpenVEX, statements about vulnerabilities and no bill of materials; hand it to \"shirushi vex\"";
    if (text_of("@context").find("spdx.org/rdf/3") != std::string_view::npos)
        return "SPDX 3 is not read; export the document as SPDX 2.3 or CycloneDX 1.6";
    if (root.contains("document") && root["document"].is_object() && root["document"].contains("csaf_version"))
        return "this is CSAF, an advisory and no bill of materials; hand it to \"shirushi vex\"";
    return "";
}

Result<Document> read_json(std::string_view text) {
    const json::Foreign root = TRY(json::parse_foreign(text));
    const At at(root);
    if (!root.is_object())
        return at.wrong("an object, as CycloneDX and SPDX documents are");
    if (root.contains("spdxVersion"))
        return read_spdx_json(at);
    if (root.contains("bomFormat") || root.contains("specVersion")) {
        if (TRY(at.text("bomFormat")) != "CycloneDX")
            return fail(Errc::bad_input, "/bomFormat: must be \"CycloneDX\"; mend it there or export the document again");
        return read_cyclonedx(at, DocumentFormat::cyclonedx_json);
    }
    if (const std::string_view other = other_json(root); !other.empty())
        return fail(Errc::unsupported, std::string(other));
    return fail(
        Errc::bad_input,
        "JSON, but neither CycloneDX (\"bomFormat\") nor SPDX (\"spdxVersion\"); export the bill of materials in one of these formats");
}

}  // namespace

Result<Document> read_document(Bytes content) {
    const std::string_view text = without_mark(content);
    switch (first_character(text)) {
        case '\0': return fail(Errc::bad_input, "the document is empty");
        case '{':
        case '[': return read_json(text);
        case '<': {
            const json::Foreign root = TRY(cyclonedx_from_xml(text));
            return read_cyclonedx(At(root), DocumentFormat::cyclonedx_xml);
        }
        default: break;
    }
    if (is_tag_value(text))
        return read_spdx_tag_value(text);
    return fail(Errc::bad_input,
                "neither JSON, nor XML, nor SPDX tag-value (whose first line is \"SPDXVersion: SPDX-2.3\"); export the bill of materials "
                "as CycloneDX or SPDX");
}

void remark(Document& document, std::string text) {
    if (document.remarks.size() < kRemarks)
        document.remarks.push_back(std::move(text));
    else if (document.remarks.size() == kRemarks)
        document.remarks.push_back("there are more remarks of this kind");
}

void settle(Document& document) {
    std::set<std::string> refs;
    std::map<std::string, std::size_t> numbers;
    if (document.subject)
        refs.insert(document.subject->ref);
    for (DocumentComponent& component : document.components) {
        if (refs.insert(component.ref).second)
            continue;
        std::size_t& number = numbers.try_emplace(component.ref, 1).first->second;  // so that a thousand equal ones are not counted through each time
        do
            ++number;
        while (!refs.insert(fmt::format("{}#{}", component.ref, number)).second);
        remark(document, fmt::format("the reference \"{}\" stands for two components; relations go to the first", excerpt(component.ref, 80)));
        component.ref = fmt::format("{}#{}", component.ref, number);
    }
    const auto dangling = [&](const DocumentRelation& relation) {
        return !refs.contains(relation.from) || !refs.contains(relation.to) || relation.from == relation.to;
    };
    if (const auto lost = std::erase_if(document.relations, dangling); lost > 0)
        remark(document, fmt::format("{} relations go to or from something that is no component of this document", lost));
    std::ranges::sort(document.relations);
    const auto doubles = std::ranges::unique(document.relations);
    document.relations.erase(doubles.begin(), doubles.end());
}

std::string hash_algorithm(std::string_view spelled) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSpellings = {{
        {"SHA1", "SHA-1"}, {"SHA224", "SHA-224"}, {"SHA256", "SHA-256"}, {"SHA384", "SHA-384"}, {"SHA512", "SHA-512"}, {"SHA3-256", "SHA3-256"},
        {"SHA3-384", "SHA3-384"}, {"SHA3-512", "SHA3-512"}, {"BLAKE2b-256", "BLAKE2b-256"}, {"BLAKE2b-384", "BLAKE2b-384"},
        {"BLAKE2b-512", "BLAKE2b-512"}, {"BLAKE3", "BLAKE3"}, {"MD5", "MD5"}, {"ADLER32", "ADLER32"}}};
    for (const auto& [spdx, cyclonedx] : kSpellings)
        if (lowered(spelled) == lowered(spdx) || lowered(spelled) == lowered(cyclonedx))
            return std::string(cyclonedx);
    return std::string(spelled);
}

}  // namespace shirushi::sbom
