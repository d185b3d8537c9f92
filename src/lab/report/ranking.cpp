#include "report/ranking.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace shirushi::report {
namespace {

/// Tenths of a CVSS score among the arguments ("9.8" is 98); 0 without one.
unsigned score_of(const Finding& finding) {
    for (const Argument& argument : finding.arguments)
        if (argument.name == "score") {
            std::string digits;
            for (const char c : argument.value)
                if (c >= '0' && c <= '9' && digits.size() < 3)
                    digits += c;
            return to_integer<unsigned>(digits).value_or(0) * (argument.value.find('.') == std::string::npos ? 10 : 1);
        }
    return 0;
}

struct Ranked {
    const Finding* finding = nullptr;
    std::size_t requirements = 0;
    unsigned score = 0;
    std::size_t turn = 0;  ///< 0 for its check's worst finding, 1 for the next ...

    [[nodiscard]] auto key() const {
        const int severity = -static_cast<int>(finding->level);
        return std::tuple(severity, -static_cast<std::int64_t>(requirements), -static_cast<std::int64_t>(score),
                          std::string_view(finding->check_id), std::string_view(finding->fingerprint));
    }
};

}  // namespace

std::vector<const Finding*> worst_first(const Assessment& assessment) {
    std::map<std::string_view, std::size_t> uses;
    for (const Verdict& verdict : assessment.verdicts)
        for (const std::string& fingerprint : verdict.findings)
            ++uses[fingerprint];
    std::vector<Ranked> ranked;
    for (const Finding& finding : assessment.findings)
        if (finding.kind == Kind::fail)
            ranked.push_back({&finding, uses[finding.fingerprint], score_of(finding)});
    const auto by_key = [](const Ranked& a, const Ranked& b) { return a.key() < b.key(); };
    std::ranges::stable_sort(ranked, by_key);
    std::map<std::string_view, std::size_t> turns;
    for (Ranked& one : ranked)
        one.turn = turns[one.finding->check_id]++;
    std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) {
        return std::tuple(a.turn > 0, a.key()) < std::tuple(b.turn > 0, b.key());
    });
    std::vector<const Finding*> findings;
    findings.reserve(ranked.size());
    for (const Ranked& one : ranked)
        findings.push_back(one.finding);
    return findings;
}

const CheckText* find_check(const std::vector<CheckText>& checks, std::string_view id) {
    const auto at = std::ranges::find(checks, id, &CheckText::id);
    return at == checks.end() ? nullptr : &*at;
}

const Requirement* find_requirement(const Catalogue& catalogue, std::string_view id) {
    const auto at = std::ranges::find(catalogue.requirements, id, &Requirement::id);
    return at == catalogue.requirements.end() ? nullptr : &*at;
}

Counts count_verdicts(const Assessment& assessment) {
    Counts counts;
    for (const Verdict& verdict : assessment.verdicts)
        ++counts.of[static_cast<std::size_t>(verdict.verdict)];
    return counts;
}

VerdictKind overall_verdict(const Counts& counts) {
    for (const VerdictKind kind : {VerdictKind::fail, VerdictKind::inconclusive, VerdictKind::pass})
        if (counts[kind] > 0)
            return kind;
    return VerdictKind::not_applicable;
}

}  // namespace shirushi::report
