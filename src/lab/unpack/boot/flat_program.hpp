#pragma once
// bFLT: programs of Linux without memory management (uClinux, Cortex-M, Blackfin). Sources: Linux include/uapi/linux/flat.h (up to 6.2,
// later fs/binfmt_flat.c): versions 2 and 4. Everything stands in big endian; offsets count from the header.

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// One that lies there as it is: text, data and relocations are parts of it.
std::optional<FoundContainer> identify_flat_program(Bytes bytes);
Result<Parts> split_flat_program(Bytes bytes);

/// One that is compressed with gzip, behind its header or from its data on.
std::optional<FoundContainer> identify_packed_flat_program(Bytes bytes);
Result<void> read_packed_flat_program(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
