#include "crypto/sha256.hpp"

#include <openssl/evp.h>

namespace shirushi::crypto {

struct Sha256::State {
    // Fetched once: the implicit fetch of EVP_sha256() costs more than hashing a short input.
    static const EVP_MD* method() {
        static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        return fetched;
    }
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() { EVP_DigestInit_ex2(context, method(), nullptr); }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(Bytes bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

Digest Sha256::finish() {
    Digest digest;
    unsigned length = 0;
    EVP_DigestFinal_ex(state_->context, digest.bytes.data(), &length);
    EVP_DigestInit_ex2(state_->context, State::method(), nullptr);
    return digest;
}

Digest sha256(Bytes bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

}  // namespace shirushi::crypto
