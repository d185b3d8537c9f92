// JVN iPedia (IPA, JPCERT/CC): the details of an entry as VULDEF 3 has them, and the items of JVNRSS 2. An entry is about one CVE or
// several, or has a number of its own only; it becomes another name of each, with its Japanese title.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "feeds/jvn_versions.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

using vuln::AdvisoryRecord;
using vuln::Operand;
using vuln::Origin;

constexpr std::size_t kLongestId = 40;
constexpr std::size_t kLongestTitle = 1000;

/// "JVNDB-2021-005429", "JVNVU#96768815".
bool is_jvn_id(std::string_view text) {
    return text.size() > 3 && text.size() <= kLongestId && text.starts_with("JVN") &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '#'; });
}

bool is_weakness(std::string_view text) {
    return text.starts_with("CWE-") && text.size() > 4 && text.size() < 10 && text.substr(4).find_first_not_of("0123456789") == std::string_view::npos;
}

/// What both forms say of an entry.
struct Entry {
    std::string id;
    std::string title;
    std::vector<std::string> cves;
    AdvisoryRecord facts;  ///< of the entry as a whole
    bool scored_by_3 = false;

    void refer(std::string_view to) {
        if (is_cve_id(to) && std::ranges::find(cves, to) == cves.end())
            cves.emplace_back(to);
        if (is_weakness(to))
            facts.cwe.emplace_back(to);
    }
    /// The newer CVSS counts.
    void score(std::string_view version, std::string_view base, std::string_view vector) {
        const bool by_3 = !version.starts_with("2");
        double number = 0;
        const auto [end, error] = std::from_chars(base.data(), base.data() + base.size(), number);
        if (error != std::errc() || end != base.data() + base.size() || number < 0 || number > 10 || (facts.score && (scored_by_3 || !by_3)))
            return;
        facts.score = number;
        facts.vector = vector;
        scored_by_3 = by_3;
    }
};

/// The records of an entry: one for each of its CVEs. Score and weaknesses of several at once say nothing of one of them.
std::vector<AdvisoryRecord> records_of(const Entry& entry) {
    AdvisoryRecord record = entry.facts;
    if (entry.cves.empty()) {
        record.id = entry.id;
        return {record};
    }
    if (entry.cves.size() > 1) {
        record.score.reset();
        record.vector.clear();
        record.cwe.clear();
    }
    std::vector<AdvisoryRecord> records;
    for (const std::string& cve : entry.cves) {
        records.push_back(record);
        records.back().id = cve;
    }
    return records;
}

/// A product as JVN names it: its CPE, and each text about its versions. What cannot be read means every version: a person decides.
std::vector<Operand> operands_from(const XmlElement& item) {
    std::vector<Operand> operands;
    item.each("Cpe", [&](const XmlElement& name) {
        const auto operand = operand_from_cpe(name.text());
        if (!operand)
            return;
        bool any = false;
        if (operand->range.exact.empty())
            item.each("VersionNumber", [&](const XmlElement& version) {
                if (version.text().empty())
                    return;
                operands.push_back(*operand);
                operands.back().range = range_from_japanese(version.text()).value_or(vuln::VersionRange{});
                any = true;
            });
        if (!any)
            operands.push_back(*operand);
    });
    return operands;
}

Result<void> check_id(const Entry& entry) {
    if (is_jvn_id(entry.id))
        return {};
    return fail(Errc::bad_input, fmt::format("\"{}\" is no id of JVN", excerpt(entry.id, 40)));
}

void name_records(const Entry& entry, const std::vector<AdvisoryRecord>& records, Builder& builder) {
    for (const AdvisoryRecord& each : records)
        builder.set_alias(each.id, entry.id, excerpt(entry.title, kLongestTitle));
}

}  // namespace

Result<std::string> read_vuldef(const XmlElement& record, const Place& /*place*/, Builder& builder) {
    Entry entry;
    entry.id = record["VulinfoID"].text();
    TRY(check_id(entry));
    const XmlElement& data = record["VulinfoData"];
    entry.title = data["Title"].text();
    entry.facts.published = day_of(data["DateFirstPublished"].text());
    entry.facts.modified = day_of(data["DateLastUpdated"].text());
    data["Impact"].each("Cvss", [&](const XmlElement& cvss) { entry.score(cvss.attribute("version"), cvss["Base"].text(), cvss["Vector"].text()); });
    data["Related"].each("RelatedItem", [&](const XmlElement& item) { entry.refer(item["VulinfoID"].text()); });
    data["Affected"].each("AffectedItem", [&](const XmlElement& item) {
        if (auto operands = operands_from(item); !operands.empty())
            entry.facts.configurations.push_back({{std::move(operands)}});
    });
    const auto records = records_of(entry);
    for (const AdvisoryRecord& each : records)
        builder.add(each, Origin::jvn);
    name_records(entry, records, builder);
    return entry.facts.modified;
}

Result<std::string> read_jvnrss(const XmlElement& record, const Place& /*place*/, Builder& builder) {
    Entry entry;
    entry.id = record["sec:identifier"].text();
    TRY(check_id(entry));
    entry.title = record["title"].text();
    entry.facts.published = day_of(record["dcterms:issued"].text());
    entry.facts.modified = day_of(record["dcterms:modified"].text());
    record.each("sec:cvss", [&](const XmlElement& cvss) { entry.score(cvss.attribute("version"), cvss.attribute("score"), cvss.attribute("vector")); });
    record.each("sec:references", [&](const XmlElement& reference) { entry.refer(reference.attribute("id")); });
    const auto records = records_of(entry);
    for (const AdvisoryRecord& each : records)  // its products come without versions
        builder.describe(each, Origin::jvn);
    name_records(entry, records, builder);
    return entry.facts.modified;
}

}  // namespace shirushi::feeds
