#pragma once
// Test only: small writers of vendors' images, one per variant, around a payload of the caller's choice.

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Fields one behind the other, and set afterwards.
class ImageWriter {
public:
    Buffer bytes;

    ImageWriter& text(std::string_view what) { return raw(as_bytes(what)); }
    /// `what` in a field of `width` bytes, filled up.
    ImageWriter& field(std::string_view what, std::size_t width, std::uint8_t fill = 0);
    ImageWriter& raw(Bytes what);
    ImageWriter& fill(std::size_t count, std::uint8_t byte = 0);
    ImageWriter& number(std::uint64_t value, std::size_t size, Endian endian);
    ImageWriter& le16(std::uint64_t value) { return number(value, 2, Endian::little); }
    ImageWriter& le32(std::uint64_t value) { return number(value, 4, Endian::little); }
    ImageWriter& le64(std::uint64_t value) { return number(value, 8, Endian::little); }
    ImageWriter& be16(std::uint64_t value) { return number(value, 2, Endian::big); }
    ImageWriter& be32(std::uint64_t value) { return number(value, 4, Endian::big); }
    ImageWriter& byte(unsigned value) { return number(value, 1, Endian::big); }
    /// Overwrites what stands there.
    void set(std::size_t at, std::uint64_t value, std::size_t size, Endian endian);
    void set(std::size_t at, Bytes what);
    [[nodiscard]] Bytes from(std::size_t at) const { return Bytes(bytes).subspan(at); }
};

struct VendorSample {
    std::string name;    ///< of the test
    std::string format;  ///< vendor_formats.cpp's
    Buffer (*make)(Bytes payload) = nullptr;
    std::string part;    ///< which part is the payload
    std::string says;    ///< in the description
    std::string damage;  ///< what is said when a byte of the payload is another one; empty: nothing covers it
    bool sized = true;   ///< the header says where it ends: it can lie among other bytes
};

std::vector<VendorSample> router_samples();  // samples_routers_test.cpp
std::vector<VendorSample> chip_samples();    // samples_chips_test.cpp
std::vector<VendorSample> other_samples();   // samples_others_test.cpp

}  // namespace shirushi::unpack
