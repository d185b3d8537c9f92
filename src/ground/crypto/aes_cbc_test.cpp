#include "crypto/aes_cbc.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

// NIST SP 800-38A, appendices F.2.2 and F.2.6: the first two blocks.
constexpr const char* kPlain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
constexpr const char* kStart = "000102030405060708090a0b0c0d0e0f";

std::string decrypted(const char* key, const char* text, std::size_t first) {
    AesCbcDecryption chain(*from_hex(key), *from_hex(kStart));
    const Buffer from = *from_hex(text);
    Buffer to(from.size());
    EXPECT_TRUE(chain.decrypt(Bytes(from).first(first), std::span(to).first(first)));
    EXPECT_TRUE(chain.decrypt(Bytes(from).subspan(first), std::span(to).subspan(first)));
    return to_hex(to);
}

TEST(AesCbc, VectorsOfSp80038a) {
    EXPECT_EQ(decrypted("2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2", 16),
              kPlain);
    EXPECT_EQ(decrypted("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d", 32),
              kPlain);
}

TEST(AesCbc, RefusesWhatIsNoKeyAndNoBlock) {
    Buffer sixteen(16);
    EXPECT_FALSE(AesCbcDecryption(Bytes(sixteen).first(15), sixteen).decrypt(sixteen, sixteen));
    EXPECT_FALSE(AesCbcDecryption(sixteen, Bytes(sixteen).first(12)).decrypt(sixteen, sixteen));
    AesCbcDecryption chain(sixteen, sixteen);
    EXPECT_FALSE(chain.decrypt(Bytes(sixteen).first(8), sixteen));
    EXPECT_FALSE(chain.decrypt(sixteen, std::span(sixteen).first(8)));
}

}  // namespace
}  // namespace shirushi::crypto
