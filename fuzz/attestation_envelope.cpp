// An envelope as it is, and the same bytes as a payload that somebody signed.
#include <cstdlib>

#include "attestation/attestation.hpp"
#include "base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    static const auto verifying = [] {
        const Buffer der = *from_hex("302a300506032b65700321008a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
        return std::move(*crypto::VerifyingKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + to_base64(der) + "\n-----END PUBLIC KEY-----\n"));
    }();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (attestation::open(text, verifying))
        std::abort();  // nobody has that key
    (void)attestation::read_statement(text);
    return 0;
}
