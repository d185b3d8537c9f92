#pragma once
// How fast requests may follow each other, and how long to wait behind one that failed. Pure: times come in as arguments.

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace shirushi::fetch {

using Milliseconds = std::int64_t;

/// So many requests in so much time.
class Pace {
public:
    Pace() = default;  ///< no limit
    Pace(std::uint32_t requests, std::uint32_t seconds) : requests_(requests), window_(Milliseconds{seconds} * 1000) {}
    /// How long to wait before the next request.
    [[nodiscard]] Milliseconds wait(Milliseconds now) const;
    /// A request is made.
    void note(Milliseconds now);

private:
    std::uint32_t requests_ = 0;
    Milliseconds window_ = 0;
    std::deque<Milliseconds> made_;
};

/// Longest time that a server's Retry-After is waited for; one that asks for more is asked again another day.
inline constexpr Milliseconds longest_wait = 120'000;

/// Behind attempt number `attempt` (from 1): 1, 2, 4, ... seconds, at most 30.
Milliseconds back_off(unsigned attempt);

/// Retry-After in seconds or as an HTTP date (RFC 9110 10.2.3), seen at `now_seconds` after 1970; nothing when it is neither.
std::optional<Milliseconds> retry_after(std::string_view value, std::int64_t now_seconds);

}  // namespace shirushi::fetch
