#include "crypto/pem.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace shirushi::crypto {
namespace {

constexpr std::string_view kBlock = "-----BEGIN TEST-----\nYWJj\n-----END TEST-----";

TEST(Pem, BlocksAreFoundAmongOtherBytes) {
    const std::string text = std::string("\0junk", 5) + std::string(kBlock) + "\n-----BEGIN OTHER-----\r\nZGVm\r\n-----END OTHER-----";
    const auto blocks = find_pem_blocks(as_bytes(text));
    ASSERT_EQ(blocks.size(), 2U);
    EXPECT_EQ(blocks[0].label, "TEST");
    EXPECT_EQ(blocks[0].offset, 5U);
    EXPECT_EQ(blocks[0].length, kBlock.size());
    EXPECT_EQ(as_text(blocks[0].bytes), "abc");
    EXPECT_EQ(blocks[1].label, "OTHER");
    EXPECT_EQ(as_text(blocks[1].bytes), "def");
    EXPECT_EQ(blocks[1].offset + blocks[1].length, text.size());
}

TEST(Pem, HeadersSayThatItIsEncrypted) {
    const auto blocks = find_pem_blocks(as_bytes(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nYWJj\n-----END RSA PRIVATE KEY-----\n"));
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_TRUE(blocks[0].encrypted());
    ASSERT_EQ(blocks[0].headers.size(), 2U);
    EXPECT_EQ(blocks[0].headers[1].name, "DEK-Info");
    EXPECT_EQ(blocks[0].headers[1].value, "AES-128-CBC,00");
    EXPECT_EQ(as_text(blocks[0].bytes), "abc");
    EXPECT_FALSE(find_pem_blocks(as_bytes(kBlock))[0].encrypted());
}

TEST(Pem, QuotedInSourceText) {
    for (const std::string_view text : {R"("-----BEGIN T-----\nYWJj\nZGVm\n-----END T-----\n")",
                                        "\"-----BEGIN T-----\\n\"\n\"YWJj\\n\" \\\n\"ZGVm\\r\\n\"\n\"-----END T-----\\n\""}) {
        const auto blocks = find_pem_blocks(as_bytes(text));
        ASSERT_EQ(blocks.size(), 1U) << text;
        EXPECT_EQ(as_text(blocks[0].bytes), "abcdef");
    }
}

TEST(Pem, MarkersWithoutKeysAreNoBlocks) {
    for (const std::string_view text : {"-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN %s-----\n", "-----BEGIN A-----\n-----END A-----",
                                        "-----BEGIN A-----\nYWJj\n-----END B-----", "-----BEGIN A-----\nYWJj",
                                        "-----BEGIN A-----\nYW!j\n-----END A-----", "-----BEGIN -----\nYWJj\n-----END -----",
                                        "-----BEGIN A-----\nYWJ\n-----END A-----", "-----BEGIN A\n-----\nYWJj\n-----END A\n-----"})
        EXPECT_TRUE(find_pem_blocks(as_bytes(text)).empty()) << text;
}

TEST(Pem, EveryTruncationHasNoBlockAndManyMarkersStayCheap) {
    for (std::size_t length = 0; length < kBlock.size(); ++length)
        EXPECT_TRUE(find_pem_blocks(as_bytes(kBlock.substr(0, length))).empty());
    std::string many;
    for (int i = 0; i < 200000; ++i)
        many += "-----BEGIN A-----";
    EXPECT_TRUE(find_pem_blocks(as_bytes(many + std::string(3000000, 'A'))).empty());
}

}  // namespace
}  // namespace shirushi::crypto
