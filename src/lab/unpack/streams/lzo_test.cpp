#include "unpack/streams/lzo.hpp"

#include <gtest/gtest.h>

namespace shirushi::unpack {
namespace {

std::string unpacked(const Buffer& stream, std::size_t room = 100) {
    Buffer output(room);
    const auto size = decompress_lzo1x(stream, output);
    return size ? std::string(as_text(Bytes(output).first(*size))) : "error: " + size.error().message;
}

TEST(Lzo, ReadsLiteralsMatchesAndTheEnd) {
    EXPECT_EQ("", unpacked({17, 0, 0}));
    EXPECT_EQ("abc", unpacked({17 + 3, 'a', 'b', 'c', 17, 0, 0}));
    // "abcd", then five bytes from four back, then literal "!" that the match carries.
    EXPECT_EQ("abcdabcda!", unpacked({17 + 4, 'a', 'b', 'c', 'd', 0x80 | (3 << 2) | 1, 0, '!', 17, 0, 0}));
    // A far instruction with a long length: 2 + 31 + 255 + 10 times the byte before.
    EXPECT_EQ(std::string(1 + 298, 'x'), unpacked({17 + 1, 'x', 0x20, 0, 10, 0, 0, 17, 0, 0}, 400));
}

TEST(Lzo, RefusesWhatReachesOutside) {
    EXPECT_EQ("error: lzo: the end mark is missing at byte 0 of 0", unpacked({}));
    EXPECT_EQ("error: lzo: a match reaches before the start at byte 4 of 7", unpacked({17 + 1, 'a', 0x80 | (1 << 2), 0, 17, 0, 0}));
    EXPECT_EQ("error: lzo: more comes out than there is room for at byte 1 of 7", unpacked({17 + 3, 'a', 'b', 'c', 17, 0, 0}, 2));
    EXPECT_EQ("error: lzo: bytes follow the end mark at byte 3 of 4", unpacked({17, 0, 0, 0}));
}

TEST(Lzo, EveryTruncationIsAnError) {
    const Buffer stream{17 + 4, 'a', 'b', 'c', 'd', 0x8D, 0, '!', 0x20, 0, 10, 0, 0, 17, 0, 0};
    Buffer output(400);
    ASSERT_TRUE(decompress_lzo1x(stream, output));
    for (std::size_t size = 0; size < stream.size(); ++size)
        EXPECT_FALSE(decompress_lzo1x(Bytes(stream).first(size), output)) << size;
}

}  // namespace
}  // namespace shirushi::unpack
