#include "crypto/stored_digests.hpp"

#include <openssl/evp.h>

#include <memory>

namespace shirushi::crypto {
namespace {

template <std::size_t size>
std::array<std::uint8_t, size> digest_of(const EVP_MD* method, const std::vector<Bytes>& ranges) {
    std::array<std::uint8_t, size> digest{};
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex2(context.get(), method, nullptr);
    for (const Bytes range : ranges)
        EVP_DigestUpdate(context.get(), range.data(), range.size());
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    return digest;
}

}  // namespace

std::array<std::uint8_t, 16> md5(const std::vector<Bytes>& ranges) { return digest_of<16>(EVP_md5(), ranges); }
std::array<std::uint8_t, 20> sha1(const std::vector<Bytes>& ranges) { return digest_of<20>(EVP_sha1(), ranges); }
std::array<std::uint8_t, 64> sha512(const std::vector<Bytes>& ranges) { return digest_of<64>(EVP_sha512(), ranges); }

}  // namespace shirushi::crypto
