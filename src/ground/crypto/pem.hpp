#pragma once
// PEM blocks (RFC 7468, and the older form with headers of RFC 1421) found anywhere in bytes: in files of their own, in
// configuration, in a program's strings, or quoted in source text and JSON with "\n" written out. Our own code; one pass.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::crypto {

struct PemHeader {
    std::string name;
    std::string value;
};

struct PemBlock {
    std::string label;         ///< "RSA PRIVATE KEY"
    std::uint64_t offset = 0;  ///< of the first dash of BEGIN
    std::uint64_t length = 0;  ///< to behind the last dash of END
    std::vector<PemHeader> headers;
    Buffer bytes;  ///< decoded; never empty

    /// Proc-Type: 4,ENCRYPTED. The bytes are then cipher text.
    [[nodiscard]] bool encrypted() const;
};

/// Every block with a matching END and a body that decodes to at least one byte, in file order. A bare marker, such as the
/// format strings of a library that reads PEM, is not a block. At most 65,536 blocks are returned.
std::vector<PemBlock> find_pem_blocks(Bytes bytes);

}  // namespace shirushi::crypto
