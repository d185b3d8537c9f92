#include "crypto/update_digests.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

TEST(UpdateDigests, Rfc1321AndFips180Vectors) {
    EXPECT_EQ(to_hex(md5_of_ranges({})), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(to_hex(md5_of_ranges({as_bytes("abc")})), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(
        to_hex(sha512_of_ranges({as_bytes("abc")})),
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(UpdateDigests, RangesAreOneText) {
    EXPECT_EQ(md5_of_ranges({as_bytes("a"), {}, as_bytes("bc")}), md5_of_ranges({as_bytes("abc")}));
    EXPECT_EQ(sha512_of_ranges({as_bytes("ab"), as_bytes("c")}), sha512_of_ranges({as_bytes("abc")}));
}

}  // namespace
}  // namespace shirushi::crypto
