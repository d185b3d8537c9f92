#include "unpack/coverage.hpp"

#include <gtest/gtest.h>

#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

TEST(Coverage, PiecesAreAllOfIt) {
    const Buffer range = making::joined({Buffer(20, 0xff), making::noise(5000, 1), Buffer(4096, 0), making::noise(30, 2), Buffer(40, 0)});
    const auto pieces = classify(range);
    ASSERT_EQ(pieces.size(), 5U);
    std::uint64_t end = 0;
    for (const Piece& piece : pieces) {
        EXPECT_EQ(piece.offset, end);
        end += piece.size;
    }
    EXPECT_EQ(end, range.size());
    EXPECT_TRUE(pieces[0].padding && pieces[0].fill == 0xff && pieces[2].padding && pieces[4].padding);
    EXPECT_FALSE(pieces[1].padding || pieces[3].padding);
    EXPECT_EQ(classify(Buffer(3, 7)).size(), 1U);
    EXPECT_TRUE(classify({}).empty());
}

}  // namespace
}  // namespace shirushi::unpack
