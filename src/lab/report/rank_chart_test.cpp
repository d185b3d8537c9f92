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
    EXPECT_THAT(svg, HasSubstr("M90.0 72.0M310.0 120.0")) << "a year without a rank breaks the line";
    EXPECT_THAT(svg, Not(HasSubstr("href")));
}

TEST(RankChart, NothingIsAPictureToo) {
    EXPECT_THAT(rank_chart_svg({}), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace shirushi::report
