#include "crypto/x509.hpp"

#include <gtest/gtest.h>

#include "crypto/private_key.hpp"
#include "crypto/testdata.hpp"

namespace shirushi::crypto {
namespace {

CertificateInfo read_test(const std::string& name) {
    const PemBlock block = test_block(name);
    EXPECT_EQ(block.label, "CERTIFICATE");
    auto info = read_certificate(block.bytes);
    EXPECT_TRUE(info) << name << ": " << (info ? "" : info.error().message);
    return info.value_or(CertificateInfo{});
}

TEST(Certificate, Authority) {
    const CertificateInfo info = read_test("test-certificate-authority.pem");
    EXPECT_EQ(info.subject, "CN=Test CA,O=\xe8\xa9\xa6\xe9\xa8\x93 \\, Ltd,C=JP");
    EXPECT_EQ(info.issuer, info.subject);
    EXPECT_EQ(info.not_before.text(), "2026-11-23");
    EXPECT_EQ(info.not_after.text(), "2036-11-20");
    EXPECT_EQ(info.key, "RSA-1024");
    EXPECT_EQ(info.signature_algorithm, "sha256WithRSAEncryption");
    EXPECT_TRUE(info.self_signed);
    EXPECT_TRUE(info.authority);
    EXPECT_EQ(info.sha256.hex(), "739365263a20dbe290c1b6024a1b978b43554834de7e3ca573d90c5c0d0db6fe");
    EXPECT_EQ(info.public_key_sha256.hex(), "82d090d40e909e4bbd694ea00c36ba7a55e055ebaacccfe614e13504203741a1");
}

TEST(Certificate, IssuedByAnother) {
    const CertificateInfo info = read_test("test-certificate-ec.pem");
    EXPECT_EQ(info.subject, "CN=device.example");
    EXPECT_EQ(info.key, "EC P-256");
    EXPECT_EQ(info.signature_algorithm, "sha1WithRSAEncryption");
    EXPECT_FALSE(info.self_signed);
    EXPECT_FALSE(info.authority);
}

TEST(Certificate, YearsBeyond2049) {
    const CertificateInfo info = read_test("test-certificate-ed25519.pem");
    EXPECT_EQ(info.not_after.text(), "2126-10-30");
    EXPECT_EQ(info.key, "Ed25519");
    EXPECT_EQ(info.signature_algorithm, "ED25519");
    EXPECT_TRUE(info.self_signed);
    EXPECT_FALSE(info.authority);
}

TEST(Certificate, ItsPrivateKeyIsRecognised) {
    for (const auto& [certificate, key] : {std::pair{"test-certificate-authority.pem", "test-key-rsa-pkcs8.pem"},
                                           std::pair{"test-certificate-ec.pem", "test-key-ec-sec1-no-public.pem"},
                                           std::pair{"test-certificate-ed25519.pem", "test-key-ed25519-pkcs8.pem"}})
        EXPECT_EQ(read_private_key(test_block(key))->public_key_sha256, read_test(certificate).public_key_sha256) << key;
}

TEST(Certificate, EveryTruncationIsRefusedAndWhatFollowsIsIgnored) {
    const Buffer der = test_block("test-certificate-authority.pem").bytes;
    for (std::size_t length = 0; length < der.size(); ++length) {
        const Buffer cut(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(read_certificate(cut)) << length;
    }
    Buffer padded = der;
    padded.resize(100000);
    const auto info = read_certificate(padded);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->length, der.size());
    EXPECT_EQ(info->sha256, read_certificate(der)->sha256);
}

TEST(Certificate, FlippedBytesAreReadOrRefused) {
    const Buffer der = test_block("test-certificate-ec.pem").bytes;
    std::size_t read = 0;
    for (std::size_t at = 0; at < der.size(); ++at)
        for (const int flip : {0x01, 0x80, 0xff}) {
            Buffer damaged = der;
            damaged[at] ^= static_cast<std::uint8_t>(flip);
            read += read_certificate(damaged).has_value() ? 1 : 0;
        }
    EXPECT_GT(read, der.size());  // most bytes are keys, serial numbers and signature
}

TEST(Certificate, HugeOnesAreRefused) {
    Buffer huge{0x30, 0x83, 0x01, 0x00, 0x01};
    huge.resize(5 + 0x10001);
    const auto info = read_certificate(huge);
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code, Errc::limit);
}

}  // namespace
}  // namespace shirushi::crypto
