// CycloneDX 1.4 to 1.7: vulnerabilities with an analysis (ECMA-424). What is stated of products in another document ("urn:cdx:...", a
// BOM-Link) is known by the name behind the '#' only.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/package_url.hpp"
#include "vex/cyclonedx_words.hpp"
#include "vex/reading.hpp"

namespace shirushi::vex {
namespace {

using json::At;

class Reader {
public:
    explicit Reader(Document& document) : document_(document) {}

    /// Components by their bom-ref, those inside others too (to the depth the document's limits allow).
    Result<void> components(const At& owner) {
        for (const At& at : TRY(owner.list("components")))
            TRY(component(at));
        return {};
    }

    Result<void> component(const At& at) {
        VexItem item{.id = TRY(at.text("bom-ref")),
                     .name = TRY(at.text("name")),
                     .version = TRY(at.text("version")),
                     .range = {},
                     .purl = {},
                     .cpe = {},
                     .sha256 = {}};
        for (const std::string_view key : {"purl", "cpe"})
            if (const std::string name = TRY(at.text(key)); !name.empty())
                identify(item, name);
        for (const At& hash : TRY(at.list("hashes")))
            if (TRY(hash.text("alg")) == "SHA-256")
                item.sha256 = lowered(TRY(hash.text("content")));
        if (!item.id.empty())
            by_ref_.emplace(item.id, item);
        return components(at);
    }

    Result<void> vulnerability(const At& at) {
        const auto analysis = TRY(at.object("analysis"));
        if (!analysis) {
            remark(document_, fmt::format("{}: has no analysis: nobody states anything about it", at.where()));
            return {};
        }
        VexStatement statement{.vulnerability = TRY(at.required_text("id"))};
        for (const At& reference : TRY(at.list("references")))
            if (std::string alias = TRY(reference.text("id")); !alias.empty())
                statement.aliases.push_back(std::move(alias));
        TRY(read_analysis(*analysis, statement));
        for (const std::string_view key : {"lastUpdated", "firstIssued"})
            if (statement.timestamp.empty())
                statement.timestamp = TRY(analysis->text(key));
        if (statement.timestamp.empty())
            statement.timestamp = TRY(at.text("updated"));
        if (statement.timestamp.empty())
            statement.timestamp = document_.timestamp;
        statement.action = TRY(at.text("recommendation"));
        VexStatement unaffected = statement;  // versions that the document lists as not affected, whatever the state says of the rest
        unaffected.status = VexStatus::not_affected;
        unaffected.justification = VexJustification::none;
        unaffected.impact = "the document lists this version as unaffected";
        TRY(affects(at, statement, unaffected));
        if (statement.products.empty() && unaffected.products.empty())
            remark(document_, fmt::format("{}: names no product and is not used", at.where()));
        if (!unaffected.products.empty())
            TRY(add(document_, std::move(unaffected), at));
        if (!statement.products.empty())
            TRY(add(document_, std::move(statement), at));
        return {};
    }

private:
    static Result<void> read_analysis(const At& analysis, VexStatement& statement) {
        const std::string state = TRY(analysis.text("state"));
        const auto known = std::ranges::find(kStates, state, &StateWord::word);
        if (known == kStates.end())
            return fail(Errc::bad_input,
                        fmt::format("{}: the state \"{}\" is none that CycloneDX knows; mend it there or export the document again",
                                    analysis.where(), excerpt(state, 40)));
        statement.status = known->status;
        const std::string word = TRY(analysis.text("justification"));
        const auto justification = std::ranges::find(kJustifications, word, &JustificationWord::word);
        if (justification == kJustifications.end() && !word.empty())
            return fail(Errc::bad_input,
                        fmt::format("{}: the justification \"{}\" is none that CycloneDX knows; mend it there or export the document again",
                                    analysis.where(), excerpt(word, 40)));
        if (!word.empty())
            statement.justification = justification->justification;
        statement.analysis = word.empty() ? state : word;
        statement.impact = TRY(analysis.text("detail"));
        return {};
    }

    Result<void> affects(const At& at, VexStatement& statement, VexStatement& unaffected) {
        for (const At& target : TRY(at.list("affects"))) {
            const std::string ref = TRY(target.required_text("ref"));
            const VexItem item = item_of(ref);
            const auto versions = TRY(target.list("versions"));
            TRY(budget_.spend(target, item));
            if (versions.empty())
                statement.products.push_back({item, {}});
            for (const At& version : versions) {
                VexItem one = item;
                one.version = TRY(version.text("version"));
                one.range = TRY(version.text("range"));
                TRY(budget_.spend(version, one));
                VexStatement& into =
                    TRY(version.text("status")) == "unaffected" && statement.status != VexStatus::not_affected ? unaffected : statement;
                into.products.push_back({std::move(one), {}});
            }
        }
        return {};
    }

    VexItem item_of(const std::string& ref) const {
        if (const auto known = by_ref_.find(ref); known != by_ref_.end())
            return known->second;
        VexItem item{.id = ref};
        if (ref.starts_with("urn:cdx:")) {
            const auto mark = ref.find('#');
            const std::string inside = mark == std::string::npos ? "" : ref.substr(mark + 1);
            if (const auto known = by_ref_.find(inside); known != by_ref_.end())
                item = known->second;
            item.id = ref;
            identify(item, inside);
            if (item.name.empty())
                item.name = inside;
            return item;
        }
        identify(item, ref);
        if (item.name.empty())
            item.name = ref;
        return item;
    }

    Document& document_;
    std::map<std::string, VexItem> by_ref_;
    Budget budget_;
};

}  // namespace

Result<Document> read_cyclonedx(const At& root) {
    Document document{.format = Format::cyclonedx, .spec_version = TRY(root.required_text("specVersion"))};
    if (document.spec_version.size() != 3 || document.spec_version < "1.4" || document.spec_version > "1.7")
        return fail(Errc::unsupported, fmt::format("VEX of CycloneDX {} is not read; known are 1.4 to 1.7, export the document as 1.6",
                                                   excerpt(document.spec_version, 20)));
    document.id = TRY(root.text("serialNumber"));
    Reader reader(document);
    if (const auto metadata = TRY(root.object("metadata"))) {
        document.timestamp = TRY(metadata->text("timestamp"));
        for (const At& author : TRY(metadata->list("authors")))
            if (document.author.empty())
                document.author = TRY(author.text("name"));
        for (const std::string_view key : {"manufacturer", "supplier"})
            if (const auto party = TRY(metadata->object(key)); party && document.author.empty())
                document.author = TRY(party->text("name"));
        if (const auto component = TRY(metadata->object("component")))
            TRY(reader.component(*component));
    }
    TRY(reader.components(root));
    for (const At& at : TRY(root.list("vulnerabilities")))
        TRY(reader.vulnerability(at));
    return document;
}

}  // namespace shirushi::vex
