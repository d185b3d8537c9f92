#include "crypto/signature.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

// RFC 8032 7.1, TEST 3: the private key as PKCS#8 (RFC 8410 section 7), the public one as SubjectPublicKeyInfo.
constexpr std::string_view private_pem = "-----BEGIN PRIVATE KEY-----\n"
                                         "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N71iZCC7vpQrX4RsPX5mD+r1ZBIbFdq0cu\n"
                                         "-----END PRIVATE KEY-----\n";

std::string pem_of(std::string_view seed_hex) {
    Buffer der = *from_hex("302e020100300506032b657004220420");
    const Buffer seed = *from_hex(seed_hex);
    der.insert(der.end(), seed.begin(), seed.end());
    return "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n";
}

std::string public_pem_of(std::string_view key_hex) {
    Buffer der = *from_hex("302a300506032b6570032100");
    const Buffer key = *from_hex(key_hex);
    der.insert(der.end(), key.begin(), key.end());
    return "-----BEGIN PUBLIC KEY-----\n" + to_base64(der) + "\n-----END PUBLIC KEY-----\n";
}

constexpr std::string_view seed = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
constexpr std::string_view public_key = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
constexpr std::string_view message = "af82";
constexpr std::string_view signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

TEST(Signature, IsThatOfTheStandardsExample) {
    const auto key = SigningKey::from_pem(pem_of(seed));
    ASSERT_TRUE(key) << key.error().message;
    const auto made = key->sign(*from_hex(message));
    ASSERT_TRUE(made);
    EXPECT_EQ(to_hex(*made), signature);
    const auto verifying = VerifyingKey::from_pem(public_pem_of(public_key));
    ASSERT_TRUE(verifying) << verifying.error().message;
    EXPECT_TRUE(verifying->accepts(*from_hex(message), *from_hex(signature)));
    EXPECT_EQ(verifying->key_id(), key->key_id());
}

TEST(Signature, EveryChangedBitIsRefused) {
    const auto key = VerifyingKey::from_pem(public_pem_of(public_key));
    ASSERT_TRUE(key);
    const Buffer good = *from_hex(signature);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Buffer bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(key->accepts(*from_hex(message), bad)) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(key->accepts(*from_hex(message), Bytes(good).first(size))) << size;
    EXPECT_FALSE(key->accepts(*from_hex("af83"), good));
}

TEST(Signature, OtherKeysAreRefusedWithTheReason) {
    EXPECT_TRUE(SigningKey::from_pem(private_pem)) << "any seed is a key";
    for (const std::string_view text : {std::string_view(""), std::string_view("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}) {
        const auto key = SigningKey::from_pem(text);
        ASSERT_FALSE(key);
        EXPECT_NE(key.error().message.find("Ed25519"), std::string::npos);
    }
    EXPECT_FALSE(SigningKey::from_pem(public_pem_of(public_key))) << "a public key signs nothing";
    EXPECT_FALSE(VerifyingKey::from_pem(pem_of(seed))) << "nobody hands in a private key to verify with";
    const std::string whole = pem_of(seed);
    for (std::size_t size = 0; size + 27 < whole.size(); ++size)
        EXPECT_FALSE(SigningKey::from_pem(std::string_view(whole).substr(0, size))) << size;
}

}  // namespace
}  // namespace shirushi::crypto
