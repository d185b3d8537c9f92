#pragma once
// An ISO 9660 volume's descriptors and its catalogue of boot images.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

inline constexpr std::uint64_t iso_sector = 2048;

/// The fields of a directory record that are needed before its names are (ECMA-119, 9.1).
struct IsoRecord {
    std::uint64_t block = 0;  ///< behind the extended attribute record
    std::uint64_t size = 0;
    std::uint8_t flags = 0;
    bool is_interleaved = false;
    std::int64_t modified = 0;
    Bytes name;        ///< raw
    Bytes system_use;  ///< what Rock Ridge adds

    static std::optional<IsoRecord> of(Bytes raw);
    [[nodiscard]] bool is_directory() const { return (flags & 0x02) != 0; }
    [[nodiscard]] bool goes_on() const { return (flags & 0x80) != 0; }  ///< its content, in the next record
};

struct IsoVolume {
    std::uint64_t block_size = iso_sector;
    std::uint64_t size = 0;  ///< as the volume says, in bytes
    std::string label;
    std::string made;        ///< a date, or empty
    IsoRecord root;
    std::optional<IsoRecord> joliet_root;
    std::optional<std::uint64_t> boot_catalogue;  ///< its sector

    /// Nothing unless a primary descriptor is there whose numbers agree in both byte orders.
    static std::optional<IsoVolume> of(Bytes bytes);
};

struct IsoBootImage {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  ///< as the catalogue knows it: what is loaded, which may be less than there is
    std::string description;
};

/// El Torito, section 2. Damage in the catalogue goes to `damage`.
std::vector<IsoBootImage> iso_boot_images(Bytes bytes, std::uint64_t catalogue_sector, std::string& damage);

/// Seven bytes: years since 1900, month, day, hour, minute, second, quarters of an hour east of Greenwich. 0 where they are none.
std::int64_t iso_seconds(const std::uint8_t* at);
/// The long form: digits, and the quarters in the last of 17 bytes.
std::int64_t iso_long_seconds(const std::uint8_t* at);

}  // namespace shirushi::unpack
