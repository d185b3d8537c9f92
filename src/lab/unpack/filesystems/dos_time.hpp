#pragma once
// Time stamps of MS-DOS: a date and a time of two bytes each.

#include <cstdint>

#include "base/civil_time.hpp"

namespace shirushi::unpack {

/// Seconds since 1970 of a FAT date and time (local time of who knows where, taken as UTC); 0 where the date is none.
inline std::int64_t seconds_of_dos_time(std::uint16_t date, std::uint16_t time) {
    const unsigned month = date >> 5U & 15U;
    const unsigned day = date & 31U;
    if (month < 1 || month > 12 || day < 1)
        return 0;
    const std::int64_t days = Date{1980 + (date >> 9U), month, day}.days();
    return days * 86'400 + (time >> 11U) * 3600 + (time >> 5U & 63U) * 60 + (time & 31U) * 2;
}

}  // namespace shirushi::unpack
