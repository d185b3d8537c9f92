#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

const Buffer kNine = {1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST(Reader, ReadsBothByteOrders) {
    Reader little(kNine);
    EXPECT_EQ(little.u8().value(), 1);
    EXPECT_EQ(little.u16().value(), 0x0302);
    EXPECT_EQ(little.u32().value(), 0x07060504U);
    Reader big(kNine, Endian::big);
    EXPECT_EQ(big.u64().value(), 0x0102030405060708ULL);
    EXPECT_EQ(big.remaining(), 1U);
}

TEST(Reader, EveryTruncationIsAnErrorAndMovesNothing) {
    for (std::size_t length = 0; length < 8; ++length) {
        Reader reader(Bytes(kNine).first(length));
        const auto value = reader.u64();
        ASSERT_FALSE(value.has_value());
        EXPECT_EQ(value.error().code, Errc::bad_input);
        EXPECT_EQ(reader.position(), 0U);
    }
}

TEST(Reader, AfterAFailureOnlySeekHelps) {
    Reader reader(kNine);
    EXPECT_FALSE(reader.take(10).has_value());
    EXPECT_FALSE(reader.u8().has_value()) << "a smaller read must not hide that an earlier one failed";
    EXPECT_FALSE(reader.c_text(9).has_value());
    EXPECT_FALSE(reader.skip(0).has_value());
    ASSERT_TRUE(reader.seek(8).has_value());
    EXPECT_EQ(reader.u8().value(), 9);
    EXPECT_FALSE(reader.seek(10).has_value());
    EXPECT_FALSE(reader.skip(0).has_value());
}

TEST(Reader, HugeCountsDoNotOverflow) {
    Reader reader(kNine);
    ASSERT_TRUE(reader.skip(4).has_value());
    EXPECT_FALSE(reader.take(~0ULL).has_value());
    EXPECT_FALSE(reader.seek(~0ULL).has_value());
    EXPECT_FALSE(slice(kNine, 4, ~0ULL - 2).has_value());
    EXPECT_EQ(clipped(kNine, 7, ~0ULL).size(), 2U);
    EXPECT_TRUE(clipped(kNine, ~0ULL, 1).empty());
}

TEST(Reader, TextStopsAtNul) {
    const std::string text("ab\0cd", 5);
    Reader fixed(as_bytes(text));
    EXPECT_EQ(fixed.fixed_text(5).value(), "ab");
    Reader terminated(as_bytes(text));
    EXPECT_EQ(terminated.c_text(100).value(), "ab");
    EXPECT_FALSE(terminated.c_text(100).has_value()) << "cd has no NUL";
}

TEST(Error, SaysWhere) {
    auto outer = []() -> Result<int> { return TRY_WITHIN("superblock", Reader(Bytes()).u8()); };
    EXPECT_EQ(outer().error().message, "superblock: ends after 0 of 1 bytes at offset 0");
}

}  // namespace
}  // namespace shirushi
