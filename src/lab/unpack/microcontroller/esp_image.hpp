#pragma once
// Espressif's application and boot loader images, and partition tables, as the readers of both single files and whole flash dumps
// need them. Sources: ESP-IDF Programming Guide, "App Image Format" and "Partition Tables"; esptool's documentation of ESP8266 images.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct EspSegment {
    std::uint32_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

struct EspImage {
    std::string chip;                      ///< "ESP32-C3"
    std::uint64_t boot_loader_offset = 0;  ///< where this chip looks for its boot loader
    std::uint32_t entry = 0;
    std::vector<EspSegment> segments;
    std::uint64_t size = 0;     ///< with checksum, digest and signature; clipped to the bytes
    std::uint64_t claimed = 0;  ///< not clipped
    std::string damage;         ///< a checksum or digest that does not match
    std::string told;           ///< version, project and the like from the descriptor; whether it is signed
};

/// The image at the first byte. Linear in its size.
std::optional<EspImage> esp_image_of(Bytes bytes);
/// The header alone: which chip an image at the first byte is for, and where that chip's boot loader lies.
std::optional<EspImage> esp_header_of(Bytes bytes);

struct EspPartition {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::string label;  ///< printable
    bool encrypted = false;  ///< to be encrypted once flash encryption is on

    [[nodiscard]] bool is_app() const { return type == 0; }
    [[nodiscard]] bool is_ota_choice() const { return type == 1 && subtype == 0; }
    [[nodiscard]] std::string kind() const;  ///< "nvs", "ota_0"
};

struct EspTable {
    std::vector<EspPartition> partitions;
    std::uint64_t size = 0;  ///< of the table, with the padding up to its 3 KiB where it is there
    bool has_sum = false;
    bool sum_fits = false;
};

/// The partition table at the first byte.
std::optional<EspTable> esp_table_of(Bytes bytes);

}  // namespace shirushi::unpack
