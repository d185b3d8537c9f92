// Certificates in DER form.

#include <cstddef>
#include <cstdint>

#include "crypto/x509.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)shirushi::crypto::read_certificate({data, size});
    return 0;
}
