#pragma once
// MD5 (RFC 1321) and SHA-512 (FIPS 180-4) of several ranges as one text, through OpenSSL: vendors' update files hold them over their
// contents with a field of their own left out or replaced. An MD5 says nothing about who made the bytes.

#include <array>
#include <cstdint>
#include <initializer_list>

#include "base/bytes.hpp"

namespace shirushi::crypto {

std::array<std::uint8_t, 16> md5_of_ranges(std::initializer_list<Bytes> ranges);
std::array<std::uint8_t, 64> sha512_of_ranges(std::initializer_list<Bytes> ranges);

}  // namespace shirushi::crypto
