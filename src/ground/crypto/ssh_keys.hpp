#pragma once
// Private keys as OpenSSH (PROTOCOL.key) and Dropbear (its dropbearkey's output) write them.

#include "crypto/private_key.hpp"

namespace shirushi::crypto {

bool is_openssh_key(Bytes bytes);
/// The first public key of the container is read, which stands there in clear even when the private ones are encrypted.
Result<PrivateKeyInfo> read_openssh_key(Bytes bytes);

/// Dropbear's files have no mark: they start with the SSH name of the key's type. A public key alone is refused.
Result<PrivateKeyInfo> read_dropbear_key(Bytes bytes);

}  // namespace shirushi::crypto
