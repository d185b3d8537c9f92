#include "app/supplied_documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/program_files.hpp"
#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "model/json.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kDocumentBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kRunBytes = std::uint64_t{512} << 20;
constexpr std::uint64_t kPolicyBytes = std::uint64_t{4} << 20;

std::string shown(const std::string& path) { return printable(std::filesystem::path(path).filename().string()); }

/// JSON, XML or SPDX tag-value: text that begins as one of these. No image does.
bool looks_like_document(Bytes content) {
    const std::string_view start = as_text(content.first(std::min<std::size_t>(content.size(), 4096)));
    if (start.find('\0') != std::string_view::npos)
        return false;
    const std::string_view text = trimmed(start.starts_with("\xEF\xBB\xBF") ? start.substr(3) : start);
    return text.starts_with('{') || text.starts_with("<?xml") || text.starts_with("<bom") || text.starts_with("<rdf") ||
           text.starts_with("SPDXVersion:") || (text.starts_with('#') && text.find("SPDXVersion:") != std::string_view::npos);
}

}  // namespace

Result<std::optional<sbom::Document>> bill_in(const std::string& path) {
    const auto file = TRY(unpack::ImageFile::open(path));
    if (!looks_like_document(file.bytes()))
        return std::optional<sbom::Document>();
    return std::optional(TRY_WITHIN(shown(path), sbom::read_document(file.bytes())));
}

Result<sbom::Document> required_bill(const std::string& path) {
    const Buffer bytes = TRY(read_file(path, kDocumentBytes));
    return TRY_WITHIN(shown(path), sbom::read_document(bytes));
}

Result<Facts> facts_in(const std::filesystem::path& path) {
    const Buffer bytes = TRY(read_file(path, kRunBytes));
    return TRY_WITHIN(path.string(), facts_from_json(as_text(bytes)));
}

Result<Assessment> assessment_in(const std::filesystem::path& path) {
    const Buffer bytes = TRY(read_file(path, kRunBytes));
    return TRY_WITHIN(path.string(), assessment_from_json(as_text(bytes)));
}

Result<Statements> statements_in(const std::vector<std::string>& paths) {
    Statements all;
    for (const std::string& path : paths) {
        const std::string name = shown(path);
        const Buffer bytes = TRY(read_file(path, kDocumentBytes));
        vex::Document one = TRY_WITHIN(name, vex::read(bytes));
        if (all.author.empty())
            all.author = one.author;
        all.timestamp = std::max(all.timestamp, one.timestamp);
        for (VexStatement& statement : one.statements) {
            statement.document = name;
            all.rows.push_back(std::move(statement));
        }
        for (const std::string& remark : one.remarks)
            all.remarks.push_back(fmt::format("{}: {}", name, remark));
        all.inputs.push_back({fmt::format("VEX {}", name), crypto::sha256(bytes)});
    }
    return all;
}

vex::Subject subject_of_statements(const std::optional<Product>& product, const Facts& facts) {
    return {.name = product ? product->model : "", .version = product ? product->version : "", .sha256 = facts.image ? facts.image->sha256.hex() : ""};
}

void hear(const Statements& statements, const std::optional<Product>& product, Facts& facts) {
    const auto decisions = vex::apply(statements.rows, subject_of_statements(product, facts), facts.components, facts.advisory_matches);
    vex::record(statements.rows, decisions, facts.advisory_matches);
    for (const std::string& remark : statements.remarks)  // facts of an earlier run may have them already
        if (std::ranges::find(facts.notes, remark) == facts.notes.end())
            facts.notes.push_back(remark);
}

Result<LicencePolicy> licence_policy(const std::string& path, const catalog::Library& library) {
    if (path.empty())
        return library.licence_policy;
    const Buffer bytes = TRY(read_file(path, kPolicyBytes));
    return catalog::read_licence_policy(as_text(bytes), shown(path));
}

}  // namespace shirushi::app
