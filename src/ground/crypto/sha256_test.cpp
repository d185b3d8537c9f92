#include "crypto/sha256.hpp"

#include <gtest/gtest.h>

namespace shirushi::crypto {
namespace {

TEST(Sha256, Fips180Vectors) {
    EXPECT_EQ(sha256(as_bytes("")).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(as_bytes("abc")).hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesEqualTheWholeAndFinishStartsAnew) {
    Sha256 hash;
    hash.update(as_bytes("a"));
    hash.update(as_bytes("bc"));
    EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
    EXPECT_EQ(hash.finish(), sha256({}));
}

}  // namespace
}  // namespace shirushi::crypto
