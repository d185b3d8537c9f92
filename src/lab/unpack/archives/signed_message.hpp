#pragma once
// CMS messages (RFC 5652) as update bundles carry them: who signed, and what the message itself holds. Nothing is verified here;
// that needs the device's own certificates. Own bounded DER code, run in the parent.

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

struct SignedMessage {
    bool enveloped = false;  ///< its content is encrypted for somebody
    std::string signer;      ///< subject of the certificate it comes with, RFC 2253; empty when it brings none
    Bytes content;           ///< what was signed, when the message holds it; borrowed
    std::uint64_t size = 0;  ///< bytes of the message
};

/// The message at the start of `bytes`; nothing when there is none.
std::optional<SignedMessage> read_signed_message(Bytes bytes);

/// A message that stands alone, as a bundle's signature: recognised, with nothing further inside.
std::optional<FoundContainer> identify_signed_message(Bytes bytes);

}  // namespace shirushi::unpack
