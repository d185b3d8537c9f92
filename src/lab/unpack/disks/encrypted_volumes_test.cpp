// What is encrypted with a password is said, as cryptsetup and openssl make it.

#include "unpack/disks/encrypted_volumes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFormat = "export PATH=$PATH:/usr/sbin; head -c 20M /dev/zero > v; echo pw | cryptsetup luksFormat -q --pbkdf-force-iterations 1000 ";
constexpr const char* kUuid = "--uuid 12345678-1234-1234-1234-123456789abc v - && cat v";

TEST(EncryptedVolumes, LuksOfBothVersions) {
    const making::Workshop shop;
    const Buffer first = shop.run(std::string(kFormat) + "--type luks1 --cipher aes-xts-plain64 --key-size 256 " + kUuid);
    const auto found = identify_luks(first);
    ASSERT_TRUE(found);
    EXPECT_EQ("version 1, 12345678-1234-1234-1234-123456789abc", found->description);
    EXPECT_EQ("aes-xts-plain64 with a key of 256 bits, as its LUKS header says", found->encrypted);
    EXPECT_EQ(first.size(), found->size);
    const Buffer second = shop.run(std::string(kFormat) + "--type luks2 --pbkdf pbkdf2 --label data " + kUuid);
    const auto later = identify_luks(second);
    ASSERT_TRUE(later);
    EXPECT_EQ("version 2, 12345678-1234-1234-1234-123456789abc, data", later->description);
    EXPECT_EQ("aes-xts-plain64, as its LUKS header says", later->encrypted);

    const auto tree = making::unpacked(making::joined({making::noise(512, 1), Bytes(second).first(1 << 20)}));
    const auto volume = making::find(*tree, "luks@0x200");
    ASSERT_TRUE(volume) << making::tables(*tree);
    EXPECT_EQ("aes-xts-plain64, as its LUKS header says", tree->node(*volume).encrypted);
    EXPECT_EQ(RegionKind::encrypted, tree->regions().back().kind);
    cut_everywhere(Buffer(second.begin(), second.begin() + 6000), {.identify = identify_luks});
    change_bytes(Buffer(first.begin(), first.begin() + 1000), {.identify = identify_luks}, 2000, false);
    change_bytes(Buffer(second.begin(), second.begin() + 6000), {.identify = identify_luks}, 2000, false);
}

TEST(EncryptedVolumes, OpensslEnc) {
    const making::Workshop shop;
    const Buffer aes = shop.run("seq 1 5000 | openssl enc -aes-256-cbc -pbkdf2 -pass pass:x");
    const auto tree = making::unpacked(aes);
    const auto file = making::find(*tree, "openssl-enc@0x0");
    ASSERT_TRUE(file) << making::tables(*tree);
    EXPECT_THAT(tree->node(*file).encrypted, StartsWith("with a password, as the word Salted__"));
    EXPECT_EQ(aes.size(), tree->node(*file).size);
    const Buffer des = shop.run("printf 12345 | openssl enc -des-ede3-cbc -pbkdf2 -pass pass:x");
    EXPECT_THAT(identify_openssl_encrypted(des)->encrypted, HasSubstr("8-byte blocks"));
    EXPECT_FALSE(identify_openssl_encrypted(as_bytes("Salted__")));
    EXPECT_FALSE(making::find(*making::unpacked(making::joined({making::noise(64, 1), aes})), "openssl-enc@0x40")) << "the word also stands in programs";
    cut_everywhere(Buffer(aes.begin(), aes.begin() + 64), {.identify = identify_openssl_encrypted});
}

}  // namespace
}  // namespace shirushi::unpack
