#include "crypto/old_digests.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

TEST(OldDigests, PublishedVectors) {
    EXPECT_EQ(to_hex(md5(as_bytes(""))), "d41d8cd98f00b204e9800998ecf8427e");  // RFC 1321, A.5
    EXPECT_EQ(to_hex(md5(as_bytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(to_hex(sha1({as_bytes("ab"), as_bytes("c")})), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180
}

}  // namespace
}  // namespace shirushi::crypto
