#pragma once
// Archives. Identification walks the headers in own code, which also gives the exact size; tar and zip are read through
// libarchive in a child (7z, cabinets, LZH and RAR, too), cpio, ar and ARJ by own code there. Sources: POSIX.1-2017 pax (ustar, pax, odc), GNU tar's manual
// "Basic Tar Format", Linux Documentation/driver-api/early-userspace/buffer-format.rst (newc), cpio(5) (old binary),
// PKWARE APPNOTE 6.3.9 (zip), ar(5), deb(5), 7-Zip's DOC/7zFormat.txt, [MS-CAB] (cabinets), LHA for UNIX's header.doc.jp (LZH),
// RAR 3's technote.txt and "RAR 5.0 archive format" (RAR), UNARJ's technote.txt (ARJ).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_tar(Bytes bytes);
std::optional<FoundContainer> identify_old_tar(Bytes bytes);  ///< the seventh edition's, without a magic: for the start of a node
std::optional<FoundContainer> identify_cpio(Bytes bytes);
std::optional<FoundContainer> identify_cpio_binary(Bytes bytes);
std::optional<FoundContainer> identify_zip(Bytes bytes);
std::optional<FoundContainer> identify_ar(Bytes bytes);
std::optional<FoundContainer> identify_seven_zip(Bytes bytes);
std::optional<FoundContainer> identify_cab(Bytes bytes);
std::optional<FoundContainer> identify_lzh(Bytes bytes);
std::optional<FoundContainer> identify_rar(Bytes bytes);
std::optional<FoundContainer> identify_arj(Bytes bytes);

Result<void> read_tar(Bytes bytes, Share share, Sink& sink);
Result<void> read_cpio(Bytes bytes, Share share, Sink& sink);  ///< every variant
Result<void> read_zip(Bytes bytes, Share share, Sink& sink);
Result<void> read_ar(Bytes bytes, Share share, Sink& sink);
Result<void> read_seven_zip(Bytes bytes, Share share, Sink& sink);
Result<void> read_cab(Bytes bytes, Share share, Sink& sink);
Result<void> read_lzh(Bytes bytes, Share share, Sink& sink);
Result<void> read_rar(Bytes bytes, Share share, Sink& sink);
Result<void> read_arj(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
