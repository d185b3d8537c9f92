#pragma once
// D-Link's encrypted update files whose keys are published: they are decrypted in a child. What a published key does not fit stays
// encrypted, and is reported so. Sources: unblob's handlers shrs.py, encrpted_img.py and alpha_encimg.py (onekey-sec/unblob), delink
// (devttys0/delink), for layouts and keys.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// "SHRS": AES-128-CBC; SHA-512 of what is encrypted and of what it was.
std::optional<FoundContainer> identify_shrs(Bytes bytes);
Result<void> read_shrs(Bytes bytes, Share share, Sink& sink);

/// "encrpted_img": AES-256-CBC, a chain per erase block of a UBI image.
std::optional<FoundContainer> identify_encrpted_img(Bytes bytes);
Result<void> read_encrpted_img(Bytes bytes, Share share, Sink& sink);

/// Alpha Networks' images, wholly encrypted (AES-256-CBC) with a key per model; they begin with the same 16 bytes each.
std::optional<FoundContainer> identify_encimg(Bytes bytes);
Result<void> read_encimg(Bytes bytes, Share share, Sink& sink);

/// The same behind a WRGG03 header that is in the clear.
bool is_encrypted_wrgg(Bytes bytes);
std::optional<FoundContainer> identify_encrypted_wrgg(Bytes bytes);
Result<void> read_encrypted_wrgg(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
