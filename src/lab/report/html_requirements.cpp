// Verdicts and findings as the page shows them. Each finding is told in full once, under the first requirement that rests on
// it; later requirements refer to it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "report/html_parts.hpp"
#include "report/ranking.hpp"

namespace shirushi::report {
namespace {

// Ceilings that keep the page readable and below about 1.5 MB; assessment.json holds everything.
constexpr std::size_t most_worst = 5;
constexpr std::size_t most_findings = 20;     // of one requirement
constexpr std::size_t most_evidence = 6;      // of one finding
constexpr std::size_t most_worst_evidence = 2;
constexpr std::size_t most_passed = 60;
constexpr std::size_t most_lines = 40;        // reasons, next steps, notes, gaps of a table

template <class Rows>
auto first(const Rows& rows, std::size_t limit) {
    return std::span(rows.data(), std::min(rows.size(), limit));
}

void view_level(View& view, const Finding& finding, const Texts& texts) {
    view.put("level", name_of(finding.level));
    view.put("level_word", texts.word("level", finding.level));
    view.put("message", finding.message);
}

View finding_view(const Finding& finding, const std::vector<CheckText>& checks, const Texts& texts) {
    View view;
    view_level(view, finding, texts);
    view.put("kind", name_of(finding.kind));
    view.put("kind_word", texts.word("kind", finding.kind));
    view.flag("is_open", finding.kind != Kind::fail);
    view.put("check", finding.check_id);
    const CheckText* check = find_check(checks, finding.check_id);
    view.put("title", check ? check->title : Text{});
    view.flag("has_cwe", check && !check->cwe.empty());
    view.put("cwe", check ? fmt::format("{}", fmt::join(check->cwe, ", ")) : "");
    view_evidence(view, finding.evidence, most_evidence);
    return view;
}

View passed_view(std::string_view id, const std::vector<CheckText>& checks) {
    View view;
    const CheckText* check = find_check(checks, id);
    view.put("check", id);
    view.put("title", check ? check->title : Text{});
    view.flag("has_limits", check && !check->limits.en.empty());
    view.put("limits", check ? check->limits : Text{});
    return view;
}

/// Where each finding was told first: index of the verdict.
using Told = std::map<std::string_view, std::size_t>;

struct FindingsOfVerdict {
    std::vector<const Finding*> notable;  ///< everything but passes, worst first
    std::set<std::string_view> passed;    ///< checks
};

FindingsOfVerdict findings_of(const Verdict& verdict, const std::map<std::string_view, const Finding*>& by_fingerprint) {
    FindingsOfVerdict result;
    for (const std::string& fingerprint : verdict.findings) {
        const auto at = by_fingerprint.find(fingerprint);
        if (at == by_fingerprint.end())
            continue;
        if (at->second->kind == Kind::pass || at->second->kind == Kind::not_applicable)
            result.passed.insert(at->second->check_id);
        else
            result.notable.push_back(at->second);
    }
    std::ranges::stable_sort(result.notable, [](const Finding* a, const Finding* b) {
        return std::tuple(a->kind, -static_cast<int>(a->level)) < std::tuple(b->kind, -static_cast<int>(b->level));
    });
    return result;
}

void view_findings(View& view, const FindingsOfVerdict& findings, std::size_t index, Told& told, const Assessment& assessment,
                   const std::vector<CheckText>& checks, const Texts& texts) {
    auto& full = view.lists["findings"];
    auto& elsewhere = view.lists["elsewhere"];
    for (const Finding* finding : first(findings.notable, most_findings)) {
        const auto [at, is_new] = told.emplace(finding->fingerprint, index);
        if (is_new || at->second == index) {
            full.push_back(finding_view(*finding, checks, texts));
            continue;
        }
        View row;
        view_level(row, *finding, texts);
        row.put("see", assessment.verdicts[at->second].requirement);
        row.put("see_anchor", anchor_of(at->second));
        elsewhere.push_back(std::move(row));
    }
    view.flag("has_findings", !findings.notable.empty());
    view.flag("has_count", !findings.notable.empty());
    view.put("count", std::to_string(findings.notable.size()));
    view.flag("has_more", findings.notable.size() > most_findings);
    view.put("more", std::to_string(findings.notable.size() - std::min(findings.notable.size(), most_findings)));
    view.flag("has_passed", !findings.passed.empty());
    auto& passed = view.lists["passed"];
    for (const std::string_view id : findings.passed)
        if (passed.size() < most_passed)
            passed.push_back(passed_view(id, checks));
}

/// What of the requirement is unconfirmed, as a list in words.
Text words_of(const std::vector<Unconfirmed>& facts, const Texts& texts) {
    Text list;
    for (const Unconfirmed fact : facts) {
        const Text word = texts.word("unconfirmed", fact);
        list.en += (list.en.empty() ? "" : ", ") + word.en;
        list.ja += (list.ja.empty() ? "" : "・") + word.ja;
    }
    return list;
}

View requirement_view(const Verdict& verdict, std::size_t index, const Catalogue& catalogue, const Texts& texts) {
    const Requirement* requirement = find_requirement(catalogue, verdict.requirement);
    View view;
    view.put("anchor", anchor_of(index));
    view.put("id", verdict.requirement);
    view.put("title", requirement ? requirement->title : Text{});
    view.put("text", requirement ? requirement->text : Text{});
    view.put("verdict", name_of(verdict.verdict));
    view.put("word", texts.word("verdict", verdict.verdict));
    view.flag("open", verdict.verdict == VerdictKind::fail);
    view.flag("by_tool", requirement && requirement->verification == "tool");
    view.flag("is_recommended", requirement && requirement->obligation == Obligation::recommended);
    view.flag("has_condition", requirement && requirement->applies_when);
    view.put("condition", requirement && requirement->applies_when ? *requirement->applies_when : Text{});
    view.flag("is_unconfirmed", requirement && !requirement->unconfirmed.empty());
    view.put("unconfirmed", requirement ? words_of(requirement->unconfirmed, texts) : Text{});
    view.flag("has_cwe", requirement && !requirement->cwe.empty());
    view.put("cwe", requirement ? fmt::format("{}", fmt::join(requirement->cwe, ", ")) : "");
    view.each("reasons", first(verdict.reasons, most_lines), [&](const Reason& reason) {
        View row;
        row.put("method", texts.word("method", reason.method));
        row.put("reason", reason.text);
        return row;
    });
    view.flag("has_next", !verdict.remedy.empty());
    view.each("next", first(verdict.remedy, most_lines), [](const Text& step) {
        View row;
        row.put("step", step);
        return row;
    });
    return view;
}

View worst_view(const Finding& finding, const Assessment& assessment, const std::vector<CheckText>& checks, const Texts& texts) {
    View view;
    view_level(view, finding, texts);
    view_evidence(view, finding.evidence, most_worst_evidence);
    const CheckText* check = find_check(checks, finding.check_id);
    view.flag("has_remedy", check && !check->remedy.en.empty());
    view.put("remedy", check ? check->remedy : Text{});
    auto& belongs = view.lists["belongs"];
    for (std::size_t i = 0; i < assessment.verdicts.size(); ++i)
        if (std::ranges::find(assessment.verdicts[i].findings, finding.fingerprint) != assessment.verdicts[i].findings.end()) {
            View row;
            row.put("anchor", anchor_of(i));
            row.put("id", assessment.verdicts[i].requirement);
            belongs.push_back(std::move(row));
        }
    return view;
}

View text_view(const std::string& text) {
    View view;
    view.put("text", text);
    return view;
}

}  // namespace

std::string anchor_of(std::size_t verdict_index) {
    return fmt::format("requirement-{}", verdict_index + 1);
}

void view_evidence(View& view, const std::vector<Evidence>& evidence, std::size_t limit) {
    view.flag("has_evidence", !evidence.empty());
    view.each("evidence", first(evidence, limit), [](const Evidence& one) {
        View row;
        row.put("path", one.path);
        row.flag("has_offset", one.offset.has_value());
        row.put("offset", hex_offset(one.offset.value_or(0)));
        row.flag("has_excerpt", !one.excerpt.empty());
        row.put("excerpt", one.excerpt);
        return row;
    });
    view.flag("has_more_evidence", evidence.size() > limit);
    view.put("more_evidence", std::to_string(evidence.size() - std::min(evidence.size(), limit)));
}

void view_worst(View& page, const Assessment& assessment, const std::vector<CheckText>& checks, const Texts& texts) {
    const Worst worst = worst_first(assessment, most_worst);
    page.flag("has_worst", !worst.shown.empty());
    page.each("worst", worst.shown, [&](const Finding* finding) { return worst_view(*finding, assessment, checks, texts); });
    page.flag("has_more", worst.more > 0);
    page.put("more", std::to_string(worst.more));
}

void view_unseen(View& page, const Assessment& assessment, const Facts& facts, const Texts& texts) {
    auto& gaps = page.lists["gaps"];
    const auto look = [&](std::string_view name, const auto& table) {
        if (table.observed && table.gaps.empty())
            return;
        View row;
        row.put("table", texts.of(std::string("table.").append(name)));
        row.flag("not_observed", !table.observed);
        row.flag("has_items", !table.gaps.empty());
        row.each("items", first(table.gaps, most_lines), text_view);
        row.flag("has_more", table.gaps.size() > most_lines);
        row.put("more", std::to_string(table.gaps.size() - std::min(table.gaps.size(), most_lines)));
        gaps.push_back(std::move(row));
    };
    look("regions", facts.regions);
    look("files", facts.files);
    look("components", facts.components);
    look("advisory_matches", facts.advisory_matches);
    look("exposures", facts.exposures);
    look("accounts", facts.accounts);
    look("secrets", facts.secrets);
    look("certificates", facts.certificates);
    look("services", facts.services);
    look("permissions", facts.permissions);
    look("update_mechanisms", facts.update_mechanisms);
    look("web_handlers", facts.web_handlers);
    look("web_exposures", facts.web_exposures);
    look("wireless_networks", facts.wireless_networks);
    look("bluetooth_settings", facts.bluetooth_settings);
    look("usb_exposures", facts.usb_exposures);
    look("reset_mechanisms", facts.reset_mechanisms);
    look("executables", facts.executables);
    look("call_sites", facts.call_sites);
    const auto& notes = assessment.notes;
    page.flag("has_gaps", !gaps.empty());
    page.flag("has_notes", !notes.empty());
    page.flag("has_unseen", !gaps.empty() || !notes.empty());
    page.each("notes", first(notes, most_lines), text_view);
    page.flag("has_more_notes", notes.size() > most_lines);
    page.put("more_notes", std::to_string(notes.size() - std::min(notes.size(), most_lines)));
}

void view_requirements(View& page, const Assessment& assessment, const Catalogue& catalogue, const std::vector<CheckText>& checks,
                       const Texts& texts) {
    std::map<std::string_view, const Finding*> by_fingerprint;
    std::size_t levels[3] = {};
    for (const Finding& finding : assessment.findings) {
        by_fingerprint.emplace(finding.fingerprint, &finding);
        if (finding.kind == Kind::fail || finding.kind == Kind::open || finding.kind == Kind::review)
            ++levels[static_cast<std::size_t>(finding.level)];
    }
    Told told;
    auto& rows = page.lists["requirements"];
    for (std::size_t i = 0; i < assessment.verdicts.size(); ++i) {
        View row = requirement_view(assessment.verdicts[i], i, catalogue, texts);
        view_findings(row, findings_of(assessment.verdicts[i], by_fingerprint), i, told, assessment, checks, texts);
        rows.push_back(std::move(row));
    }
    page.put("total", std::to_string(rows.size()));
    constexpr Level order[] = {Level::error, Level::warning, Level::note};
    page.each("levels", order, [&](Level level) {
        View row;
        row.put("level", name_of(level));
        row.put("word", texts.word("level", level));
        row.put("count", std::to_string(levels[static_cast<std::size_t>(level)]));
        return row;
    });
    constexpr std::string_view filters[] = {"fail", "inconclusive", "pass", "not_applicable", "error", "warning", "note"};
    page.each("filters", filters, [](std::string_view name) {
        View row;
        row.put("name", name);
        return row;
    });
}

}  // namespace shirushi::report
