#include "unpack/measure.hpp"

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

Buffer varied(std::size_t size) {
    Buffer bytes(size);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 1664525 + 1013904223;
        bytes[i] = static_cast<std::uint8_t>(state >> 24 & (i < size / 2 ? 0xffU : 0x0fU));
    }
    return bytes;
}

TEST(Measure, EntropyIsThatOfTheCounts) {
    EXPECT_EQ(entropy(Bytes()), 0);
    EXPECT_EQ(entropy(Buffer(1000, 7)), 0);
    Buffer all(256);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(entropy(all), 8);
    Buffer two(4096, 0);
    std::fill(two.begin() + 2048, two.end(), std::uint8_t{0xff});
    EXPECT_EQ(entropy(two), 1);
    EXPECT_GT(entropy(making::noise(1 << 16, 1)), 7.98);
}

TEST(Measure, ManyWorkersFindWhatOneFinds) {
    const Buffer image = varied(3'000'017);
    const std::vector<Range> ranges{{.offset = 1, .size = 999}, {.offset = 1000, .size = 0}, {.offset = 1000, .size = 1'700'000}, {.offset = 3'000'000, .size = 17}};
    const Measures one = measure(image, ranges, 1);
    const Measures many = measure(image, ranges, 5);
    EXPECT_EQ(one.sha256, crypto::sha256(image));
    EXPECT_EQ(many.sha256, one.sha256);
    EXPECT_EQ(many.entropy_map, one.entropy_map);
    EXPECT_EQ(many.entropies, one.entropies);
    ASSERT_EQ(one.entropies.size(), ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i)
        EXPECT_EQ(one.entropies[i], entropy(clipped(image, ranges[i].offset, ranges[i].size))) << i;
    const EntropyMap& map = one.entropy_map;
    ASSERT_EQ(map.values.size(), 256U);
    for (std::size_t i = 0; i < map.values.size(); ++i)
        EXPECT_EQ(map.values[i], entropy(clipped(image, i * map.block_size, map.block_size))) << i;
}

TEST(Measure, SmallImagesHaveFewBlocks) {
    EXPECT_EQ(measure(Buffer(1025, 1), {}, 2).entropy_map, (EntropyMap{.block_size = 1024, .values = {0, 0}}));
    EXPECT_TRUE(measure({}, {}, 2).entropy_map.values.empty());
    EXPECT_EQ(measure({}, {}, 2).sha256, crypto::sha256({}));
}

}  // namespace
}  // namespace shirushi::unpack
