#pragma once
// NVD's API 2.0 into two files: all records, page by page, and what changed since, window by window (NVD answers for at most 120 days at
// once). Both are tar.gz archives of the pages as they came. Terms: https://nvd.nist.gov/developers/vulnerabilities.

#include "fetch/cache.hpp"
#include "fetch/visitor.hpp"

namespace shirushi::fetch {

/// A stretch of time in seconds after 1970.
struct TimeWindow {
    std::int64_t from = 0;
    std::int64_t to = 0;
    bool operator==(const TimeWindow&) const = default;
};
inline constexpr std::int64_t longest_window = std::int64_t{120} * 86'400;

/// From one moment to another in windows that are short enough; none when nothing lies between them.
std::vector<TimeWindow> windows(std::int64_t from, std::int64_t to);

/// Seconds of "2026-11-28T04:00:00Z"; nothing for other texts.
std::optional<std::int64_t> seconds_of(std::string_view utc);

/// What a page says of itself.
struct PageFacts {
    std::uint64_t total = 0;
    std::uint64_t start = 0;
    std::uint64_t records = 0;
    std::string timestamp;  ///< UTC, "2026-11-28T04:00:00Z"
    bool operator==(const PageFacts&) const = default;
};
/// Errors: bad_input.
Result<PageFacts> page_facts(std::string_view text);

/// "nvd.tar.gz" -> "nvd-modified.tar.gz".
std::string changes_file(const std::string& file);

/// True: there is something new. Errors: as download(); what was complete before stays.
Result<bool> fetch_nvd(const FeedSource& feed, Cache& cache, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes);

}  // namespace shirushi::fetch
