#pragma once
// What programmers, boot loaders and update tools of microcontrollers pass around. Sources: Intel's "Hexadecimal Object File Format
// Specification" (revision A, 1988); Motorola's M68000 Family Programmer's Reference Manual, appendix C (S-records); Microsoft's UF2
// specification; USB "Device Firmware Upgrade 1.1", appendix B, and ST's UM0391 (DfuSe); Espressif's ESP-IDF Programming Guide ("App
// Image Format", "Partition Tables", "NVS Library") and the ESP8266 SDK's guide; Arm's ARMv7-M Architecture Reference Manual, B1.5;
// MCUboot's design document ("Image format").
//
// Errors: bad_input with what is damaged and where; limit, when a container holds more than the named ceilings.

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

// Text of records (hex_records.cpp). Only at the first byte of a node; damage is told with line numbers.
std::optional<FoundContainer> identify_intel_hex(Bytes bytes);
Result<void> read_intel_hex(Bytes bytes, Share share, Sink& sink);
std::optional<FoundContainer> identify_s_record(Bytes bytes);
Result<void> read_s_record(Bytes bytes, Share share, Sink& sink);

std::optional<FoundContainer> identify_uf2(Bytes bytes);
Result<void> read_uf2(Bytes bytes, Share share, Sink& sink);

// A DFU file is known by its last bytes: only a whole node can be one.
std::optional<FoundContainer> identify_dfu(Bytes bytes);
Result<Parts> split_dfu(Bytes bytes);
std::optional<FoundContainer> identify_dfuse(Bytes bytes);
Result<Parts> split_dfuse(Bytes bytes);

// Espressif: one image; a partition table alone; a whole flash around a table, cut into its partitions; settings.
std::optional<FoundContainer> identify_esp_image(Bytes bytes);
Result<Parts> split_esp_image(Bytes bytes);
std::optional<FoundContainer> identify_esp_partition_table(Bytes bytes);
std::optional<FoundContainer> identify_esp_flash(Bytes bytes);
Result<Parts> split_esp_flash(Bytes bytes);
/// Values become files: numbers in decimal digits, texts without their NUL, blobs as they are.
std::optional<FoundContainer> identify_esp_nvs(Bytes bytes);
Result<void> read_esp_nvs(Bytes bytes, Share share, Sink& sink);

// Update files of Matter (Core Specification 1.2, 11.21.1) and Zigbee (Cluster Library 8, 11.4): ota_files.cpp.
std::optional<FoundContainer> identify_matter_ota(Bytes bytes);
Result<Parts> split_matter_ota(Bytes bytes);
std::optional<FoundContainer> identify_zigbee_ota(Bytes bytes);
Result<Parts> split_zigbee_ota(Bytes bytes);

// Windows CE's records of memory contents (windows_ce.cpp).
std::optional<FoundContainer> identify_windows_ce(Bytes bytes);
Result<void> read_windows_ce(Bytes bytes, Share share, Sink& sink);

std::optional<FoundContainer> identify_mcuboot(Bytes bytes);
Result<Parts> split_mcuboot(Bytes bytes);

// A table of addresses without any mark: only at the first byte of a node, and only when all of it makes sense for one base address.
// It is cut into the table, the code, and further images that bring tables of their own.
std::optional<FoundContainer> identify_cortex_m(Bytes bytes);
Result<Parts> split_cortex_m(Bytes bytes);

}  // namespace shirushi::unpack
