#include "crypto/private_key.hpp"

#include <gtest/gtest.h>

#include "crypto/testdata.hpp"

namespace shirushi::crypto {
namespace {

struct Expected {
    std::string file;
    std::string format;
    std::string algorithm;
    bool encrypted;
    std::string digest;  ///< empty: none
};

const std::string kRsa = "82d090d40e909e4bbd694ea00c36ba7a55e055ebaacccfe614e13504203741a1";
const std::string kEc = "26d83cfc265340528bb79c84113780752decb9f0fd6754c1ae20b421ff29d591";
const std::string kDsa = "5abbdb8ff72f40b47be068f2238080ff9cfa93f1ac290e52ccbe2d99046336b8";

const std::vector<Expected> kPem = {
    {"test-key-rsa-pkcs1.pem", "PEM PKCS#1 RSA", "RSA-1024", false, kRsa},
    {"test-key-rsa-pkcs1-encrypted.pem", "PEM PKCS#1 RSA", "RSA", true, ""},
    {"test-key-rsa-pkcs8.pem", "PEM PKCS#8", "RSA-1024", false, kRsa},
    {"test-key-rsa-pss-pkcs8.pem", "PEM PKCS#8", "RSA-1024", false, "82fb2656d521dc93ed90186791e5d80d652b85d2971e8f6b70b88fec53b5d026"},
    {"test-key-ec-sec1.pem", "PEM SEC1 EC", "EC P-256", false, kEc},
    {"test-key-ec-sec1-no-public.pem", "PEM SEC1 EC", "EC P-256", false, kEc},
    {"test-key-ec-pkcs8.pem", "PEM PKCS#8", "EC P-256", false, kEc},
    {"test-key-ec-pkcs8-encrypted.pem", "PEM PKCS#8", "", true, ""},
    {"test-key-ed25519-pkcs8.pem", "PEM PKCS#8", "Ed25519", false, "21c11af6af4c3b1ee6fe4443d80295f9347d30941f6ef0cb24d6686dc74b672e"},
    {"test-key-dsa.pem", "PEM DSA", "DSA-1024", false, kDsa},
    {"test-key-dsa-pkcs8.pem", "PEM PKCS#8", "DSA-1024", false, kDsa},
    {"test-key-openssh-ed25519", "OpenSSH", "Ed25519", false, "175866aad7f1d559dd747add720cdd9dc5dc79f0c5f085e871123eca2b2d45e5"},
    {"test-key-openssh-ecdsa", "OpenSSH", "EC P-256", false, "ea4cbff32d54dda6384afe3e8913fa2c755c30df27d70512d16fd54ad77729c5"},
    {"test-key-openssh-rsa-encrypted", "OpenSSH", "RSA-1024", true, "5003a2e12a1e0b7d0d3bb6056b797e9141bf7266b715c7150a2e7899d5d9e9ef"},
};

const std::vector<Expected> kDropbear = {
    {"test-key-dropbear-rsa", "dropbear", "RSA-1024", false, "aacdc543353a10c650ebe1c24c92f8b9b624239208852b8842f2c1133db7a655"},
    {"test-key-dropbear-ecdsa", "dropbear", "EC P-256", false, "07b7a033916ae57a9b9f588d428e9f384bb1b7d2de468d42da91c760342c8f18"},
    {"test-key-dropbear-ed25519", "dropbear", "Ed25519", false, "146cfc94a9d875ebd794fa9ba5e4c63ed5bc79bfee59f07ab8abf23ef7dc548d"},
};

void expect_equal(const Result<PrivateKeyInfo>& info, const Expected& expected) {
    ASSERT_TRUE(info) << expected.file << ": " << info.error().message;
    EXPECT_EQ(info->format, expected.format) << expected.file;
    EXPECT_EQ(info->algorithm, expected.algorithm) << expected.file;
    EXPECT_EQ(info->encrypted, expected.encrypted) << expected.file;
    EXPECT_EQ(info->public_key_sha256 ? info->public_key_sha256->hex() : "", expected.digest) << expected.file;
}

TEST(PrivateKey, EveryPemForm) {
    for (const Expected& expected : kPem) {
        const PemBlock block = test_block(expected.file);
        const auto info = read_private_key(block);
        expect_equal(info, expected);
        EXPECT_EQ(info->length, block.bytes.size());
    }
}

TEST(PrivateKey, EveryDropbearForm) {
    for (const Expected& expected : kDropbear) {
        const std::string file = test_file(expected.file);
        const auto info = read_private_key("", as_bytes(file));
        expect_equal(info, expected);
        EXPECT_EQ(info->length, file.size());
    }
}

TEST(PrivateKey, RawBytesAreRecognisedAndWhatFollowsIsIgnored) {
    for (Expected expected : kPem) {
        const PemBlock block = test_block(expected.file);
        if (block.encrypted())
            continue;
        if (expected.format.starts_with("PEM"))
            expected.format.replace(0, 3, "DER");
        Buffer padded = block.bytes;
        padded.resize(1 << 17, 0xff);
        const auto info = read_private_key("", padded);
        expect_equal(info, expected);
        EXPECT_EQ(info->length, block.bytes.size());
    }
}

/// A copy of exactly this size, so that the sanitizer sees one byte too many being read.
Result<PrivateKeyInfo> read_copy(std::string_view label, Bytes bytes) {
    const Buffer copy(bytes.begin(), bytes.end());
    return read_private_key(label, copy);
}

TEST(PrivateKey, EveryTruncationIsRefused) {
    for (const Expected& expected : kPem) {
        const PemBlock block = test_block(expected.file);
        for (std::size_t length = 0; length < block.bytes.size() && !block.encrypted(); ++length) {
            EXPECT_FALSE(read_copy(block.label, Bytes(block.bytes).first(length))) << expected.file << " " << length;
            EXPECT_FALSE(read_copy("", Bytes(block.bytes).first(length))) << expected.file << " " << length;
        }
    }
    for (const Expected& expected : kDropbear) {
        const std::string file = test_file(expected.file);
        int accepted = 0;
        for (std::size_t length = 0; length < file.size(); ++length)
            accepted += read_copy("", as_bytes(file).first(length)).has_value() ? 1 : 0;
        EXPECT_EQ(accepted, expected.file == "test-key-dropbear-rsa" ? 1 : 0) << expected.file;  // old ones end before the primes
    }
}

TEST(PrivateKey, FlippedBytesAreReadOrRefused) {
    std::size_t read = 0;
    for (const Expected& expected : kPem) {
        const PemBlock block = test_block(expected.file);
        for (std::size_t at = 0; at < std::min<std::size_t>(block.bytes.size(), 200); ++at) {
            Buffer damaged = block.bytes;
            damaged[at] ^= 0xff;
            read += read_private_key(block.label, damaged).has_value() ? 1 : 0;
        }
    }
    EXPECT_GT(read, 0U);
}

TEST(PrivateKey, OtherThingsAreRefused) {
    const PemBlock certificate = test_block("test-certificate-authority.pem");
    EXPECT_EQ(read_private_key(certificate).error().code, Errc::unsupported);
    EXPECT_EQ(read_private_key("", certificate.bytes).error().code, Errc::bad_input);
    EXPECT_EQ(read_private_key("", {}).error().code, Errc::bad_input);
    EXPECT_EQ(read_private_key("PRIVATE KEY", Buffer(65537, 0x30)).error().code, Errc::limit);
    // A public key as SSH servers keep it among the authorised ones.
    const std::string dropbear = test_file("test-key-dropbear-rsa");
    EXPECT_FALSE(read_private_key("", as_bytes(dropbear).first(4 + 7 + 4 + 3 + 4 + 129)));
    EXPECT_TRUE(is_private_key_label("OPENSSH PRIVATE KEY"));
    EXPECT_FALSE(is_private_key_label("PUBLIC KEY"));
}

}  // namespace
}  // namespace shirushi::crypto
