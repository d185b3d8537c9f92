#pragma once
// RedBoot's directory of the flash (FIS): rows of 256 bytes, in the processor's byte order. Source: eCos RedBoot,
// packages/redboot/current/include/fis.h, and Linux drivers/mtd/parsers/redboot.c.

#include <optional>
#include <string>
#include <vector>

#include "unpack/locate.hpp"

namespace shirushi::unpack {

struct FisEntry {
    std::string name;  ///< raw
    std::uint64_t flash_base = 0;  ///< in memory
    std::uint64_t size = 0;
    std::uint64_t data_size = 0;
};

/// The rows at the start of `bytes`, deleted ones left out; nothing when it is no directory.
std::vector<FisEntry> fis_entries(Bytes bytes);

std::optional<FoundContainer> identify_fis(Bytes bytes);
/// The row named "FIS directory" is rarely the first.
void locate_fis(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts);

}  // namespace shirushi::unpack
