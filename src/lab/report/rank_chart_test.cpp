#include "report/rank_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shirushi::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RankChart, EachLineSaysItsRanks) {
    const std::string svg = rank_chart_svg({.title = "a < b", .columns = {"2016", "2017", "2018"}, .lines = {{"CWE-79", {1, std::nullopt, 3}}, {"CWE-20", {std::nullopt, 2, 1}}, {"CWE-1", {}}}, .ranks = 5});
    EXPECT_THAT(svg, HasSubstr("<title>CWE-79: 2016: 1, 2018: 3</title>"));
    EXPECT_THAT(svg, HasSubstr("<title>CWE-20: 2017: 2, 2018: 1</title>"));
    EXPECT_THAT(svg, HasSubstr("a &lt; b"));
    EXPECT_THAT(svg, Not(HasSubstr("CWE-1<")));
    EXPECT_THAT(svg, HasSubstr("M90.0 72.0M430.0 120.0")) << "a year without a rank breaks the line";
    EXPECT_THAT(svg, Not(HasSubstr("href")));
}

TEST(RankChart, NamesStandOnceWhereOneColumnHoldsAll) {
    const auto names = [](const RankChart& chart) {
        const std::string svg = rank_chart_svg(chart);
        std::size_t count = 0;
        for (std::size_t at = svg.find(">CWE-1</text>"); at != std::string::npos; at = svg.find(">CWE-1</text>", at + 1))
            ++count;
        return count;
    };
    EXPECT_EQ(names({.title = "t", .columns = {"2016", "2017"}, .lines = {{"CWE-1", {1, std::nullopt}}}, .ranks = 5}), 1U);
    EXPECT_EQ(names({.title = "t", .columns = {"2016", "2017"}, .lines = {{"CWE-1", {std::nullopt, 1}}}, .ranks = 5}), 1U);
    EXPECT_EQ(names({.title = "t", .columns = {"2016", "2017"}, .lines = {{"CWE-1", {1, 2}}}, .ranks = 5}), 2U);
}

TEST(RankChart, ATitleFits) {
    EXPECT_THAT(rank_chart_svg({.title = std::string(80, 'x'), .columns = {"2016"}, .lines = {}, .ranks = 1}), HasSubstr("viewBox=\"0 0 700 "));
    EXPECT_THAT(rank_chart_svg({.title = "年", .columns = {"2016"}, .lines = {}, .ranks = 1}), HasSubstr("viewBox=\"0 0 190 "));
}

TEST(RankChart, NothingIsAPictureToo) {
    EXPECT_THAT(rank_chart_svg({}), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace shirushi::report
