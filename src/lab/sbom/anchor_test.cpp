#include <gtest/gtest.h>

#include "sbom/identifiers.hpp"

namespace shirushi::sbom {
namespace {

TEST(Anchor, IsTheLongestCertainLiteral) {
    EXPECT_EQ(anchor_of(R"(BusyBox v(\d+\.\d+(?:\.\d+)?))"), "BusyBox v");
    EXPECT_EQ(anchor_of(R"(^dropbear_(\d{4}\.\d+))"), "dropbear_");
    EXPECT_EQ(anchor_of(R"(a?bc\.d+ef[xyz]ghijk(\d))"), "ghijk");
    EXPECT_EQ(anchor_of(R"(x\.y\.z (\d))"), "x.y.z ");
    EXPECT_EQ(anchor_of(R"(abcd{2}e)"), "abc");
    EXPECT_EQ(anchor_of(R"(one|two)"), "");
    EXPECT_EQ(anchor_of(R"((\d+))"), "");
    EXPECT_EQ(anchor_of(R"([]ab])"), "");
    EXPECT_EQ(anchor_of("broken[\\"), "broken");
}

}  // namespace
}  // namespace shirushi::sbom
