#pragma once
// Alpine's packages and indexes of version 3 (apk-tools 3; those of version 2 are tar archives). Source: apk-v3(5) and src/apk_adb.h of apk-tools 3.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// As it is, "ADB.": folders, files (checked against their SHA-256) and scripts of a package, or one line for each package of an index.
std::optional<FoundContainer> identify_apk_v3(Bytes bytes);
Result<void> read_apk_v3(Bytes bytes, Share share, Sink& sink);

/// The same, compressed with deflate ("ADBd") or as its next byte says ("ADBc"): one stream, which begins with "ADB.".
std::optional<FoundContainer> identify_packed_apk_v3(Bytes bytes);
Result<void> read_packed_apk_v3(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
