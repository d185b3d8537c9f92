#pragma once
// DER (X.690) as far as keys and certificates need it: definite lengths, tags of one byte, no recursion. Values borrow the bytes.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::crypto {

namespace der_tag {
inline constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05, object = 0x06;
inline constexpr std::uint8_t utc_time = 0x17, generalized_time = 0x18, sequence = 0x30;
inline constexpr std::uint8_t context_0 = 0xa0, context_1 = 0xa1, context_3 = 0xa3;
}  // namespace der_tag

struct DerElement {
    std::uint8_t tag = 0;
    Bytes content;
    Bytes whole;  ///< with tag and length
};

/// Elements standing one after the other.
class DerReader {
public:
    explicit DerReader(Bytes bytes) : bytes_(bytes), reader_(bytes) {}

    [[nodiscard]] bool at_end() const { return reader_.at_end(); }
    /// bad_input for an indefinite or too long length, or a tag of several bytes.
    Result<DerElement> next();
    /// The next element, which must have this tag.
    Result<DerElement> expect(std::uint8_t tag);
    /// The next element when it has this tag; otherwise nothing is taken.
    Result<std::optional<DerElement>> optional(std::uint8_t tag);
    /// The next element, an INTEGER, as magnitude without leading zeros; negative ones are refused.
    Result<Bytes> magnitude();

private:
    Bytes bytes_;
    Reader reader_;
};

/// One element around the parts, one after the other.
Buffer der_encode(std::uint8_t tag, std::initializer_list<Bytes> parts);
/// A non-negative INTEGER of this magnitude (leading zeros allowed).
Buffer der_integer(Bytes magnitude);
/// A BIT STRING of whole bytes.
Buffer der_bits(Bytes bytes);

/// An object identifier's content as OpenSSL's long name ("sha256WithRSAEncryption") or in dotted form; empty when malformed.
std::string object_name(Bytes object);

}  // namespace shirushi::crypto
