#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    const auto worst = worst_first(sample.assessment);
    ASSERT_EQ(worst.size(), 15U);
    EXPECT_EQ(worst[0]->level, Level::error);
    for (std::size_t i = 1; i < 6; ++i)
        EXPECT_NE(worst[i]->check_id, worst[i - 1]->check_id);
    EXPECT_EQ(worst[0]->check_id, "SHI-VUL-001") << "spoils two requirements and has the highest score";
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
