#pragma once
// What is encrypted with a password, and says so: nobody can look inside, and that is what is reported. Sources: LUKS1 and LUKS2 on-disk
// format specifications (cryptsetup), openssl-enc(1).

#include <optional>

#include "base/bytes.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// LUKS, versions 1 and 2. It reaches to the end of the bytes: its own size stands nowhere.
std::optional<FoundContainer> identify_luks(Bytes bytes);

/// `openssl enc` with a password ("Salted__"): for the start of a node only, since that word stands in programs, too.
std::optional<FoundContainer> identify_openssl_encrypted(Bytes bytes);

}  // namespace shirushi::unpack
