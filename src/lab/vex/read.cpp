#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/package_url.hpp"
#include "vex/reading.hpp"

namespace shirushi::vex {

using json::At;

namespace {

Result<Document> read_any(Bytes content) {
    const std::string_view text = as_text(content);
    if (trimmed(text).empty())
        return fail(Errc::bad_input, "the document is empty");
    if (trimmed(text.substr(0, 4096)).starts_with('<'))
        return fail(Errc::unsupported, "VEX in XML is not read; export it as JSON (OpenVEX, CycloneDX or CSAF)");
    const json::Foreign root = TRY(json::parse_foreign(text));
    const At at(root);
    if (!root.is_object())
        return at.wrong("an object, as OpenVEX, CycloneDX and CSAF are");
    if (const auto context = at.find("@context");
        context && context->is_text() && context->value().get_ref<const std::string&>().find("openvex") != std::string::npos)
        return read_openvex(at);
    if (root.contains("bomFormat"))
        return read_cyclonedx(at);
    if (const auto document = at.find("document"); document && document->find("csaf_version"))
        return read_csaf(at);
    return fail(Errc::bad_input,
                "JSON, but neither OpenVEX (\"@context\"), nor CycloneDX (\"bomFormat\"), nor CSAF (\"document.csaf_version\"); export the "
                "statements in one of these formats");
}

}  // namespace

Result<Document> read(Bytes content) {
    Document document = TRY(read_any(content));
    if (document.statements.empty() && document.remarks.empty())
        remark(document, "the document states nothing about vulnerabilities");
    return document;
}

Result<void> Budget::spend(const At& at, std::size_t bytes) {
    if (bytes > left_)
        return fail(Errc::limit, fmt::format("{}: the statements hold more than is read; split the document", at.where()));
    left_ -= bytes;
    return {};
}

Result<void> Budget::spend(const At& at, const VexItem& item) {
    return spend(at, sizeof(VexProduct) + item.id.size() + item.name.size() + item.version.size() + item.range.size() + item.purl.size() +
                         item.cpe.size() + item.sha256.size());
}

Result<void> add(Document& document, VexStatement statement, const At& at) {
    if (document.statements.size() == kStatements)
        return fail(Errc::limit, fmt::format("{}: more than {} statements; split the document", at.where(), kStatements));
    statement.place = at.where();
    statement.author = document.author;
    document.statements.push_back(std::move(statement));
    return {};
}

void remark(Document& document, std::string text) {
    if (document.remarks.size() < kRemarks)
        document.remarks.push_back(std::move(text));
    else if (document.remarks.size() == kRemarks)
        document.remarks.push_back("there are more remarks of this kind");
}

void identify(VexItem& item, const std::string& identifier) {
    if (const auto url = parse_package_url(identifier)) {
        item.purl = identifier;
        if (item.name.empty())
            item.name = url->name;
        if (item.version.empty() && item.range.empty())
            item.version = url->version;
    } else if (const auto cpe = parse_cpe(identifier)) {
        item.cpe = identifier;
        if (item.name.empty())
            item.name = cpe->pair.substr(cpe->pair.rfind(':') + 1);
        if (item.version.empty() && item.range.empty())
            item.version = cpe->version;
    }
}

Result<VexStatus> status_of(const At& at, std::string_view word) {
    const auto& words = EnumNames<VexStatus>::list;
    const auto found = std::ranges::find(words, word);
    if (found == std::end(words))
        return fail(Errc::bad_input, fmt::format("{}: the status \"{}\" is none of {}; mend it there or export the document again",
                                                 at.where(), excerpt(word, 40), fmt::join(words, ", ")));
    return static_cast<VexStatus>(found - std::begin(words));
}

Result<VexJustification> justification_of(const At& at, std::string_view word) {
    if (word.empty())
        return VexJustification::none;
    const auto words = std::span(EnumNames<VexJustification>::list).subspan(1);
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        return fail(Errc::bad_input, fmt::format("{}: the justification \"{}\" is none of {}; mend it there or export the document again", at.where(),
                                                 excerpt(word, 40), fmt::join(words, ", ")));
    return static_cast<VexJustification>(found - words.begin() + 1);
}

}  // namespace shirushi::vex
