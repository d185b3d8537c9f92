// Rockchip's and Allwinner's updates by small writers after the published layouts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/android/android_images.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

Buffer rockchip(const Buffer& system, const Buffer& kernel) {
    Writer inner;
    const std::uint32_t first = 2048;
    const auto second = static_cast<std::uint32_t>(first + (system.size() + 2047) / 2048 * 2048);
    inner.text("RKAF").u32(second + kernel.size()).field("RK3328", 34).field("id", 30).field("Example", 56).u32(0).u32(0x01000000).u32(3);
    inner.field("system", 32).field("Image/system.img", 60).u32(0).u32(first).u32(0x2000).u32(second - first).u32(system.size());
    inner.field("backup", 32).field("RESERVED", 60).u32(0).u32(0).u32(0).u32(0).u32(0);
    inner.field("kernel", 32).field("Image/kernel.img", 60).u32(0).u32(second).u32(0x4000).u32(kernel.size()).u32(kernel.size());
    inner.to(first).bytes(system).to(second).bytes(kernel).u32(0xcafe);
    Writer outer;
    outer.text("RKFW").u16(0x66).u32(0x08010000).u32(0x02000000).u16(2024).u8(5).u8(17).u8(1).u8(2).u8(3).u32(0x33333238).u32(0x66).u32(500).u32(0x66 + 500).u32(inner.size()).to(0x66);
    return outer.bytes(making::noise(500, 7)).bytes(inner.made()).made();
}

TEST(ChipUpdates, Rockchip) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer kernel = making::noise(3001, 2);
    const Buffer image = rockchip(shop.run("tar -C root -cf - ."), kernel);
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), image, making::noise(99, 3)}));
    making::expect_sample(*tree, "rockchip-firmware@0x4d/image/rockchip-update@0x0/system/tar@0x0");
    EXPECT_TRUE(as_text(tree->bytes(making::find(*tree, "rockchip-update@0x0/kernel").value())) == as_text(kernel));
    EXPECT_EQ(tree->node(making::find(*tree, "rockchip-update@0x0").value()).description, "RK3328, Example, 3 files");
    EXPECT_THAT(tree->regions()[1].description, HasSubstr("made 2024-05-17, loader of 500 bytes"));
    EXPECT_EQ(tree->regions()[1].size, image.size());
}

Buffer allwinner(const std::vector<std::pair<std::string, Buffer>>& files, bool newer) {
    Writer image;
    image.text("IMAGEWTY").u32(newer ? 0x300 : 0x100).u32(newer ? 0x60 : 0x50).u32(0).u32(0x100234).u32(0).u32(1024);
    if (newer)
        image.u32(0);
    image.u32(0x1234).u32(0x8743).u32(0x100).u32(0x100).u32(1).u32(1024).u32(files.size()).u32(1024).to(1024);
    std::size_t offset = 1024 * (1 + files.size());
    for (const auto& [name, content] : files) {
        const std::size_t start = image.size();
        image.u32(256).u32(1024).field("12345678", 8).field("1234567890______", 16).u32(0);
        if (newer)
            image.field(name, 256).u32(content.size()).u32(0).u32(content.size()).u32(0).u32(offset);
        else
            image.u32(content.size()).u32(content.size()).u32(offset).u32(0).field(name, 256);
        image.to(start + 1024);
        offset += content.size();
    }
    for (const auto& [name, content] : files)
        image.bytes(content);
    image.put_at(24, image.size(), 4);
    return image.made();
}

TEST(ChipUpdates, AllwinnerOfBothVersions) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer tar = shop.run("tar -C root -cf - .");
    for (const bool newer : {false, true}) {
        const Buffer image = allwinner({{"boot.fex", making::noise(999, 1)}, {"rootfs.fex", tar}}, newer);
        const auto tree = making::unpacked(making::joined({making::noise(5, 2), image, making::noise(88, 3)}));
        making::expect_sample(*tree, "allwinner@0x5/rootfs.fex/tar@0x0");
        EXPECT_EQ(tree->regions()[1].description, newer ? "version 0x0300, 2 files" : "version 0x0100, 2 files");
        EXPECT_EQ(tree->regions()[1].size, image.size());
    }
}

TEST(ChipUpdates, CutAndChangedAnywhere) {
    const Buffer image = rockchip(making::noise(300, 1), making::noise(100, 2));
    const Buffer inner(image.begin() + 0x66 + 500, image.end());
    cut_everywhere(image, {identify_rockchip_firmware, nullptr, split_rockchip_firmware}, 3);
    cut_everywhere(inner, {identify_rockchip_update, nullptr, split_rockchip_update}, 3);
    change_bytes(inner, {identify_rockchip_update, nullptr, split_rockchip_update}, 1000, false);
    const Buffer files = allwinner({{"a", making::noise(100, 1)}, {"b", making::noise(50, 2)}}, true);
    cut_everywhere(files, {identify_allwinner, nullptr, split_allwinner}, 3);
    change_bytes(files, {identify_allwinner, nullptr, split_allwinner}, 1000, false);
}

}  // namespace
}  // namespace shirushi::unpack
