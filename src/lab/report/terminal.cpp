// The end of a run on the terminal: one line for each requirement, then what to do. Strings are hostile: `shown` takes escape
// sequences away before a terminal could obey them.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/display_width.hpp"
#include "report/ranking.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_worst = 3;
constexpr std::size_t most_unseen = 8;
constexpr std::size_t least_id_columns = 6;
constexpr std::size_t most_id_columns = 12;
constexpr std::size_t count_columns = 5;
constexpr unsigned least_width = 40;

// ECMA-48 8.3.117 SGR: bold, and colours that can be read on light and dark grounds.
constexpr std::string_view bold = "1";
constexpr std::string_view colour_of_verdict[] = {"32", "1;31", "33", "2"};  // indexed by VerdictKind

constexpr std::string_view mark_of_verdict[] = {"+", "x", "?", "-"};

class Lines {
public:
    Lines(const TerminalStyle& style, const Texts& texts)
        : style_(style), texts_(texts), width_(std::max(style.width, least_width)) {}

    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(style_.language); }
    [[nodiscard]] std::string text(const Text& both) const { return shown(both.in(style_.language)); }
    template <class Enum>
    [[nodiscard]] std::string word(std::string_view family, Enum value) const {
        return texts_.word(family, value).in(style_.language);
    }
    [[nodiscard]] std::string painted(std::string_view text, std::string_view code) const {
        return style_.colour == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }

    void line(std::string_view text) { out_.append(text).append("\n"); }
    void heading(std::string_view key) {
        line("");
        for (const std::string& part : wrapped(text(key), width_))
            line(painted(part, bold));
    }
    /// `text` after `first`; lines after the first are indented as far as `first` is wide.
    void paragraph(std::string_view first, std::string_view text) {
        const std::size_t indent = display_width(first);
        bool is_first = true;
        for (const std::string& part : wrapped(text, width_ - indent)) {
            line(std::string(is_first ? first : std::string(indent, ' ')).append(part));
            is_first = false;
        }
    }
    std::string take() { return std::move(out_); }

private:
    TerminalStyle style_;
    const Texts& texts_;
    std::size_t width_;
    std::string out_;
};

/// As wide as the longest id and a space, within bounds: ids come from files.
std::size_t columns_of_ids(const Assessment& assessment) {
    std::size_t columns = least_id_columns;
    for (const Verdict& verdict : assessment.verdicts)
        columns = std::max(columns, display_width(shown(verdict.requirement)) + 1);
    return std::min(columns, most_id_columns);
}

void verdict_table(Lines& lines, const Assessment& assessment, const Catalogue& catalogue) {
    std::size_t verdict_columns = 0;
    for (const VerdictKind kind : {VerdictKind::pass, VerdictKind::fail, VerdictKind::inconclusive, VerdictKind::not_applicable})
        verdict_columns = std::max(verdict_columns, display_width(lines.word("verdict", kind)) + 2);
    const std::size_t id_columns = columns_of_ids(assessment);
    const std::size_t title_columns = lines.width() - id_columns - verdict_columns - count_columns - 1;
    std::map<std::string_view, Kind> kind_of;
    for (const Finding& finding : assessment.findings)
        kind_of.emplace(finding.fingerprint, finding.kind);
    for (const Verdict& verdict : assessment.verdicts) {
        const auto index = static_cast<std::size_t>(verdict.verdict);
        const Requirement* requirement = find_requirement(catalogue, verdict.requirement);
        const auto count = std::ranges::count_if(verdict.findings, [&](const std::string& fingerprint) {
            const auto at = kind_of.find(fingerprint);
            return at != kind_of.end() && at->second == Kind::fail;
        });
        const std::string word = fitted(fmt::format("{} {}", mark_of_verdict[index], lines.word("verdict", verdict.verdict)), verdict_columns);
        lines.line(fmt::format("{}{} {}{:>5}", fitted(shown(verdict.requirement), id_columns),
                               fitted(requirement ? lines.text(requirement->title) : std::string(), title_columns),
                               lines.painted(word, colour_of_verdict[index]), count == 0 ? std::string() : std::to_string(count)));
    }
}

void counts_line(Lines& lines, const Counts& counts) {
    std::vector<std::string> parts;
    for (const VerdictKind kind : {VerdictKind::fail, VerdictKind::inconclusive, VerdictKind::pass, VerdictKind::not_applicable})
        parts.push_back(fmt::format("{} {}", lines.word("verdict", kind), counts[kind]));
    lines.heading("terminal.result");
    lines.paragraph("  ", lines.word("overall", overall_verdict(counts)));
    lines.paragraph("  ", fmt::format("{}", fmt::join(parts, ", ")));
}

void worst_findings(Lines& lines, const Assessment& assessment, const std::vector<CheckText>& checks) {
    const Worst worst = worst_first(assessment, most_worst);
    if (worst.shown.empty())
        return;
    lines.heading("terminal.worst");
    for (std::size_t i = 0; i < worst.shown.size(); ++i) {
        const Finding& finding = *worst.shown[i];
        const CheckText* check = find_check(checks, finding.check_id);
        lines.paragraph(fmt::format("  {}. ", i + 1), fmt::format("[{}] {}", lines.word("level", finding.level), lines.text(finding.message)));
        if (!finding.evidence.empty()) {
            const Evidence& place = finding.evidence.front();
            lines.paragraph(fmt::format("     {}: ", lines.text("terminal.where")),
                            shown(place.path) + (place.offset ? " + " + hex_offset(*place.offset) : std::string()));
        }
        if (check)
            lines.paragraph(fmt::format("     {}: ", lines.text("terminal.remedy")), lines.text(check->remedy));
    }
    if (worst.more > 0)
        lines.paragraph("  ", fmt::format(fmt::runtime(lines.text("terminal.more")), worst.more));
}

void unseen(Lines& lines, const Assessment& assessment) {
    if (assessment.notes.empty())
        return;
    lines.heading("terminal.unseen");
    for (std::size_t i = 0; i < std::min(assessment.notes.size(), most_unseen); ++i)
        lines.paragraph("  - ", shown(assessment.notes[i]));
    if (assessment.notes.size() > most_unseen)
        lines.paragraph("  ", fmt::format(fmt::runtime(lines.text("terminal.more")), assessment.notes.size() - most_unseen));
}

void next_steps(Lines& lines, const Assessment& assessment, const Counts& counts) {
    lines.heading("terminal.next");
    lines.paragraph("  - ", lines.text("terminal.next_report"));
    if (counts[VerdictKind::fail] > 0)
        lines.paragraph("  - ", lines.text("terminal.next_mend"));
    if (counts[VerdictKind::inconclusive] > 0)
        lines.paragraph("  - ", fmt::format(fmt::runtime(lines.text("terminal.next_settle")), counts[VerdictKind::inconclusive]));
    if (!assessment.product)
        lines.paragraph("  - ", lines.text("terminal.next_declare"));
    if (counts[VerdictKind::fail] + counts[VerdictKind::inconclusive] == 0)
        lines.paragraph("  - ", lines.text("terminal.next_done"));
}

}  // namespace

std::string terminal_summary(const Assessment& assessment, const Catalogue& catalogue, const std::vector<CheckText>& checks,
                             const TerminalStyle& style) {
    const Texts texts = Texts::embedded();
    const Counts counts = count_verdicts(assessment);
    Lines lines(style, texts);
    verdict_table(lines, assessment, catalogue);
    counts_line(lines, counts);
    worst_findings(lines, assessment, checks);
    unseen(lines, assessment);
    next_steps(lines, assessment, counts);
    return lines.take();
}

}  // namespace shirushi::report
