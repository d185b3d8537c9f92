#include "model/timestamp.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(Timestamp, IsBroughtToUtc) {
    EXPECT_EQ(utc_text("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(utc_text("2026-01-01T00:30:00+09:00"), "2025-12-31T15:30:00Z");
    EXPECT_EQ(utc_text("2025-08-29T22:11:56.755-03:30"), "2025-08-30T01:41:56Z");
    EXPECT_EQ(utc_text("2016-12-31t23:59:60z"), "2017-01-01T00:00:00Z");
    EXPECT_EQ(utc_text(std::int64_t{1'767'225'600}), "2026-01-01T00:00:00Z");
    EXPECT_EQ(utc_text(std::int64_t{-1}), "1969-12-31T23:59:59Z");
    EXPECT_EQ(utc_text(std::int64_t{1} << 62), "");
    for (const char* none : {"", "2026-01-02", "2026-01-02T03:04:05", "2026-02-30T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+9:00",
                             "2026-01-02 03:04:05Z", "2026-01-02T-3:04:05Z", "yesterday afternoon ."})
        EXPECT_EQ(utc_text(none), "") << none;
    const std::string_view whole = "2026-01-02T03:04:05.123+09:00";
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_EQ(utc_text(whole.substr(0, length)), "") << length;
}

}  // namespace
}  // namespace shirushi
