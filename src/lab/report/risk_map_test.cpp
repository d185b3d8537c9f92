#include "report/risk_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shirushi::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Use use(std::string name, Recovery recovery, Impact impact) { return {.name = std::move(name), .incident = "i", .place = {.recovery = recovery, .impact = impact, .reason = "r"}}; }

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

TEST(RiskMap, SaysEachUseInWordsWithItsPlace) {
    const std::string map = risk_map_svg({use("opening shutters", Recovery::fatal, Impact::limited), use("reading a thermometer", Recovery::limited, Impact::limited)}, Language::en);
    EXPECT_THAT(map, HasSubstr("<title>1. opening shutters: Fatal damage; Limited economic impact</title>"));
    EXPECT_THAT(map, HasSubstr("<title>2. reading a thermometer: Limited damage; Limited economic impact</title>"));
    EXPECT_EQ(count(map, "stroke=\"#8a8f98\""), 9U) << "nine cells";
    EXPECT_THAT(risk_map_svg({}, Language::ja), HasSubstr("致命的なダメージ"));
}

TEST(RiskMap, FatalStandsAboveLimitedAndCatastrophicToTheRight) {
    const auto spot = [](Recovery recovery, Impact impact) {
        const std::string map = risk_map_svg({use("u", recovery, impact)}, Language::en);
        const auto at = map.find("<circle cx=\"");
        return std::pair(std::stod(map.substr(at + 12)), std::stod(map.substr(map.find("cy=\"", at) + 4)));
    };
    EXPECT_LT(spot(Recovery::fatal, Impact::limited).second, spot(Recovery::limited, Impact::limited).second);
    EXPECT_GT(spot(Recovery::limited, Impact::catastrophic).first, spot(Recovery::limited, Impact::limited).first);
}

TEST(RiskMap, UsesOfOneCellStandApartAndMeasuresShowAsAnArrow) {
    Use moved = use("a", Recovery::fatal, Impact::catastrophic);
    moved.residual = Placement{.recovery = Recovery::serious, .impact = Impact::limited, .reason = "r"};
    const std::string map = risk_map_svg({moved, use("b", Recovery::fatal, Impact::catastrophic)}, Language::en);
    EXPECT_EQ(count(map, "stroke-dasharray"), 1U);
    const auto first = map.find("<g role=\"img\"><title>1.");
    const auto second = map.find("<g role=\"img\"><title>2.");
    EXPECT_NE(map.substr(map.find("cx=", first), 12), map.substr(map.find("cx=", second), 12));
}

TEST(RiskMap, HostileNamesStayText) {
    const std::string map = risk_map_svg({use("</title><script>alert(1)</script>", Recovery::limited, Impact::limited)}, Language::en);
    EXPECT_THAT(map, Not(HasSubstr("<script")));
    std::vector<Use> many(1000, use("u", Recovery::limited, Impact::limited));
    EXPECT_LT(risk_map_svg(many, Language::en).size(), 40'000U);
}

}  // namespace
}  // namespace shirushi::report
