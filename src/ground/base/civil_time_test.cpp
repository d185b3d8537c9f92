#include "base/civil_time.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(Date, RoundTripsAndCounts) {
    EXPECT_EQ(Date::from_text("1970-01-01")->days(), 0);
    EXPECT_EQ(Date::from_text("2000-03-01")->days(), 11017);
    for (const std::int64_t days : {-1L, 0L, 11016L, 20780L})
        EXPECT_EQ(Date::from_days(days).days(), days);
    EXPECT_EQ(Date::from_text("2024-02-29")->text(), "2024-02-29");
}

TEST(Date, RefusesWhatDoesNotExist) {
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-1-01", "2024-01-01T", "", "2024/01/01", "-024-01-01"})
        EXPECT_FALSE(Date::from_text(text).has_value()) << text;
}

}  // namespace
}  // namespace shirushi
