#include "base/civil_time.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/text.hpp"

namespace shirushi {

std::string Date::text() const { return fmt::format("{:04}-{:02}-{:02}", year, month, day); }

std::int64_t Date::days() const {
    using namespace std::chrono;
    return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)).time_since_epoch().count();
}

Date Date::from_days(std::int64_t days_since_epoch) {
    using namespace std::chrono;
    const year_month_day ymd{sys_days(std::chrono::days(days_since_epoch))};
    return {int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day())};
}

Result<Date> Date::from_text(std::string_view text) {
    const auto bad = [&] { return fail(Errc::bad_input, fmt::format("\"{}\" is not a date like 2026-11-23", excerpt(text, 40))); };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return bad();
    const auto year = to_integer<unsigned>(text.substr(0, 4));
    const auto month = to_integer<unsigned>(text.substr(5, 2));
    const auto day = to_integer<unsigned>(text.substr(8, 2));
    if (!year || !month || !day)
        return bad();
    const Date date{static_cast<int>(*year), *month, *day};
    using namespace std::chrono;
    if (!(std::chrono::year(date.year) / std::chrono::month(date.month) / std::chrono::day(date.day)).ok())
        return bad();
    return date;
}

}  // namespace shirushi
