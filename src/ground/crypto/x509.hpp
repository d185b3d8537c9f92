#pragma once
// X.509 certificates (RFC 5280) from hostile bytes, in the main process. The frame is read by our own bounded DER reader; OpenSSL
// only decodes and prints names and object identifiers. No public key is built, no signature verified, no prime tested: the cost is
// linear in at most 64 KiB. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/civil_time.hpp"
#include "base/digest.hpp"
#include "crypto/pem.hpp"

namespace shirushi::crypto {

struct CertificateInfo {
    std::string subject;  ///< RFC 2253 form, printable UTF-8; possibly empty
    std::string issuer;
    Date not_before;  ///< UTC
    Date not_after;
    std::string key;                  ///< "RSA-2048", "EC P-256", "Ed25519", "DSA-1024"; else the algorithm's name
    std::string signature_algorithm;  ///< "sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519"
    bool self_signed = false;         ///< subject and issuer (and key identifiers, where both are given) are equal; not verified
    bool authority = false;           ///< basicConstraints says CA
    Digest public_key_sha256;         ///< of the SubjectPublicKeyInfo: equals that of the fitting private key
    Digest sha256;                    ///< of the DER form
    std::uint64_t length = 0;         ///< bytes of the DER form; what follows is ignored
};

/// The certificate at the start of `der`. bad_input when it is not one, limit above 64 KiB.
Result<CertificateInfo> read_certificate(Bytes der);

}  // namespace shirushi::crypto
