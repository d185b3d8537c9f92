// DFU suffixes as dfu-suffix writes them, and ST's DfuSe by a small writer after UM0391.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kDfu{identify_dfu, nullptr, split_dfu};
constexpr Parser kDfuSe{identify_dfuse, nullptr, split_dfuse};

struct Element {
    std::uint32_t address;
    Buffer content;
};

Buffer dfuse(const std::vector<std::vector<Element>>& targets) {
    Writer image;
    image.text("DfuSe").u8(1).u32(0).u8(targets.size());
    for (const auto& elements : targets) {
        std::size_t size = 0;
        for (const Element& element : elements)
            size += 8 + element.content.size();
        image.text("Target").u8(0).u32(1).field("Internal Flash", 255).u32(size).u32(elements.size());
        for (const Element& element : elements)
            image.u32(element.address).u32(element.content.size()).bytes(element.content);
    }
    image.put_at(6, image.size(), 4);
    image.u16(0x0200).u16(0xdf11).u16(0x0483).u16(0x011a).text("UFD").u8(16);
    image.u32(~crc32_z(0, image.made().data(), image.size()));
    return image.made();
}

TEST(Dfu, SuffixOfItsOwnTool) {
    const making::Workshop shop;
    shop.sample_tree("root");
    Buffer image = shop.run("tar -C root -cf t.tar . && dfu-suffix -v 0483 -p df11 -d 0200 -a t.tar >&2 && cat t.tar");
    const auto found = identify_dfu(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(found->description, "for USB device 0483:df11, version 0200");
    const auto tree = making::unpacked(image);
    making::expect_sample(*tree, "dfu@0x0/firmware/tar@0x0");
    image[1000] ^= 1U;
    EXPECT_FALSE(identify_dfu(image));
}

TEST(Dfu, DfuSeTargetsAndElements) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer tar = shop.run("tar -C root -cf - .");
    const Buffer other = making::noise(1000, 1);
    Buffer image = dfuse({{{0x08000000, tar}, {0x08080000, other}}, {{0x1fff7800, making::noise(16, 2)}}});
    // Its own tool agrees with the suffix.
    shop.write("image.dfu", image);
    EXPECT_THAT(std::string(as_text(shop.run("dfu-suffix -c image.dfu"))), HasSubstr("0x011A"));
    const auto tree = making::unpacked(making::joined({making::noise(77, 3), image, making::noise(99, 4)}));
    making::expect_sample(*tree, "dfuse@0x4d/0x08000000 (target 0 Internal Flash)/tar@0x0");
    const auto second = making::find(*tree, "0x08080000 (target 0 Internal Flash)");
    ASSERT_TRUE(second);
    EXPECT_TRUE(as_text(tree->bytes(*second)) == as_text(other));
    EXPECT_EQ(tree->regions()[1].description, "2 targets, for USB device 0483:df11, version 0200");
    EXPECT_EQ(tree->regions()[1].size, image.size());
    image[400] ^= 1U;
    EXPECT_EQ(split_dfuse(image)->damage, "the checksum does not match");
}

TEST(Dfu, CutAndChangedAnywhere) {
    const making::Workshop shop;
    shop.write("p", making::noise(300, 1));
    const Buffer plain = shop.run("dfu-suffix -v 0483 -a p >&2 && cat p");
    cut_everywhere(plain, kDfu);
    change_bytes(plain, kDfu, 2000, true);
    const Buffer image = dfuse({{{0x08000000, making::noise(100, 1)}, {0x08010000, making::noise(90, 2)}}});
    cut_everywhere(image, kDfuSe);
    change_bytes(image, kDfuSe, 3000, false);
    const Buffer cut(image.begin(), image.end() - 60);
    EXPECT_THAT(identify_dfuse(cut)->description, HasSubstr("cut off"));
}

}  // namespace
}  // namespace shirushi::unpack
