#pragma once
// What the readers of vendors' headers share. A header is read by one function, which says how far the container reaches and where
// its parts lie; identify and split are made of it here, so that cutting, checking and naming what lies between is done once.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

struct VendorImage {
    std::uint64_t size = 0;     ///< header, parts and trailer, as stated; may be more than is there
    std::uint64_t header = 0;   ///< what of the beginning needs no part of its own
    std::uint64_t trailer = 0;  ///< the same of the end
    std::string description;
    bool checked = false;
    std::string encrypted;
    std::vector<Part> parts;
    /// What is wrong with it (a checksum), or nothing. Called in split only, with all `size` bytes; linear.
    std::string (*verify)(Bytes bytes) = nullptr;
};

/// Constant work, or linear where a checksum is what makes it convincing.
using VendorParser = std::optional<VendorImage> (*)(Bytes bytes);

std::optional<FoundContainer> identify_vendor_image(std::optional<VendorImage> image, std::uint64_t there);
/// The parts, and one more for every range that lies in none of them, unless it is padding.
Result<Parts> split_vendor_image(std::optional<VendorImage> image, Bytes bytes);

template <VendorParser parse>
std::optional<FoundContainer> identify_as(Bytes bytes) {
    return identify_vendor_image(parse(bytes), bytes.size());
}
template <VendorParser parse>
Result<Parts> split_as(Bytes bytes) {
    return split_vendor_image(parse(bytes), bytes);
}

/// Fields at fixed offsets; zero where they are not (wholly) there.
std::uint16_t be16(Bytes bytes, std::uint64_t offset);
std::uint16_t le16(Bytes bytes, std::uint64_t offset);
std::uint32_t be32(Bytes bytes, std::uint64_t offset);
std::uint32_t le32(Bytes bytes, std::uint64_t offset);
std::uint64_t le64(Bytes bytes, std::uint64_t offset);
std::uint32_t word32(Bytes bytes, std::uint64_t offset, Endian endian);
std::uint16_t word16(Bytes bytes, std::uint64_t offset, Endian endian);
bool stands_at(Bytes bytes, std::uint64_t offset, std::string_view what);

/// Text in a field that zeros, 0xff or blanks fill up: trimmed and fit for people; possibly empty.
std::string field_text(Bytes bytes, std::uint64_t offset, std::uint64_t length);
/// The field holds printable ASCII and nothing behind it but zeros or 0xff.
bool is_text_field(Bytes bytes, std::uint64_t offset, std::uint64_t length, bool may_be_empty = false);
bool is_filled_with(Bytes bytes, std::uint8_t fill);

/// CRC-32 as in zlib; and as many vendors keep it, without the inversion at the end.
std::uint32_t crc32_of(Bytes bytes);
std::uint32_t crc32_not_inverted(Bytes bytes);
/// CRC-32 of POSIX cksum: most significant bit first, the length behind the bytes.
std::uint32_t posix_checksum(Bytes bytes);
std::uint32_t byte_sum(Bytes bytes);

/// ", load 0x80001000" and the like: nothing for zero.
std::string address_text(std::string_view what, std::uint32_t address);
/// Joins what is wrong: "a; b".
void add_fault(std::string& faults, std::string_view fault);

}  // namespace shirushi::unpack
