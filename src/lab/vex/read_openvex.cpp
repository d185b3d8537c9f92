// OpenVEX 0.0.1 to 0.2.x (openvex/spec, OPENVEX-SPEC.md).

#include <fmt/format.h>

#include "base/text.hpp"
#include "vex/reading.hpp"

namespace shirushi::vex {
namespace {

using json::At;

/// A text alone (0.0.x), or an object with "@id", "identifiers" and "hashes".
Result<VexItem> read_item(const At& at) {
    VexItem item;
    if (at.is_text()) {
        item.id = TRY(at.as_text());
        if (item.id.empty())
            return at.wrong("the name of a product");
        identify(item, item.id);
        return item;
    }
    item.id = TRY(at.text("@id"));
    if (const auto identifiers = TRY(at.object("identifiers")))
        for (const std::string_view key : {"purl", "cpe23", "cpe22"})
            if (const std::string identifier = TRY(identifiers->text(key)); !identifier.empty())
                identify(item, identifier);
    identify(item, item.id);
    if (const auto hashes = TRY(at.object("hashes")))
        item.sha256 = lowered(TRY(hashes->text("sha-256")));
    if (item.id.empty() && item.purl.empty() && item.cpe.empty() && item.sha256.empty())
        return fail(Errc::bad_input, fmt::format("{}: names no product; give \"@id\" or \"identifiers\"", at.where()));
    return item;
}

Result<void> read_vulnerability(const At& at, VexStatement& statement) {
    const auto vulnerability = at.find("vulnerability");
    if (!vulnerability)
        return fail(Errc::bad_input, fmt::format("{}: lacks \"vulnerability\"; add it", at.where()));
    if (vulnerability->is_text()) {
        statement.vulnerability = TRY(vulnerability->as_text());
        if (statement.vulnerability.empty())
            return vulnerability->wrong("the id of a vulnerability");
        return {};
    }
    statement.vulnerability = TRY(vulnerability->text("name"));
    std::string id = TRY(vulnerability->text("@id"));
    if (statement.vulnerability.empty())
        statement.vulnerability = std::move(id);
    if (statement.vulnerability.empty())
        return fail(Errc::bad_input, fmt::format("{}: lacks \"name\"; add it", vulnerability->where()));
    for (const At& alias : TRY(vulnerability->list("aliases")))
        statement.aliases.push_back(TRY(alias.as_text()));
    return {};
}

Result<VexStatement> read_statement(const At& at, const std::string& document_time, Budget& budget) {
    VexStatement statement;
    TRY(read_vulnerability(at, statement));
    const std::string status = TRY(at.required_text("status"));
    statement.status = TRY(status_of(at, status));
    const std::string justification = TRY(at.text("justification"));
    statement.justification = TRY(justification_of(at, justification));
    statement.impact = TRY(at.text("impact_statement"));
    if (statement.impact.empty())
        statement.impact = TRY(at.text("status_notes"));
    statement.action = TRY(at.text("action_statement"));
    for (const std::string_view key : {"last_updated", "timestamp"})
        if (statement.timestamp.empty())
            statement.timestamp = TRY(at.text(key));
    if (statement.timestamp.empty())
        statement.timestamp = document_time;
    for (const At& one : TRY(at.list("products"))) {
        VexProduct product{.item = TRY(read_item(one)), .parts = {}};
        if (one.is_object())
            for (const At& part : TRY(one.list("subcomponents")))
                product.parts.push_back(TRY(read_item(part)));
        TRY(budget.spend(one, product.item));
        for (const VexItem& part : product.parts)
            TRY(budget.spend(one, part));
        statement.products.push_back(std::move(product));
    }
    for (const At& one : TRY(at.list("subcomponents"))) {  // 0.0.x: of all products of the statement
        const VexItem part = TRY(read_item(one));
        for (VexProduct& product : statement.products) {
            TRY(budget.spend(one, part));
            product.parts.push_back(part);
        }
    }
    return statement;
}

}  // namespace

Result<Document> read_openvex(const At& root) {
    Document document{.format = Format::openvex};
    const std::string context = TRY(root.text("@context"));
    const auto mark = context.rfind("/v");  // "https://openvex.dev/ns/v0.2.0"; 0.0.1 had no version there
    document.spec_version = mark == std::string::npos ? "0.0.1" : context.substr(mark + 2);
    if (!document.spec_version.starts_with("0."))
        return fail(Errc::unsupported, fmt::format("OpenVEX {} is not read; known are 0.0.1 to 0.2.0, export the document as 0.2.0",
                                                   excerpt(document.spec_version, 20)));
    document.id = TRY(root.text("@id"));
    document.author = TRY(root.text("author"));
    document.timestamp = TRY(root.text("last_updated"));
    if (document.timestamp.empty())
        document.timestamp = TRY(root.text("timestamp"));
    Budget budget;
    for (const At& at : TRY(root.list("statements"))) {
        VexStatement statement = TRY(read_statement(at, document.timestamp, budget));
        if (statement.products.empty())
            remark(document, fmt::format("{}: names no product and is not used", at.where()));
        TRY(add(document, std::move(statement), at));
    }
    return document;
}

}  // namespace shirushi::vex
