#pragma once
// NTFS, read only (the layout as the Linux-NTFS project documents it; compression: MS-XCA, 2.5, LZNT1; reparse points: MS-FSCC, 2.1.2).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// A volume at the first byte; `checked` when the first record of the master file table is where the boot sector says.
std::optional<FoundContainer> identify_ntfs(Bytes bytes);

/// Hands out every file and directory that the master file table's records name, all in share 0; NTFS's own files are left out. A stream of a file is an entry
/// "name:stream", a further name of a file an entry with its own copy. Modes are 0755, without the write bits where an entry is read-only. What no directory
/// holds any more hangs in "$orphans". Files encrypted by EFS are empty, with damage that says so. Errors: bad_input, limit, and the sink's.
Result<void> read_ntfs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
