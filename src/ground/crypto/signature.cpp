#include "crypto/signature.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/sha256.hpp"

namespace shirushi::crypto {
namespace {

constexpr std::size_t kLongestKeyFile = 64U << 10U;
constexpr std::size_t kSignatureBytes = 64;

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// Nobody is asked for a passphrase: an encrypted key is not read.
int no_passphrase(char*, int, int, void*) { return -1; }

/// Reads a key by `read`, which is PEM_read_bio_PrivateKey or PEM_read_bio_PUBKEY.
template <class Read>
Key key_in(std::string_view text, const Read& read) {
    if (text.size() > kLongestKeyFile)
        return nullptr;
    const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    Key key(bio ? read(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
    return key && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519 ? std::move(key) : nullptr;
}

Digest id_of(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    const Digest id = size > 0 ? sha256({der, static_cast<std::size_t>(size)}) : Digest{};
    OPENSSL_free(der);
    return id;
}

}  // namespace

struct SigningKey::State {
    Key key;
};
struct VerifyingKey::State {
    Key key;
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
VerifyingKey::VerifyingKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
VerifyingKey::~VerifyingKey() = default;
VerifyingKey::VerifyingKey(VerifyingKey&&) noexcept = default;
VerifyingKey& VerifyingKey::operator=(VerifyingKey&&) noexcept = default;

Result<SigningKey> SigningKey::from_pem(std::string_view text) {
    Key key = key_in(text, PEM_read_bio_PrivateKey);
    if (!key)
        return fail(Errc::bad_input, "not an unencrypted Ed25519 private key in PEM; \"openssl genpkey -algorithm ed25519\" makes one");
    return SigningKey(std::make_unique<State>(std::move(key)));
}

Result<Buffer> SigningKey::sign(Bytes message) const {
    const Context context(EVP_MD_CTX_new());
    Buffer signature(kSignatureBytes);
    std::size_t size = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1 || size != kSignatureBytes)
        return fail(Errc::internal, "the message could not be signed");
    return signature;
}

Digest SigningKey::key_id() const { return id_of(state_->key.get()); }

Result<VerifyingKey> VerifyingKey::from_pem(std::string_view text) {
    Key key = key_in(text, PEM_read_bio_PUBKEY);
    if (!key)
        return fail(Errc::bad_input, "not an Ed25519 public key in PEM; \"openssl pkey -in key.pem -pubout\" writes that of a private key");
    return VerifyingKey(std::make_unique<State>(std::move(key)));
}

bool VerifyingKey::accepts(Bytes message, Bytes signature) const {
    const Context context(EVP_MD_CTX_new());
    return signature.size() == kSignatureBytes && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Digest VerifyingKey::key_id() const { return id_of(state_->key.get()); }

}  // namespace shirushi::crypto
