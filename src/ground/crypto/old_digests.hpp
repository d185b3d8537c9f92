#pragma once
// MD5 (RFC 1321) and SHA-1 (FIPS 180-4) through OpenSSL: only for comparing with what old formats store beside their contents.
// Neither says anything about who made the bytes.

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace shirushi::crypto {

std::array<std::uint8_t, 16> md5(Bytes bytes);
/// Of the pieces, one after the other.
std::array<std::uint8_t, 20> sha1(const std::vector<Bytes>& pieces);

}  // namespace shirushi::crypto
