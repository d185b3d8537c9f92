// Private keys: as raw bytes of any form, and as what a PEM block with each kind of label holds.

#include <cstddef>
#include <cstdint>

#include "crypto/private_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const char* const label : {"", "PRIVATE KEY", "OPENSSH PRIVATE KEY"})
        (void)shirushi::crypto::read_private_key(label, {data, size});
    return 0;
}
