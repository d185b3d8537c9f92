#include "fetch/pace.hpp"

#include <array>
#include <algorithm>

#include "base/civil_time.hpp"
#include "base/text.hpp"

namespace shirushi::fetch {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "Sun, 06 Nov 1994 08:49:37 GMT", the only form that is still made.
std::optional<std::int64_t> http_date(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() != 6 || words[5] != "GMT" || words[4].size() != 8)
        return std::nullopt;
    const auto month = std::ranges::find(kMonths, words[2]);
    const auto day = to_integer<unsigned>(words[1]);
    const auto year = to_integer<int>(words[3]);
    const auto clock = split(words[4], ':');
    if (month == kMonths.end() || !day || !year || *day > 31 || *year < 1970 || *year > 9999 || clock.size() != 3)
        return std::nullopt;
    std::int64_t seconds = Date{.year = *year, .month = static_cast<unsigned>(month - kMonths.begin()) + 1, .day = *day}.days() * 24;
    for (std::size_t i = 0; i < clock.size(); ++i) {
        const auto number = to_integer<unsigned>(clock[i]);
        if (!number || *number > 60)
            return std::nullopt;
        seconds = (i == 0 ? seconds : seconds * 60) + *number;
    }
    return seconds;
}

}  // namespace

Milliseconds Pace::wait(Milliseconds now) const {
    if (requests_ == 0 || made_.size() < requests_)
        return 0;
    return std::max<Milliseconds>(0, made_[made_.size() - requests_] + window_ - now);
}

void Pace::note(Milliseconds now) {
    made_.push_back(now);
    while (made_.size() > requests_)
        made_.pop_front();
}

Milliseconds back_off(unsigned attempt) {
    constexpr unsigned most = 6;
    constexpr Milliseconds longest = 30'000;
    return std::min(longest, Milliseconds{1000} << (std::clamp(attempt, 1U, most) - 1));
}

std::optional<Milliseconds> retry_after(std::string_view value, std::int64_t now_seconds) {
    constexpr std::int64_t day = 86'400;  // more is no different
    if (const auto seconds = to_integer<std::uint32_t>(value))
        return std::min<std::int64_t>(*seconds, day) * 1000;
    if (const auto date = http_date(value))
        return std::clamp<std::int64_t>(*date - now_seconds, 0, day) * 1000;
    return std::nullopt;
}

}  // namespace shirushi::fetch
