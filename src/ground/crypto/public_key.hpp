#pragma once
// Public keys as SubjectPublicKeyInfo (RFC 5280 4.1.2.7), the form in which keys from different containers compare equal.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace shirushi::crypto {

/// What a SubjectPublicKeyInfo holds: "RSA-2048", "EC P-256", "Ed25519", "DSA-1024", else the algorithm's name. Errors: bad_input.
Result<std::string> key_name(Bytes spki);

/// The same from an AlgorithmIdentifier's content alone, without a size where only the key has it: "RSA", "EC P-256".
Result<std::string> algorithm_name(Bytes algorithm_identifier);

// Magnitudes and points are big-endian; leading zeros are allowed.
Buffer rsa_public_key(Bytes modulus, Bytes exponent);
Buffer dsa_public_key(Bytes p, Bytes q, Bytes g, Bytes y);
/// `curve` is the named curve's object identifier's content.
Buffer ec_public_key(Bytes curve, Bytes point);
Buffer ed25519_public_key(Bytes key);

/// The object identifier's content of the curves that SSH knows by "nistp256", "nistp384" and "nistp521"; empty for others.
Bytes ssh_curve(std::string_view name);

/// Bits of a magnitude.
std::size_t bit_length(Bytes magnitude);

// Public halves that a file leaves out; nothing when OpenSSL cannot compute them or the sizes exceed the stated ones.
/// Named curves with scalars up to 80 bytes. The point is uncompressed.
std::optional<Buffer> ec_point_of(Bytes curve, Bytes scalar);
/// Ed25519, Ed448, X25519, X448, by their object identifier's content.
std::optional<Buffer> raw_public_key_of(Bytes object, Bytes private_key);
/// p up to 4096 and x up to 512 bits.
std::optional<Buffer> dsa_y_of(Bytes p, Bytes g, Bytes x);

namespace object_id {
using namespace std::string_view_literals;
inline constexpr std::string_view rsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
inline constexpr std::string_view rsa_pss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;
inline constexpr std::string_view dsa = "\x2a\x86\x48\xce\x38\x04\x01"sv;
inline constexpr std::string_view ec = "\x2a\x86\x48\xce\x3d\x02\x01"sv;
inline constexpr std::string_view x25519 = "\x2b\x65\x6e"sv, x448 = "\x2b\x65\x6f"sv;
inline constexpr std::string_view ed25519 = "\x2b\x65\x70"sv, ed448 = "\x2b\x65\x71"sv;
inline constexpr std::string_view basic_constraints = "\x55\x1d\x13"sv;
inline constexpr std::string_view subject_key_identifier = "\x55\x1d\x0e"sv;
inline constexpr std::string_view authority_key_identifier = "\x55\x1d\x23"sv;
inline constexpr std::string_view pkcs5 = "\x2a\x86\x48\x86\xf7\x0d\x01\x05"sv;  // password-based encryption
inline constexpr std::string_view pkcs12_pbe = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"sv;
}  // namespace object_id

}  // namespace shirushi::crypto
