// UF2 by a small writer after Microsoft's specification: blocks in order and shuffled, families, tags, MD5, files.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/stored_digests.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kUf2{identify_uf2, read_uf2, nullptr};
constexpr std::uint32_t kRp2040 = 0xe48bff56;

struct Options {
    std::uint32_t flags = 0x2000;
    std::uint32_t family = kRp2040;
    std::uint32_t address = 0x10000000;
    std::uint32_t payload = 256;
    std::string behind;  ///< put behind each payload: tags, or a file's name
    bool md5 = false;
};

std::vector<Buffer> blocks_of(Bytes content, const Options& options) {
    std::vector<Buffer> blocks;
    const std::uint64_t count = (content.size() + options.payload - 1) / options.payload;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Bytes piece = clipped(content, i * options.payload, options.payload);
        Writer block;
        block.text("UF2\n").u32(0x9e5d5157).u32(options.flags | (options.md5 ? 0x4000U : 0U)).u32(options.address + i * options.payload).u32(piece.size());
        block.u32(i).u32(count).u32(options.family).bytes(piece).text(options.behind);
        if (options.md5)
            block.to(32 + 452).u32(options.address).u32(content.size()).bytes(crypto::md5({content}));
        block.to(508).u32(0x0ab16f30);
        blocks.push_back(block.made());
    }
    return blocks;
}

Buffer joined(const std::vector<Buffer>& blocks) {
    Buffer all;
    for (const Buffer& block : blocks)
        all.insert(all.end(), block.begin(), block.end());
    return all;
}

TEST(Uf2, BlocksInOrderAndShuffled) {
    const Buffer content = making::noise(10000, 1);
    std::vector<Buffer> blocks = blocks_of(content, {});
    const auto found = identify_uf2(joined(blocks));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->description, "40 blocks, for RP2040");
    std::mt19937 random(1);
    for (int round = 0; round < 2; ++round) {
        CollectingSink sink;
        ASSERT_TRUE(read_uf2(joined(blocks), {}, sink));
        EXPECT_TRUE(sink.entries.at("0x10000000").content == as_text(content));
        EXPECT_EQ(sink.entries.at("0x10000000").damage, "");
        std::ranges::shuffle(blocks, random);
    }
}

TEST(Uf2, SeveralFamiliesAndOtherFlash) {
    const Buffer one = making::noise(700, 1);
    const Buffer two = making::noise(900, 2);
    const Buffer image = making::joined({joined(blocks_of(one, {})), joined(blocks_of(two, {.family = 0xada52840, .address = 0x1000})),
                                         joined(blocks_of(one, {.flags = 1, .address = 0x20000000})), joined(blocks_of(two, {.family = 0x12345678}))});
    CollectingSink sink;
    ASSERT_TRUE(read_uf2(image, {}, sink));
    EXPECT_TRUE(sink.entries.at("RP2040 0x10000000").content == as_text(one));
    EXPECT_TRUE(sink.entries.at("nRF52840 0x00001000").content == as_text(two));
    EXPECT_TRUE(sink.entries.at("not main flash 0x20000000").content == as_text(one));
    EXPECT_TRUE(sink.entries.at("family 0x12345678 0x10000000").content == as_text(two));
}

TEST(Uf2, FilesTagsAndSums) {
    const Buffer content = making::noise(3000, 1);
    Writer told;
    told.u8(10).number(0x9fc7bc, 3).text("v1.2.3").to(12).u8(9).number(0x650d9d, 3).text("board").to(24).u32(0);
    CollectingSink sink;
    ASSERT_TRUE(read_uf2(joined(blocks_of(content, {.flags = 0xa000, .behind = std::string(as_text(told.made()))})), {}, sink));
    EXPECT_EQ(sink.description, "version v1.2.3, board");

    const Options file{.flags = 0x1000, .family = 3000, .address = 0, .payload = 400, .behind = std::string("data/settings.bin\0", 18)};
    CollectingSink files;
    ASSERT_TRUE(read_uf2(joined(blocks_of(content, file)), {}, files));
    EXPECT_TRUE(files.entries.at("data/settings.bin").content == as_text(content));
    EXPECT_EQ(files.entries.at("data/settings.bin").damage, "");

    Buffer summed = joined(blocks_of(content, {.md5 = true}));
    CollectingSink good;
    ASSERT_TRUE(read_uf2(summed, {}, good));
    summed[3 * 512 + 100] ^= 1U;
    CollectingSink bad;
    EXPECT_FALSE(read_uf2(summed, {}, bad));
    EXPECT_EQ(bad.entries.at("0x10000000").damage, "the MD5 of the 3000 bytes at 0x10000000 does not match");
}

TEST(Uf2, MissingAndDamagedBlocksAreTold) {
    const Buffer content = making::noise(2560, 1);
    std::vector<Buffer> blocks = blocks_of(content, {});
    blocks.erase(blocks.begin() + 4);
    CollectingSink sink;
    EXPECT_FALSE(read_uf2(joined(blocks), {}, sink));
    EXPECT_EQ(sink.entries.at("0x10000000").content.size(), 1024U);
    EXPECT_EQ(sink.entries.at("0x10000500").content.size(), 1280U);
    EXPECT_EQ(sink.entries.at("0x10000000").damage, "1 of 10 blocks are missing, the first is block 4");
    blocks[2][0] = 'X';
    const Buffer image = joined(blocks);
    EXPECT_EQ(identify_uf2(image)->size, image.size());
    CollectingSink other;
    const auto result = read_uf2(image, {}, other);
    EXPECT_THAT(result.error().message, HasSubstr("the block at 0x400 is damaged"));
}

TEST(Uf2, BetweenOtherBytesAndLookedInto) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer tar = shop.run("tar -C root -cf - .");
    const auto tree = making::unpacked(making::joined({making::noise(33, 1), joined(blocks_of(tar, {})), making::noise(900, 2)}));
    making::expect_sample(*tree, "uf2@0x21/0x10000000/tar@0x0");
}

TEST(Uf2, CutAndChangedAnywhere) {
    const Buffer image = joined(blocks_of(making::noise(1500, 1), {.md5 = true}));
    cut_everywhere(image, kUf2);
    change_bytes(image, kUf2, 2000, false);
}

}  // namespace
}  // namespace shirushi::unpack
