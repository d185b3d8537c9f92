#pragma once
// Private keys from hostile bytes, in the main process: only what kind of key it is and which public key belongs to it. The formats
// are read by our own bounded readers (PKCS#1 RFC 8017 A.1.2, SEC1 RFC 5915, PKCS#8 RFC 5958, OpenSSL's DSA form, OpenSSH's
// PROTOCOL.key, Dropbear's host keys). OpenSSL computes a missing public half of keys on named curves and of DSA keys up to
// 4096 bits, once; nothing is checked for being prime, consistent or strong, and no passphrase is tried. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "crypto/pem.hpp"

namespace shirushi::crypto {

struct PrivateKeyInfo {
    /// "PEM PKCS#1 RSA", "PEM SEC1 EC", "PEM DSA", "PEM PKCS#8", the same with "DER", "OpenSSH", "dropbear".
    std::string format;
    std::string algorithm;  ///< "RSA-2048", "EC P-256", "Ed25519", "DSA-1024"; "RSA" or empty when encrypted and not readable
    bool encrypted = false;
    /// SHA-256 of the public key as SubjectPublicKeyInfo, to be compared with a certificate's; nothing where it cannot be read.
    std::optional<Digest> public_key_sha256;
    std::uint64_t length = 0;  ///< bytes of `der` that the key takes; what follows is ignored
};

/// `label` is the PEM label ("EC PRIVATE KEY"); with an empty one the format is found out from the bytes, which must start with
/// the key. bad_input when it is not a private key, limit above 64 KiB, unsupported for a label that is none of a private key.
Result<PrivateKeyInfo> read_private_key(std::string_view label, Bytes der);

/// The same for a PEM block, whose headers say whether it is encrypted the old way.
Result<PrivateKeyInfo> read_private_key(const PemBlock& block);

/// Whether the label names a private key this room reads.
bool is_private_key_label(std::string_view label);

}  // namespace shirushi::crypto
