#include "crypto/stored_digests.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

TEST(StoredDigests, PublishedVectors) {
    EXPECT_EQ(to_hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");  // RFC 1321, A.5
    EXPECT_EQ(to_hex(md5({as_bytes("abc")})), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(to_hex(md5({as_bytes("message digest")})), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(to_hex(sha1({as_bytes("abc")})), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180
    EXPECT_EQ(
        to_hex(sha512({as_bytes("abc")})),
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(StoredDigests, RangesAreOneText) {
    EXPECT_EQ(md5({as_bytes("a"), {}, as_bytes("bc")}), md5({as_bytes("abc")}));
    EXPECT_EQ(sha1({as_bytes("ab"), as_bytes("c")}), sha1({as_bytes("abc")}));
    EXPECT_EQ(sha512({as_bytes("ab"), as_bytes("c")}), sha512({as_bytes("abc")}));
}

}  // namespace
}  // namespace shirushi::crypto
