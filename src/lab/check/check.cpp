#include "check/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::check {

#define CHECK(name) extern const Check name;
#include "check/checks.list"
#undef CHECK

namespace {

constexpr const Check* list[] = {
#define CHECK(name) &name,
#include "check/checks.list"
#undef CHECK
};

/// Fail first, then what a person must do, as the enumeration is not ordered by weight.
int weight(Kind kind) {
    switch (kind) {
    case Kind::fail: return 0;
    case Kind::open: return 1;
    case Kind::review: return 2;
    case Kind::pass: return 3;
    case Kind::not_applicable: return 4;
    }
    return 5;
}

Finding own(Kind kind, std::string_view key, std::string_view check, std::vector<Argument> names, std::vector<Argument> figures = {}) {
    Finding finding{.kind = kind, .message_key = std::string(key), .arguments = names,
                    .fingerprint = fingerprint_of(check, key, names)};
    finding.arguments.insert(finding.arguments.end(), figures.begin(), figures.end());
    return finding;
}

/// Several findings that say the same of the same thing (two accounts of one name) stay apart: the second one's
/// fingerprint is made with "#2".
void tell_apart(std::string_view check, std::vector<Finding>& findings) {
    std::ranges::stable_sort(findings, {}, [](const Finding& f) { return std::tuple(weight(f.kind), f.fingerprint); });
    std::string previous;
    std::size_t ordinal = 1;
    for (Finding& finding : findings) {
        ordinal = finding.fingerprint == previous ? ordinal + 1 : 1;
        previous = finding.fingerprint;
        if (ordinal > 1)
            finding.fingerprint = fingerprint_of(check, finding.message_key, {{"#", fmt::format("{} {}", previous, ordinal)}});
    }
    std::ranges::stable_sort(findings, {}, [](const Finding& f) { return std::tuple(weight(f.kind), f.fingerprint); });
}

std::vector<Finding> judged(const Check& check, const Facts& facts, const CheckText& text) {
    std::vector<Finding> open;
    std::vector<std::string> gaps;
    for (const TableState& table : check.tables(facts)) {
        if (!table.observed)
            open.push_back(own(Kind::open, "not_observed", check.id, {{"table", std::string(table.name)}}));
        gaps.insert(gaps.end(), table.gaps->begin(), table.gaps->end());
    }
    if (!open.empty())
        return open;
    Report report(text);
    check.judge(facts, report);
    if (!report.lacking().empty())
        return {own(Kind::open, "no_parameter", check.id, {{"name", report.lacking()}})};
    std::vector<Finding> findings = report.take();
    if (!gaps.empty() && std::ranges::find(findings, Kind::fail, &Finding::kind) == findings.end()) {
        std::ranges::sort(gaps);
        gaps.erase(std::ranges::unique(gaps).begin(), gaps.end());
        Finding gap = own(Kind::open, "gaps", check.id, {}, {{"count", fmt::to_string(gaps.size())}});
        for (std::size_t i = 0; i < std::min(gaps.size(), max_examples); ++i)
            gap.evidence.push_back({.path = gaps[i], .offset = std::nullopt, .excerpt = ""});
        findings.push_back(std::move(gap));
    }
    if (findings.empty())
        findings.push_back(own(Kind::pass, "pass", check.id, {}));
    return findings;
}

}  // namespace

std::span<const Check* const> all_checks() {
    static const std::vector<const Check*> sorted = [] {
        std::vector<const Check*> checks(std::begin(list), std::end(list));
        std::ranges::sort(checks, {}, [](const Check* check) { return check->id; });
        return checks;
    }();
    return sorted;
}

const Check* find(std::string_view id) {
    const auto at = std::ranges::find(list, id, [](const Check* check) { return check->id; });
    return at == std::end(list) ? nullptr : *at;
}

std::vector<Finding> run(const Check& check, const Facts& facts, const CheckText& text) {
    std::vector<Finding> findings = judged(check, facts, text);
    for (Finding& finding : findings) {
        finding.check_id = check.id;
        if (finding.kind == Kind::pass || finding.kind == Kind::open)
            finding.level = Level::note;
    }
    tell_apart(check.id, findings);
    return findings;
}

void Report::fail(Said said) { add(Kind::fail, text_.level, std::move(said)); }
void Report::fail(Level level, Said said) { add(Kind::fail, level, std::move(said)); }
void Report::explain(Said said) { add(Kind::pass, Level::note, std::move(said)); }
void Report::review(Said said) { add(Kind::review, text_.level, std::move(said)); }

void Report::add(Kind kind, Level level, Said said) {
    Finding finding{.kind = kind, .level = level};
    finding.fingerprint = fingerprint_of(text_.id, said.key, said.names);
    finding.message_key = said.wording.empty() ? std::move(said.key) : said.key + "_" + said.wording;
    finding.arguments = std::move(said.names);
    finding.arguments.insert(finding.arguments.end(), said.figures.begin(), said.figures.end());
    finding.evidence = std::move(said.evidence);
    findings_.push_back(std::move(finding));
}

std::span<const std::string> Report::words(std::string_view name) {
    if (std::ranges::find(asked_, name) == asked_.end())
        asked_.emplace_back(name);
    const auto at = std::ranges::find(text_.parameters, name, &Parameter::name);
    if (at != text_.parameters.end())
        return at->values;
    if (lacking_.empty())
        lacking_ = name;
    return {};
}

bool Report::listed(std::string_view name, std::string_view word) {
    const auto list_of_words = words(name);
    return std::ranges::find(list_of_words, word) != list_of_words.end();
}

std::uint64_t Report::number(std::string_view name) {
    const auto list_of_words = words(name);
    const auto value = list_of_words.size() == 1 ? to_integer<std::uint64_t>(list_of_words.front()) : std::nullopt;
    if (!value && lacking_.empty())
        lacking_ = name;
    return value.value_or(0);
}

}  // namespace shirushi::check
