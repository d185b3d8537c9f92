// NVD's records: JSON 1.1 feeds, API 2.0, and corrections in the latter's form.

#include <fmt/format.h>

#include "base/text.hpp"
#include "feeds/parts.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

using vuln::AdvisoryRecord;
using vuln::Configuration;
using vuln::Operand;
using vuln::Origin;

/// A match criterion of either form; `name` is the key of its CPE. Commits are no bounds: one that is the only version named leaves the
/// operand out, one that ends a range leaves it open, and the matcher hands it to a person.
std::optional<Operand> operand_from_match(const Json& match, std::string_view name) {
    auto operand = operand_from_cpe(match[name].text());
    if (!operand)
        return std::nullopt;
    operand->vulnerable = match["vulnerable"].is_true();
    vuln::VersionRange& range = operand->range;
    range.start = match["versionStartIncluding"].text();
    if (const auto excluding = match["versionStartExcluding"].text(); !excluding.empty()) {
        range.start = excluding;
        range.start_excluded = true;
    }
    range.end = match["versionEndExcluding"].text();
    if (const auto including = match["versionEndIncluding"].text(); !including.empty()) {
        range.end = including;
        range.end_included = true;
    }
    if (operand->vulnerable && is_commit(range.exact))
        return std::nullopt;
    if (is_commit(range.start)) {
        range.start.clear();
        range.start_excluded = false;
    }
    if (is_commit(range.end)) {
        range.end.clear();
        range.end_included = false;
    }
    return operand;
}

std::vector<Operand> operands_from(const Json& matches, std::string_view name) {
    std::vector<Operand> operands;
    matches.each([&](const Json& match) {
        if (auto operand = operand_from_match(match, name))
            operands.push_back(std::move(*operand));
    });
    return operands;
}

/// NVD 1.1 nests at most once: AND over children that are OR. What an AND names itself are operands that must all hold.
Configuration configuration_from_node(const Json& node) {
    Configuration configuration;
    auto own = operands_from(node["cpe_match"], "cpe23Uri");
    if (node["operator"].text() != "AND") {
        configuration.groups.push_back(std::move(own));
        return configuration;
    }
    for (Operand& operand : own)
        configuration.groups.push_back({std::move(operand)});
    node["children"].each([&](const Json& child) {
        if (!child["negate"].is_true())
            configuration.groups.push_back(operands_from(child["cpe_match"], "cpe23Uri"));
    });
    return configuration;
}

std::vector<Configuration> configurations_from_2(const Json& configurations) {
    std::vector<Configuration> all;
    configurations.each([&](const Json& each) {
        if (each["negate"].is_true())
            return;
        std::vector<std::vector<Operand>> groups;
        each["nodes"].each([&](const Json& node) {
            if (!node["negate"].is_true())
                groups.push_back(operands_from(node["cpeMatch"], "criteria"));
        });
        if (each["operator"].text() == "AND") {
            all.push_back({std::move(groups)});
            return;
        }
        for (auto& group : groups)
            all.push_back({{std::move(group)}});
    });
    return all;
}

void take_score(const Json& cvss, AdvisoryRecord& advisory) {
    const auto score = cvss["baseScore"].number();
    if (advisory.score || !score)
        return;
    advisory.score = score;
    advisory.vector = cvss["vectorString"].text();
}

}  // namespace

Result<std::string> read_nvd_1(const Json& record, const Place& /*place*/, Builder& builder) {
    AdvisoryRecord advisory;
    const Json cve = record["cve"];
    advisory.id = cve["CVE_data_meta"]["ID"].text();
    if (!is_cve_id(advisory.id))
        return fail(Errc::bad_input, fmt::format("\"{}\" is no CVE id", excerpt(advisory.id, 40)));
    advisory.published = day_of(record["publishedDate"].text());
    advisory.modified = day_of(record["lastModifiedDate"].text());
    const Json impact = record["impact"];
    take_score(impact["baseMetricV3"]["cvssV3"], advisory);
    take_score(impact["baseMetricV2"]["cvssV2"], advisory);
    cve["problemtype"]["problemtype_data"].each([&](const Json& type) {
        type["description"].each([&](const Json& description) {
            if (const auto cwe = description["value"].text(); cwe.starts_with("CWE-"))
                advisory.cwe.emplace_back(cwe);
        });
    });
    cve["description"]["description_data"].each([&](const Json& description) {
        const auto text = description["value"].text();
        advisory.withdrawn = advisory.withdrawn || text.starts_with("** REJECT **");
        add_applets(text, advisory);
    });
    record["configurations"]["nodes"].each([&](const Json& node) {
        if (!node["negate"].is_true())
            advisory.configurations.push_back(configuration_from_node(node));
    });
    keep_applets_of_busybox(advisory);
    builder.add(advisory, Origin::nvd);
    return advisory.modified;
}

Result<std::string> read_nvd_2(const Json& record, const Place& /*place*/, Builder& builder) {
    const Json cve = record["cve"];
    AdvisoryRecord advisory;
    advisory.id = cve["id"].text();
    if (!is_cve_id(advisory.id))
        return fail(Errc::bad_input, fmt::format("\"{}\" is no CVE id", excerpt(advisory.id, 40)));
    advisory.published = day_of(cve["published"].text());
    advisory.modified = day_of(cve["lastModified"].text());
    advisory.withdrawn = cve["vulnStatus"].text() == "Rejected";
    for (const std::string_view version : {"cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"})
        for (const std::string_view kind : {"Primary", "Secondary"})
            cve["metrics"][version].each([&](const Json& metric) {
                if (metric["type"].text() == kind)
                    take_score(metric["cvssData"], advisory);
            });
    cve["weaknesses"].each([&](const Json& weakness) {
        weakness["description"].each([&](const Json& description) {
            if (const auto cwe = description["value"].text(); cwe.starts_with("CWE-"))
                advisory.cwe.emplace_back(cwe);
        });
    });
    cve["descriptions"].each([&](const Json& description) { add_applets(description["value"].text(), advisory); });
    advisory.configurations = configurations_from_2(cve["configurations"]);
    keep_applets_of_busybox(advisory);
    builder.add(advisory, Origin::nvd);
    if (const std::string since = day_of(cve["cisaExploitAdd"].text()); !since.empty())
        builder.set_exploited(advisory.id, since);
    return advisory.modified;
}

Result<std::string> read_override(const Json& record, const Place& /*place*/, Builder& builder) {
    AdvisoryRecord advisory;
    advisory.id = record["_annotation"]["cve_id"].text();
    if (!is_cve_id(advisory.id))
        return fail(Errc::bad_input, fmt::format("\"{}\" is no CVE id", excerpt(advisory.id, 40)));
    advisory.published = day_of(record["_annotation"]["published"].text());
    advisory.configurations = configurations_from_2(record["cve"]["configurations"]);
    builder.add(advisory, Origin::override_);
    return std::string();
}

}  // namespace shirushi::feeds
