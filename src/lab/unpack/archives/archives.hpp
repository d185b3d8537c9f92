#pragma once
// Archives. Identification walks the headers in own code, which also gives the exact size; tar and zip are read through
// libarchive in a child, cpio and ar by own code there. Sources: POSIX.1-2017 pax (ustar, pax, odc), GNU tar's manual
// "Basic Tar Format", Linux Documentation/driver-api/early-userspace/buffer-format.rst (newc), cpio(5) (old binary),
// PKWARE APPNOTE 6.3.9 (zip), ar(5), deb(5).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_tar(Bytes bytes);
std::optional<FoundContainer> identify_cpio(Bytes bytes);
std::optional<FoundContainer> identify_cpio_binary(Bytes bytes);
std::optional<FoundContainer> identify_zip(Bytes bytes);
std::optional<FoundContainer> identify_ar(Bytes bytes);

Result<void> read_tar(Bytes bytes, Share share, Sink& sink);
Result<void> read_cpio(Bytes bytes, Share share, Sink& sink);  ///< every variant
Result<void> read_zip(Bytes bytes, Share share, Sink& sink);
Result<void> read_ar(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
