#pragma once
// ISO 9660 (ECMA-119, 4th edition) with Rock Ridge (IEEE P1282 on SUSP, IEEE P1281), Joliet and El Torito boot images; images that are
// a disk with partitions at the same time ("hybrid"), too.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// A volume whose first descriptor stands 32 KiB behind the first byte.
std::optional<FoundContainer> identify_iso9660(Bytes bytes);

/// Hands out the tree with the best names there are (Rock Ridge, else Joliet, else plain), then named streams: the boot images of the El Torito catalogue, what
/// stands in the 32 KiB before the volume, and partitions that a table there names. All in share 0. Errors: bad_input, limit, and the sink's.
Result<void> read_iso9660(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
