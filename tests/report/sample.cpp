#include "sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "model/json_fields.hpp"

namespace shirushi::report_sample {
namespace {

template <class T>
T load(std::string_view name) {
    std::ifstream file(fmt::format("{}/tests/report/sample/{}.json", SHIRUSHI_SOURCE_DIR, name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const auto parsed = json::parse(text.str());
    auto value = parsed ? json::read<T>(*parsed) : Result<T>(std::unexpected(parsed.error()));
    if (!value) {
        std::cerr << name << ".json: " << value.error().message << '\n';
        std::abort();
    }
    return std::move(*value);
}

/// Appends `text` to every string below `value`.
template <class T>
void spoil(T& value, std::string_view text) {
    if constexpr (std::same_as<T, std::string>) {
        value += text;
    } else if constexpr (json::is_vector<T>) {
        for (auto& item : value)
            spoil(item, text);
    } else if constexpr (json::is_optional<T>) {
        if (value)
            spoil(*value, text);
    } else if constexpr (json::HasFields<T>) {
        std::apply([&](const auto&... field) { (spoil(value.*field.member, text), ...); }, T::fields());
    }
}

/// `rows` repeated until there are `count`, each copy changed by `vary`.
template <class Row, class Vary>
void grow(std::vector<Row>& rows, std::size_t count, const Vary& vary) {
    const std::size_t original = rows.size();
    while (rows.size() < count) {
        Row row = rows[rows.size() % original];
        vary(row, std::to_string(rows.size()));
        rows.push_back(std::move(row));
    }
}

}  // namespace

Sample router() {
    return {load<Assessment>("assessment"), load<Facts>("facts"), load<Catalogue>("catalogue"), load<std::vector<CheckText>>("checks")};
}

Sample hostile(std::string_view text) {
    Sample sample = router();
    spoil(sample.assessment, text);
    spoil(sample.facts, text);
    spoil(sample.catalogue, text);
    spoil(sample.checks, text);
    return sample;
}

Sample large() {
    Sample sample = router();
    Facts& facts = sample.facts;
    grow(facts.regions.rows, 900, [](Region& row, const std::string& n) { row.description += n; });
    grow(facts.files.rows, 3000, [](File& row, const std::string& n) { row.path += n; });
    grow(facts.components.rows, 500, [](Component& row, const std::string& n) { row.id += n; });
    const auto components = facts.components.rows.size();
    const auto original = facts.advisory_matches.rows.size();
    grow(facts.advisory_matches.rows, 6000, [&](AdvisoryMatch& row, const std::string& n) {
        row.advisory += n;
        row.component = facts.components.rows[std::stoul(n) * 7 % components].id;
    });
    const std::vector<MatchPriority> priorities = sample.assessment.priorities;
    for (std::size_t i = original; i < facts.advisory_matches.rows.size(); ++i) {
        const AdvisoryMatch& copied = facts.advisory_matches.rows[i % original];
        for (MatchPriority each : priorities)
            if (each.advisory == copied.advisory && each.component == copied.component) {
                each.advisory = facts.advisory_matches.rows[i].advisory;
                each.component = facts.advisory_matches.rows[i].component;
                sample.assessment.priorities.push_back(std::move(each));
            }
    }
    std::ranges::stable_sort(sample.assessment.priorities, {}, &MatchPriority::priority);
    grow(facts.executables.rows, 800, [](Executable& row, const std::string& n) { row.path += n; });
    grow(facts.accounts.rows, 300, [](Account& row, const std::string& n) { row.name += n; });
    grow(facts.permissions.rows, 900, [](Permission& row, const std::string& n) { row.evidence.path += n; });
    grow(sample.assessment.findings, 5000, [](Finding& row, const std::string& n) { row.fingerprint.replace(0, n.size(), n); });
    for (Verdict& verdict : sample.assessment.verdicts)
        for (std::size_t i = 0; i < sample.assessment.findings.size(); i += verdict.requirement.size() + 1)
            verdict.findings.push_back(sample.assessment.findings[i].fingerprint);
    return sample;
}

}  // namespace shirushi::report_sample
