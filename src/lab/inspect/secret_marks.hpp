#pragma once
// Finds in one pass over a file's bytes where key material or an access token may start.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::inspect {

struct Token {
    std::string_view service;  ///< "AWS access key id", "Google API key" ...
    std::string_view text;     ///< borrowed from the bytes
    std::uint64_t offset = 0;
};

struct Marks {
    bool pem = false;           ///< "-----BEGIN " occurs
    std::vector<Token> tokens;  ///< of exactly the form their issuer gives out, at most 1,000
};

/// Linear in the size. Examples from the issuers' manuals are left out.
Marks find_marks(Bytes bytes);

}  // namespace shirushi::inspect
