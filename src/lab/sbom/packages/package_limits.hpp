#pragma once
// Ceilings of the package databases' readers, and what is said when one is reached.

#include <cstddef>

namespace shirushi::sbom {

inline constexpr std::size_t kPackages = 100'000;  // all of Debian is 64,000
inline constexpr const char* kTooManyPackages = "more than 100000 packages: the rest was not read";
inline constexpr const char* kTooManyFields = "a stanza of more than 256 fields: its last ones were not read";

}  // namespace shirushi::sbom
