#include "model/timestamp.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/civil_time.hpp"
#include "base/text.hpp"

namespace shirushi {
namespace {

constexpr std::int64_t kDay = 86'400;

/// Two digits at `at`, at most `largest`.
std::optional<std::int64_t> two_digits(std::string_view text, std::size_t at, std::int64_t largest) {
    if (at + 2 > text.size() || text[at] < '0' || text[at] > '9')
        return std::nullopt;
    const auto value = to_integer<std::int64_t>(text.substr(at, 2));
    return value && *value <= largest ? value : std::nullopt;
}

/// Seconds east of Greenwich of "Z", "+09:00" or "-03:30".
std::optional<std::int64_t> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z")
        return 0;
    const auto hours = two_digits(zone, 1, 23);
    const auto minutes = two_digits(zone, 4, 59);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !hours || !minutes)
        return std::nullopt;
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return zone[0] == '+' ? seconds : -seconds;
}

}  // namespace

std::string utc_text(std::int64_t seconds) {
    std::int64_t days = seconds / kDay;
    std::int64_t rest = seconds % kDay;
    if (rest < 0) {
        rest += kDay;
        --days;
    }
    const std::int64_t first = Date{.year = 1}.days();
    const std::int64_t last = Date{.year = 9999, .month = 12, .day = 31}.days();
    if (days < first || days > last)
        return {};
    return fmt::format("{}T{:02}:{:02}:{:02}Z", Date::from_days(days).text(), rest / 3600, rest / 60 % 60, rest % 60);
}

std::string utc_text(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
        return {};
    const auto date = Date::from_text(text.substr(0, 10));
    const auto hours = two_digits(text, 11, 23);
    const auto minutes = two_digits(text, 14, 59);
    const auto seconds = two_digits(text, 17, 60);  // 60: a leap second, here the next one
    std::string_view zone = text.substr(19);
    if (zone.starts_with('.')) {
        const auto end = zone.find_first_not_of("0123456789", 1);
        if (end == std::string_view::npos || end == 1)
            return {};
        zone.remove_prefix(end);
    }
    const auto offset = offset_of(zone);
    if (!date || !hours || !minutes || !seconds || !offset)
        return {};
    return utc_text(date->days() * kDay + *hours * 3600 + *minutes * 60 + *seconds - *offset);
}

}  // namespace shirushi
