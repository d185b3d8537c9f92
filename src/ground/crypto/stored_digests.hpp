#pragma once
// Digests that images store beside their contents, for comparing with them: MD5 (RFC 1321), SHA-1 and SHA-512 (FIPS 180-4), through
// OpenSSL. Often over contents with a field left out or replaced, hence of several ranges, one after the other. MD5 and SHA-1 say
// nothing about who made the bytes. (What Shirushi itself names artifacts by is sha256.hpp.)

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::crypto {

std::array<std::uint8_t, 16> md5(const std::vector<Bytes>& ranges);
std::array<std::uint8_t, 20> sha1(const std::vector<Bytes>& ranges);
std::array<std::uint8_t, 64> sha512(const std::vector<Bytes>& ranges);

}  // namespace shirushi::crypto
