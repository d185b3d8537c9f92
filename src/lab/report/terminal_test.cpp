#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "report/display_width.hpp"
#include "report/ranking.hpp"
#include "report/report.hpp"
#include "sample.hpp"

namespace shirushi::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string summary(const report_sample::Sample& sample, TerminalStyle style) {
    return terminal_summary(sample.assessment, sample.catalogue, sample.checks, style);
}

TEST(Terminal, FitsItsWidthInBothLanguages) {
    for (const auto& sample : {report_sample::router(), report_sample::hostile("\x1b[2J\u202E long long long long long tail")})
        for (const Language language : {Language::en, Language::ja})
            for (const unsigned width : {40U, 80U, 120U}) {
                const std::string text = summary(sample, {language, Colour::off, width});
                EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "no escape sequence of the input survives";
                for (const std::string_view line : lines_of(text))
                    EXPECT_LE(display_width(line), width) << line;
            }
}

TEST(Terminal, ListsEveryRequirementThenTheWorst) {
    const auto sample = report_sample::router();
    const std::string text = summary(sample, {});
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < 27; ++i)
        EXPECT_TRUE(lines[i].starts_with(sample.assessment.verdicts[i].requirement)) << lines[i];
    EXPECT_THAT(text, HasSubstr("Fail 9, Inconclusive 13, Pass 2, Not applicable 3"));
    EXPECT_THAT(text, HasSubstr("  3. ["));
    EXPECT_THAT(text, Not(HasSubstr("  4. [")));
    EXPECT_THAT(text, HasSubstr("remedy: "));
    EXPECT_THAT(text, HasSubstr("128 KiB unexplained"));
}

TEST(Terminal, ColourIsAnAdditionOnly) {
    const auto sample = report_sample::router();
    std::string coloured = summary(sample, {.colour = Colour::on});
    EXPECT_THAT(coloured, HasSubstr("\x1b[1;31m"));
    for (auto at = coloured.find('\x1b'); at != coloured.npos; at = coloured.find('\x1b'))
        coloured.erase(at, coloured.find('m', at) + 1 - at);
    EXPECT_EQ(coloured, summary(sample, {}));
}

TEST(Terminal, AskForTheDeclarationOnlyWhenThereIsNone) {
    auto sample = report_sample::router();
    EXPECT_THAT(summary(sample, {}), Not(HasSubstr("shirushi init")));
    sample.assessment.product.reset();
    EXPECT_THAT(summary(sample, {}), HasSubstr("shirushi init"));
}

TEST(Ranking, SevereFirstAndNoCheckHidesAnother) {
    const auto sample = report_sample::router();
    const Worst worst = worst_first(sample.assessment, 6);
    ASSERT_EQ(worst.shown.size(), 6U);
    EXPECT_EQ(worst.more, 9U);
    EXPECT_EQ(worst.shown[0]->level, Level::error);
    std::set<std::string> checks;
    for (const Finding* finding : worst.shown)
        EXPECT_TRUE(checks.insert(finding->check_id).second) << finding->check_id;
    EXPECT_EQ(worst.shown[0]->check_id, "SHI-VUL-001") << "spoils two requirements and has the highest score";
}

Finding about(std::string check, Level level, std::string component, std::string score = "1.0") {
    static int number = 0;
    return {.check_id = std::move(check),
            .kind = Kind::fail,
            .level = level,
            .arguments = {{"component", std::move(component)}, {"score", std::move(score)}},
            .fingerprint = std::to_string(++number)};
}

std::vector<std::string> shown_of(const Worst& worst) {
    std::vector<std::string> shown;
    for (const Finding* finding : worst.shown)
        shown.push_back(finding->check_id + " " + finding->arguments.at(0).value);
    return shown;
}

TEST(Ranking, AComponentIsShownOnce) {
    Assessment assessment;
    for (const char* check : {"SHI-VUL-001", "SHI-VUL-002", "SHI-VUL-004"}) {
        assessment.findings.push_back(about(check, Level::error, "openssl", "9.8"));
        assessment.findings.push_back(about(check, Level::error, "busybox", "7.5"));
    }
    assessment.findings.push_back(about("SHI-VUL-002", Level::note, "less"));
    assessment.findings.push_back(about("SHI-DEC-001", Level::warning, "hostapd"));
    assessment.findings.push_back(about("SHI-DEC-004", Level::warning, "openssl"));
    using Shown = std::vector<std::string>;
    const Worst three = worst_first(assessment, 3);
    EXPECT_EQ(shown_of(three), (Shown{"SHI-VUL-001 openssl", "SHI-VUL-002 busybox", "SHI-DEC-001 hostapd"}));
    EXPECT_EQ(three.more, 6U);
    const Worst all = worst_first(assessment, 100);
    EXPECT_EQ(shown_of(all),
              (Shown{"SHI-VUL-001 openssl", "SHI-VUL-002 busybox", "SHI-DEC-001 hostapd", "SHI-VUL-002 less", "SHI-DEC-004 openssl"}))
        << "another group of checks says something else of openssl";
    EXPECT_EQ(all.more, 4U);
}

TEST(Ranking, ChecksSpeakAgainWhereThereIsRoom) {
    Assessment assessment;
    for (const char* account : {"root", "admin"})
        assessment.findings.push_back(
            {.check_id = "SHI-ACC-001", .kind = Kind::fail, .arguments = {{"account", account}}, .fingerprint = account});
    assessment.findings.push_back({.check_id = "SHI-ACC-002", .kind = Kind::review, .arguments = {{"account", "x"}}, .fingerprint = "x"});
    EXPECT_EQ(shown_of(worst_first(assessment, 3)), (std::vector<std::string>{"SHI-ACC-001 admin", "SHI-ACC-001 root"}));
    EXPECT_EQ(worst_first(assessment, 1).more, 1U);
    EXPECT_TRUE(worst_first({}, 3).shown.empty());
}

TEST(Ranking, FailOutweighsInconclusiveOutweighsPass) {
    Counts counts;
    EXPECT_EQ(overall_verdict(counts), VerdictKind::not_applicable);
    counts.of[static_cast<std::size_t>(VerdictKind::pass)] = 26;
    EXPECT_EQ(overall_verdict(counts), VerdictKind::pass);
    counts.of[static_cast<std::size_t>(VerdictKind::inconclusive)] = 1;
    EXPECT_EQ(overall_verdict(counts), VerdictKind::inconclusive);
    counts.of[static_cast<std::size_t>(VerdictKind::fail)] = 1;
    EXPECT_EQ(overall_verdict(counts), VerdictKind::fail);
}

}  // namespace
}  // namespace shirushi::report
