#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "make_snapshot/feeds.hpp"

namespace shirushi::make_snapshot {
namespace {

using nlohmann::json;
using vuln::Configuration;
using vuln::Operand;

constexpr std::size_t cpe_fields = 13;

std::vector<std::string> split_cpe(std::string_view cpe) {
    std::vector<std::string> fields(1);
    for (std::size_t i = 0; i < cpe.size(); ++i) {
        if (cpe[i] == ':') {
            fields.emplace_back();
            continue;
        }
        fields.back() += cpe[i];
        if (cpe[i] == '\\' && i + 1 < cpe.size())
            fields.back() += cpe[++i];
    }
    return fields;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        out += text[i];
    }
    return out;
}

/// A match criterion of either NVD form; `name` is the key of its CPE.
std::optional<Operand> operand_from_match(const json& match, const char* name) {
    auto operand = operand_from_cpe(text_at(match, name));
    if (!operand)
        return std::nullopt;
    operand->vulnerable = match.value("vulnerable", json()).is_boolean() && match["vulnerable"].get<bool>();
    vuln::VersionRange& range = operand->range;
    range.start = text_at(match, "versionStartIncluding");
    if (const auto excluding = text_at(match, "versionStartExcluding"); !excluding.empty()) {
        range.start = excluding;
        range.start_excluded = true;
    }
    range.end = text_at(match, "versionEndExcluding");
    if (const auto including = text_at(match, "versionEndIncluding"); !including.empty()) {
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

std::vector<Operand> operands_from(const json& matches, const char* name) {
    std::vector<Operand> operands;
    for (const json& match : matches)
        if (match.is_object())
            if (auto operand = operand_from_match(match, name))
                operands.push_back(std::move(*operand));
    return operands;
}

bool is_negated(const json& node) {
    const auto found = node.find("negate");
    return found != node.end() && found->is_boolean() && found->get<bool>();
}

/// NVD 1.1 nests at most once: AND over children that are OR. What an AND names itself are operands that must all hold.
Configuration configuration_from_node(const json& node) {
    Configuration configuration;
    auto own = operands_from(list_at(node, "cpe_match"), "cpe23Uri");
    if (text_at(node, "operator") != "AND") {
        configuration.groups.push_back(std::move(own));
        return configuration;
    }
    for (Operand& operand : own)
        configuration.groups.push_back({std::move(operand)});
    for (const json& child : list_at(node, "children"))
        if (child.is_object() && !is_negated(child))
            configuration.groups.push_back(operands_from(list_at(child, "cpe_match"), "cpe23Uri"));
    return configuration;
}

void read_metric(const json& item, vuln::AdvisoryRecord& advisory) {
    constexpr std::array<std::pair<const char*, const char*>, 2> metrics = {{{"baseMetricV3", "cvssV3"}, {"baseMetricV2", "cvssV2"}}};
    for (const auto& [metric, data] : metrics) {
        const json& cvss = object_at(object_at(object_at(item, "impact"), metric), data);
        if (const auto score = cvss.find("baseScore"); score != cvss.end() && score->is_number()) {
            advisory.score = score->get<double>();
            advisory.vector = text_at(cvss, "vectorString");
            return;
        }
    }
}

}  // namespace

bool is_commit(std::string_view text) {
    constexpr std::size_t shortest = 7;
    constexpr std::size_t longest = 40;
    constexpr std::string_view letters = "abcdefABCDEF";
    if (text.size() < shortest || text.size() > longest || text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        return false;
    return text.size() == longest || text.find_first_of(letters) != std::string_view::npos;
}

std::string day_of(std::string_view time) {
    return time.size() >= 10 ? std::string(time.substr(0, 10)) : std::string();
}

std::string text_at(const json& value, const char* key) {
    const auto found = value.is_object() ? value.find(key) : value.end();
    return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& list_at(const json& value, const char* key) {
    static const json none = json::array();
    const auto found = value.is_object() ? value.find(key) : value.end();
    return found != value.end() && found->is_array() ? *found : none;
}

const json& object_at(const json& value, const char* key) {
    static const json none = json::object();
    const auto found = value.is_object() ? value.find(key) : value.end();
    return found != value.end() && found->is_object() ? *found : none;
}

std::optional<Operand> operand_from_cpe(std::string_view cpe) {
    const auto fields = split_cpe(cpe);
    if (fields.size() != cpe_fields || fields[0] != "cpe" || fields[1] != "2.3" || fields[2].size() != 1)
        return std::nullopt;
    Operand operand;
    operand.part = fields[2][0];
    operand.product = fields[3] + ":" + fields[4];
    if (fields[5] != "*")
        operand.range.exact = unescaped(fields[5]);
    if (fields[6] != "*")
        operand.range.update = unescaped(fields[6]);
    for (const std::size_t at : {7U, 9U, 10U, 11U, 12U})
        if (fields[at] != "*" && fields[at] != "-")
            operand.range.edition += (operand.range.edition.empty() ? "" : ":") + unescaped(fields[at]);
    return operand;
}

Result<FeedRecord> record_from_nvd_item(const json& item) {
    FeedRecord record;
    const json& cve = object_at(item, "cve");
    record.advisory.id = text_at(object_at(cve, "CVE_data_meta"), "ID");
    if (record.advisory.id.empty())
        return fail(Errc::bad_input, "an item without CVE id");
    record.advisory.published = day_of(text_at(item, "publishedDate"));
    record.modified = day_of(text_at(item, "lastModifiedDate"));
    read_metric(item, record.advisory);
    for (const json& type : list_at(object_at(cve, "problemtype"), "problemtype_data"))
        for (const json& description : list_at(type, "description"))
            if (auto cwe = text_at(description, "value"); cwe.starts_with("CWE-"))
                record.advisory.cwe.push_back(std::move(cwe));
    for (const json& node : list_at(object_at(item, "configurations"), "nodes"))
        if (node.is_object() && !is_negated(node))
            record.advisory.configurations.push_back(configuration_from_node(node));
    return record;
}

std::vector<Configuration> configurations_from_nvd_2(const json& configurations) {
    std::vector<Configuration> all;
    for (const json& each : configurations) {
        if (!each.is_object() || is_negated(each))
            continue;
        std::vector<std::vector<Operand>> groups;
        for (const json& node : list_at(each, "nodes"))
            if (node.is_object() && !is_negated(node))
                groups.push_back(operands_from(list_at(node, "cpeMatch"), "criteria"));
        if (text_at(each, "operator") == "AND") {
            all.push_back({std::move(groups)});
            continue;
        }
        for (auto& group : groups)
            all.push_back({{std::move(group)}});
    }
    return all;
}

Result<FeedRecord> record_from_override(const json& item) {
    const json& annotation = object_at(item, "_annotation");
    FeedRecord record;
    record.advisory.id = text_at(annotation, "cve_id");
    if (record.advisory.id.empty())
        return fail(Errc::bad_input, "an override without CVE id");
    record.advisory.published = day_of(text_at(annotation, "published"));
    record.advisory.configurations = configurations_from_nvd_2(list_at(object_at(item, "cve"), "configurations"));
    return record;
}

Result<std::map<std::string, std::string>> known_exploited(const json& catalogue) {
    std::map<std::string, std::string> dates;
    for (const json& each : list_at(catalogue, "vulnerabilities"))
        if (const auto id = text_at(each, "cveID"); !id.empty())
            dates[id] = day_of(text_at(each, "dateAdded"));
    if (dates.empty())
        return fail(Errc::bad_input, "no known exploited vulnerabilities in it");
    return dates;
}

}  // namespace shirushi::make_snapshot
