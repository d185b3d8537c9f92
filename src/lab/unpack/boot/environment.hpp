#pragma once
// Variables that boot loaders keep in flash, handed out as text files. Sources: U-Boot include/env_internal.h and tools/mkenvimage.c
// (a CRC-32 in the processor's byte order over the rest, in redundant environments a flags byte behind it; the size is not stored);
// the NVRAM header of Broadcom's boot loader CFE as Linux's include/linux/bcm47xx_nvram.h and OpenWrt's nvram tool describe it.

#include <optional>

#include "unpack/locate.hpp"

namespace shirushi::unpack {

/// An environment whose checksum fits, for the size with which it fits: "environment.txt" holds its variables.
std::optional<FoundContainer> identify_environment(Bytes bytes);
void locate_environment(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts);
Result<void> read_environment(Bytes bytes, Share share, Sink& sink);

/// Variables without a checksum that fits: the defaults compiled into U-Boot, or a damaged environment.
std::optional<FoundContainer> identify_environment_defaults(Bytes bytes);
void locate_environment_defaults(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts);
Result<void> read_environment_defaults(Bytes bytes, Share share, Sink& sink);

/// "FLSH": "nvram.txt" holds its variables.
std::optional<FoundContainer> identify_broadcom_nvram(Bytes bytes);
Result<void> read_broadcom_nvram(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
