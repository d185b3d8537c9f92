#pragma once
// exFAT (Microsoft, "exFAT file system specification", revision 1.00).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// An exFAT volume at the first byte; `checked` when the boot region's checksum holds. With a damaged boot sector, by the copy in its twelfth.
std::optional<FoundContainer> identify_exfat(Bytes bytes);

/// Hands out every file and directory, all in share 0. Deleted entries are left out; an entry whose set of records does not fit its checksum is
/// handed out with damage. Bytes beyond a file's valid length are zeros, as the specification has it. Errors: bad_input, limit, and the sink's.
Result<void> read_exfat(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
