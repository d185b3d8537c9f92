#include "report/ranking.hpp"

#include <algorithm>
#include <map>
#include <set>
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

    [[nodiscard]] auto key() const {
        const int severity = -static_cast<int>(finding->level);
        return std::tuple(severity, -static_cast<std::int64_t>(requirements), -static_cast<std::int64_t>(score),
                          std::string_view(finding->check_id), std::string_view(finding->fingerprint));
    }
};

/// The component a finding is about; empty when it is about something else.
std::string_view component_of(const Finding& finding) {
    const auto at = std::ranges::find(finding.arguments, "component", &Argument::name);
    return at == finding.arguments.end() ? std::string_view() : std::string_view(at->value);
}

/// "SHI-VUL" of "SHI-VUL-001".
std::string_view group_of(const Finding& finding) {
    return std::string_view(finding.check_id).substr(0, finding.check_id.rfind('-'));
}

/// Who has spoken about what in the list so far.
class Said {
public:
    [[nodiscard]] bool check(const Finding& finding) const { return checks_.contains(finding.check_id); }
    [[nodiscard]] bool component(const Finding& finding) const { return components_.contains(component_of(finding)); }
    [[nodiscard]] bool group(const Finding& finding) const { return groups_.contains({group_of(finding), component_of(finding)}); }

    void add(const Finding& finding) {
        checks_.insert(finding.check_id);
        if (const auto component = component_of(finding); !component.empty()) {
            components_.insert(component);
            groups_.insert({group_of(finding), component});
        }
    }

private:
    std::set<std::string_view> checks_;
    std::set<std::string_view> components_;
    std::set<std::pair<std::string_view, std::string_view>> groups_;
};

std::vector<const Finding*> sorted_failures(const Assessment& assessment) {
    std::map<std::string_view, std::size_t> uses;
    for (const Verdict& verdict : assessment.verdicts)
        for (const std::string& fingerprint : verdict.findings)
            ++uses[fingerprint];
    std::vector<Ranked> ranked;
    for (const Finding& finding : assessment.findings)
        if (finding.kind == Kind::fail)
            ranked.push_back({&finding, uses[finding.fingerprint], score_of(finding)});
    std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) { return a.key() < b.key(); });
    std::vector<const Finding*> findings;
    findings.reserve(ranked.size());
    for (const Ranked& one : ranked)
        findings.push_back(one.finding);
    return findings;
}

}  // namespace

Worst worst_first(const Assessment& assessment, std::size_t limit) {
    std::vector<const Finding*> left = sorted_failures(assessment);
    const std::size_t failures = left.size();
    Worst worst;
    Said said;
    const auto take = [&](const auto& fits) {
        std::erase_if(left, [&](const Finding* finding) {
            if (worst.shown.size() == limit || !fits(*finding))
                return false;
            said.add(*finding);
            worst.shown.push_back(finding);
            return true;
        });
    };
    take([&](const Finding& finding) { return !said.check(finding) && !said.component(finding); });
    take([&](const Finding& finding) { return !said.component(finding); });
    take([&](const Finding& finding) { return !said.group(finding); });
    worst.more = failures - worst.shown.size();
    return worst;
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
