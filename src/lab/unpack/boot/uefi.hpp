#pragma once
// Firmware of PCs and of boards that boot as they do. Sources: UEFI Platform Initialization Specification 1.8, volume 3 (firmware
// volumes, file system, sections); UEFI Specification 2.10, 23 (capsules, firmware management), 32 (variables' attributes);
// EDK II MdeModulePkg's VariableFormat.h (variable stores); Intel's flash descriptor as its chipset data sheets describe it.

#include <array>
#include <optional>
#include <string>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

using Guid = std::array<std::uint8_t, 16>;

/// "8C8CE578-8A3D-4F1C-9935-896185C32DD3": the first three fields are stored little endian. `bytes` holds at least 16.
std::string guid_text(Bytes bytes);
/// The GUID at the start of `bytes` (at least 16 are there) is this one.
bool is_guid(Bytes bytes, std::string_view text);
/// UCS-2, little endian, up to a zero or the end, as UTF-8; surrogates become '?'.
std::string ucs2_text(Bytes bytes);

/// "_FVH" at 40. Files are handed out under their user interface names, nested volumes as folders, variables of a store as "variables/name-GUID".
std::optional<FoundContainer> identify_firmware_volume(Bytes bytes);
Result<void> read_firmware_volume(Bytes bytes, Share share, Sink& sink);

/// Update capsules, recognised by their GUID. Signatures of their payloads are said, never verified.
std::optional<FoundContainer> identify_capsule(Bytes bytes);
Result<Parts> split_capsule(Bytes bytes);

/// Intel's flash descriptor: the regions of the whole flash.
std::optional<FoundContainer> identify_flash_descriptor(Bytes bytes);
Result<Parts> split_flash_descriptor(Bytes bytes);

}  // namespace shirushi::unpack
