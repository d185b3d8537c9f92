// PEM blocks among any bytes, and what they hold.

#include <cstddef>
#include <cstdint>

#include "crypto/private_key.hpp"
#include "crypto/x509.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto& block : shirushi::crypto::find_pem_blocks({data, size})) {
        (void)shirushi::crypto::read_private_key(block);
        (void)shirushi::crypto::read_certificate(block.bytes);
    }
    return 0;
}
