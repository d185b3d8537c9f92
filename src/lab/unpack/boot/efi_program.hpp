#pragma once
// EFI programs: boot loaders, drivers, and unified kernel images, whose sections hold a kernel, its initial file system and its command
// line. Sections become parts, which are scanned like any other bytes. Sources: pe_image.hpp; UEFI 2.10 section 2.1.1 (subsystems, machines);
// UAPI group "Unified Kernel Image" (names of sections).

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// A Portable Executable of one of EFI's four subsystems, for a machine that EFI knows.
std::optional<FoundContainer> identify_efi_program(Bytes bytes);
Result<Parts> split_efi_program(Bytes bytes);

/// Whether `bytes` start with one that carries a kernel.
bool is_unified_kernel(Bytes bytes);

}  // namespace shirushi::unpack
