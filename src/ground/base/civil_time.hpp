#pragma once
// Dates as values. There is no clock here: the time comes in as an argument, so that the same input gives the same bytes.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace shirushi {

/// A day of the proleptic Gregorian calendar (RFC 3339 full-date).
struct Date {
    int year = 1970;
    unsigned month = 1;
    unsigned day = 1;
    auto operator<=>(const Date&) const = default;

    [[nodiscard]] std::string text() const;  ///< "2026-11-23"
    /// Days since 1970-01-01; negative before it.
    [[nodiscard]] std::int64_t days() const;
    /// Exactly YYYY-MM-DD and a day that exists; longer text is refused.
    static Result<Date> from_text(std::string_view text);
    static Date from_days(std::int64_t days_since_epoch);
};

}  // namespace shirushi
