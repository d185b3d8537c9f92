#pragma once
// The small read-only file systems of early embedded Linux: cramfs and romfs.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// cramfs in both byte orders (Linux kernel, Documentation/filesystems/cramfs.rst and include/uapi/linux/cramfs_fs.h), with holes,
/// with a root that lies behind 512 bytes for boot code, and with extended block pointers: blocks that are stored as they are,
/// and blocks that lie anywhere, so that programs can run in place. The check sum of the whole is compared.
std::optional<FoundContainer> identify_cramfs(Bytes at);

/// Hands out every entry but the root directory; all of them as share 0. A damaged block leaves zeros in its place and is named in
/// the entry's damage. Errors: bad_input, limit, and the sink's.
Result<void> read_cramfs(Bytes bytes, Share share, Sink& sink);

/// romfs (Linux kernel, Documentation/filesystems/romfs.rst): big-endian by definition. The check sum of the first 512 bytes must hold.
std::optional<FoundContainer> identify_romfs(Bytes at);

/// Hands out every entry but the root directory and the links "." and ".."; all of them as share 0. A hard link is handed out as a
/// file with its own copy of the content. romfs knows no owners, no times, and of the mode the executable bit only: entries are
/// readable by everybody. Errors: bad_input, limit, and the sink's.
Result<void> read_romfs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
