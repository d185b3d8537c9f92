#pragma once
// AES in cipher block chaining mode (FIPS 197, NIST SP 800-38A section 6.2), decryption only, through OpenSSL: for update files whose
// keys are published.

#include <memory>
#include <span>

#include "base/bytes.hpp"

namespace shirushi::crypto {

/// One chain of blocks, in pieces. Padding, where a format has any, is left in.
class AesCbcDecryption {
public:
    /// `key` has 16, 24 or 32 bytes, `start` (the initial vector) 16; anything else is a fault of the caller and decrypts nothing.
    AesCbcDecryption(Bytes key, Bytes start);
    ~AesCbcDecryption();
    AesCbcDecryption(AesCbcDecryption&&) noexcept;
    AesCbcDecryption& operator=(AesCbcDecryption&&) noexcept;

    /// The next blocks of the chain; `from` is a multiple of 16 bytes long, `to` at least as long. False when OpenSSL refuses.
    bool decrypt(Bytes from, std::span<std::uint8_t> to);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace shirushi::crypto
