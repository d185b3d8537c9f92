#pragma once
// Points in time as documents of others write them (RFC 3339), as values that can be compared.

#include <cstdint>
#include <string>
#include <string_view>

namespace shirushi {

/// The same moment in UTC to the second, "2026-01-01T00:00:00Z"; fractions are dropped. Empty when the text is no RFC 3339 date-time of
/// the years 0001 to 9999. Such texts sort as the moments do.
std::string utc_text(std::string_view rfc3339);

/// The moment so many seconds after 1970-01-01T00:00:00Z; empty outside these years.
std::string utc_text(std::int64_t seconds);

}  // namespace shirushi
