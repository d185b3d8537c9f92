#pragma once
// The content of NTFS's streams: resident, in runs, sparse, compressed.

#include "unpack/decoder.hpp"
#include "unpack/filesystems/ntfs_table.hpp"

namespace shirushi::unpack {

/// Writes a stream; what is wrong with it goes to `damage`. Errors: the sink's.
Result<void> write_ntfs_stream(Bytes image, const NtfsVolume& volume, const NtfsStream& stream, Sink& sink, std::string& damage);

/// A small attribute's value, wherever it lies; at most `most` bytes.
Buffer ntfs_value(Bytes image, const NtfsVolume& volume, const NtfsAttribute& attribute, std::size_t most);

}  // namespace shirushi::unpack
