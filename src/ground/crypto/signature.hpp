#pragma once
// Ed25519 signatures (RFC 8032) over OpenSSL: the same key and message give the same signature.

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace shirushi::crypto {

/// A private key that signs. Errors of from_pem: bad_input where the text is no unencrypted Ed25519 private key in PEM (PKCS#8).
class SigningKey {
public:
    static Result<SigningKey> from_pem(std::string_view text);
    ~SigningKey();
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;

    /// 64 bytes.
    [[nodiscard]] Result<Buffer> sign(Bytes message) const;
    /// SHA-256 of the public key as SubjectPublicKeyInfo.
    [[nodiscard]] Digest key_id() const;

private:
    struct State;
    explicit SigningKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// A public key that verifies. Errors of from_pem: bad_input where the text is no Ed25519 public key in PEM (SubjectPublicKeyInfo).
class VerifyingKey {
public:
    static Result<VerifyingKey> from_pem(std::string_view text);
    ~VerifyingKey();
    VerifyingKey(VerifyingKey&&) noexcept;
    VerifyingKey& operator=(VerifyingKey&&) noexcept;

    [[nodiscard]] bool accepts(Bytes message, Bytes signature) const;
    [[nodiscard]] Digest key_id() const;

private:
    struct State;
    explicit VerifyingKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shirushi::crypto
