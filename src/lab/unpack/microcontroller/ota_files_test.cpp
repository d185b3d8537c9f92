// Update files of Matter and Zigbee, made by writers: the tools that make them are not in Debian.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

const std::string& image() {
    static const std::string kImage = sample_text(500, 1);
    return kImage;
}

Buffer matter() {
    const Digest digest = crypto::sha256(as_bytes(image()));
    Writer header;
    header.u8(0x15);
    header.u8(0x25).u8(0).u16(0xfff1).u8(0x25).u8(1).u16(0x8001);
    header.u8(0x26).u8(2).u32(70001).u8(0x2c).u8(3).u8(5).text("7.0.1");
    header.u8(0x27).u8(4).u64(image().size());
    header.u8(0x24).u8(8).u8(1).u8(0x30).u8(9).u8(32).bytes(digest.bytes);
    header.u8(0x18);
    return Writer().u32(0x1beef11e).u64(16 + header.size() + image().size()).u32(header.size()).bytes(header.made()).text(image()).made();
}

Buffer zigbee() {
    Writer writer;
    writer.u32(0x0beef11e).u16(0x0100).u16(56).u16(0).u16(0x117c).u16(0x2101).u32(0x10023006).u16(2).field("lamp firmware", 32).u32(56 + 6 + image().size() + 6 + 48);
    writer.u16(0).u32(image().size()).text(image()).u16(1).u32(48).fill(9, 48);
    return writer.made();
}

TEST(OtaFiles, Matter) {
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), matter(), making::noise(200, 2)}));
    const auto file = making::find(*tree, "matter-ota@0x4d");
    ASSERT_TRUE(file) << making::tables(*tree);
    EXPECT_EQ("vendor 0xfff1, product 0x8001, version 7.0.1 (70001)", tree->node(*file).description);
    EXPECT_EQ(matter().size(), tree->node(*file).size);
    EXPECT_EQ("", tree->node(*file).damage);
    EXPECT_EQ(image(), as_text(tree->bytes(making::find(*tree, "matter-ota@0x4d/image").value())));
    making::expect_covered(*tree);
    Buffer damaged = matter();
    damaged.back() ^= 1U;
    EXPECT_EQ("the image's SHA-256 does not match", split_matter_ota(damaged)->damage);
    EXPECT_THAT(identify_matter_ota(Bytes(damaged).first(300))->description, HasSubstr("cut off"));
    Buffer other = matter();
    other[4] ^= 1U;
    EXPECT_FALSE(identify_matter_ota(other)) << "sizes that contradict each other";
}

TEST(OtaFiles, Zigbee) {
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), zigbee(), making::noise(200, 2)}));
    const auto file = making::find(*tree, "zigbee-ota@0x4d");
    ASSERT_TRUE(file) << making::tables(*tree);
    EXPECT_EQ("manufacturer 0x117c, image type 0x2101, version 0x10023006: lamp firmware", tree->node(*file).description);
    EXPECT_EQ(zigbee().size(), tree->node(*file).size);
    EXPECT_EQ(image(), as_text(tree->bytes(making::find(*tree, "zigbee-ota@0x4d/image").value())));
    EXPECT_EQ(std::string(48, '\t'), as_text(tree->bytes(making::find(*tree, "zigbee-ota@0x4d/signature").value())));
    making::expect_covered(*tree);
    Buffer damaged = zigbee();
    damaged[60] ^= 1U;  // the image's size
    EXPECT_EQ("the element at 0x38 does not lie in it", split_zigbee_ota(damaged)->damage);
}

TEST(OtaFiles, SurviveCutsAndFlips) {
    for (const auto& [made, parser] : {std::pair(matter(), Parser{.identify = identify_matter_ota, .split = split_matter_ota}), std::pair(zigbee(), Parser{.identify = identify_zigbee_ota, .split = split_zigbee_ota})}) {
        cut_everywhere(made, parser);
        change_bytes(made, parser, 3000, false);
    }
}

}  // namespace
}  // namespace shirushi::unpack
