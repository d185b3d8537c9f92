#include "crypto/aes_cbc.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace shirushi::crypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kStep = std::size_t{1} << 30;  // OpenSSL takes an int

const EVP_CIPHER* method_for(std::size_t key_size) {
    switch (key_size) {
        case 16:
            return EVP_aes_128_cbc();
        case 24:
            return EVP_aes_192_cbc();
        case 32:
            return EVP_aes_256_cbc();
        default:
            return nullptr;
    }
}

}  // namespace

struct AesCbcDecryption::State {
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    bool ready = false;
    State() = default;
    ~State() { EVP_CIPHER_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

AesCbcDecryption::AesCbcDecryption(Bytes key, Bytes start) : state_(std::make_unique<State>()) {
    const EVP_CIPHER* method = method_for(key.size());
    state_->ready = method != nullptr && start.size() == kBlock &&
                    EVP_DecryptInit_ex2(state_->context, method, key.data(), start.data(), nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(state_->context, 0) == 1;
}

AesCbcDecryption::~AesCbcDecryption() = default;
AesCbcDecryption::AesCbcDecryption(AesCbcDecryption&&) noexcept = default;
AesCbcDecryption& AesCbcDecryption::operator=(AesCbcDecryption&&) noexcept = default;

bool AesCbcDecryption::decrypt(Bytes from, std::span<std::uint8_t> to) {
    if (!state_->ready || from.size() % kBlock != 0 || to.size() < from.size())
        return false;
    for (std::size_t done = 0; done < from.size();) {
        const std::size_t step = std::min(from.size() - done, kStep);
        int written = 0;
        if (EVP_DecryptUpdate(state_->context, to.data() + done, &written, from.data() + done, static_cast<int>(step)) != 1 ||
            static_cast<std::size_t>(written) != step)
            return false;
        done += step;
    }
    return true;
}

}  // namespace shirushi::crypto
