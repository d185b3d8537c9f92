#include "unpack/partitions.hpp"

#include <fmt/format.h>

#include "unpack/boot/boot_test.hpp"
#include "unpack/boot/redboot_fis.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using boot_test::put_number;
using making::joined;
using making::noise;
using making::Workshop;

std::string lines(const std::vector<Partition>& rows) {
    std::string text;
    for (const Partition& row : rows)
        text += fmt::format("{}|{}|0x{:x}|0x{:x}{}\n", row.device, row.name, row.offset, row.size, row.read_only ? "|ro" : "");
    return text;
}

TEST(Partitions, OfCommandLines) {
    EXPECT_EQ(lines(partitions_of_command_line("console=ttyS0 mtdparts=nand0:512k(u-boot)ro,1m@0x80000(env),-(rootfs) root=/dev/mtd2")),
              "nand0|u-boot|0x0|0x80000|ro\nnand0|env|0x80000|0x100000\nnand0|rootfs|0x180000|0x0\n");
    EXPECT_EQ(lines(partitions_of_command_line("mtdparts=physmap-flash.0:0x20000(a)lk,64K(b)rolk;spi0.0:2M,1g@16m(c)")),
              "physmap-flash.0|a|0x0|0x20000\nphysmap-flash.0|b|0x20000|0x10000|ro\nspi0.0|partition 0|0x0|0x200000\nspi0.0|c|0x1000000|0x40000000\n");
    EXPECT_EQ(lines(partitions_of_command_line("mtdparts=pci:0000:00:1.0:128k(bios)")), "pci:0000:00:1.0|bios|0x0|0x20000\n") << "Linux allows colons in names";
    EXPECT_EQ(lines(partitions_of_command_line("blkdevparts=mmcblk0:1M(boot),-(rest)")), "mmcblk0|boot|0x0|0x100000\nmmcblk0|rest|0x100000|0x0\n");
    EXPECT_EQ(lines(partitions_of_command_line("mtdparts=a:1k(x),2q(y)")), "a|x|0x0|0x400\n") << "what was understood stays";
    for (const char* none : {"", "mtdparts=", "mtdparts=:", "mtdparts=${mtdparts}", "mtdparts=a:", "mtdparts=a:(x)", "mtdparts=a:0(x)", "mtdparts=a:99999999999999999999(x)", "mtdparts=a:9999999g(x)"})
        EXPECT_EQ(lines(partitions_of_command_line(none)), "") << none;
}

TEST(Partitions, OfDeviceTrees) {
    const Workshop shop;
    const Buffer tree = shop.run(R"x(cat > x.dts <<'EOF'
/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>; chosen { bootargs = "mtdparts=other:1k(x)"; };
  soc { #address-cells = <1>; #size-cells = <1>;
    spi@1000 { #address-cells = <1>; #size-cells = <0>; reg = <0x1000 0x100>;
      flash@0 { compatible = "jedec,spi-nor"; reg = <0>;
        partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
          partition@0 { label = "u-boot"; reg = <0x0 0x40000>; read-only; };
          art: partition@40000 { label = "art"; reg = <0x40000 0x10000>; nvmem { x = <1>; }; };
          firmware@50000 { reg = <0x50000 0x7b0000>; compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
            partition@0 { label = "kernel"; reg = <0x0 0x200000>; }; };
        }; }; };
    nor@2000000 { compatible = "cfi-flash"; reg = <0x2000000 0x800000>; #address-cells = <1>; #size-cells = <1>;
      partition@0 { label = "old-style"; reg = <0 0x20000>; }; };
    nand@3000000 { reg = <0x3000000 0x100>; partitions { compatible = "fixed-partitions"; #address-cells = <2>; #size-cells = <2>;
      partition@0 { label = "big"; reg = <0 0 1 0>; }; }; };
  }; };
EOF
dtc -q -O dtb x.dts)x");
    EXPECT_EQ(lines(partitions_of_device_tree(tree)),
              "/soc/spi@1000/flash@0|u-boot|0x0|0x40000|ro\n/soc/spi@1000/flash@0|art|0x40000|0x10000\n/soc/spi@1000/flash@0/partitions/firmware@50000|kernel|0x0|0x200000\n"
              "/soc/spi@1000/flash@0|firmware|0x50000|0x7b0000\n/soc/nor@2000000|old-style|0x0|0x20000\n/soc/nand@3000000|big|0x0|0x100000000\n");
    // Found in an image, with the command line that is in it.
    const auto whole = making::unpacked(joined({noise(64, 1), tree}));
    ASSERT_EQ(partitions_of(*whole).size(), 7U);
    EXPECT_EQ(partitions_of(*whole).back().source, "bootargs in dtb@0x40");
    EXPECT_FALSE(partitions_of(*whole)[0].of_image) << "this is no image of that flash";
    for (std::size_t size = 0; size < tree.size(); ++size)
        EXPECT_LE(partitions_of_device_tree(Bytes(tree).first(size)).size(), 6U);
}

Buffer fis(Endian endian) {
    Buffer image;
    const auto row = [&](std::string_view name, std::uint32_t base, std::uint32_t size) {
        const std::size_t at = image.size();
        image.resize(at + 256);
        std::ranges::copy(as_bytes(name), image.begin() + static_cast<std::ptrdiff_t>(at));
        for (const auto& [place, value] : {std::pair{16U, base}, std::pair{20U, base}, std::pair{24U, size}, std::pair{28U, base}, std::pair{32U, size}})
            put_number(image, at + place, value, 4, endian);
    };
    row("RedBoot", 0x50000000, 0x40000);
    row("linux kernel", 0x50040000, 0x100000);
    image[256] = 0xff;  // deleted
    image[257] = 0xff;
    row("rootfs", 0x50140000, 0x600000);
    row("FIS directory", 0x507e0000, 0x1f000);
    image.resize(image.size() + 512, 0xff);
    return image;
}

TEST(Partitions, APropertyOfNoNodeEndsTheDeviceTree) {
    Buffer tree(96);
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            tree[at + i] = static_cast<std::uint8_t>(value >> 8 * (3 - i));
    };
    put(0, 0xd00dfeed);
    put(4, 96);   // size
    put(8, 56);   // structure
    put(12, 80);  // names
    put(16, 40);  // reserved ranges
    put(20, 17);  // version
    put(24, 16);
    put(32, 16);  // size of names
    put(36, 24);  // size of the structure
    put(56, 3);   // a property of four bytes, before any node begins
    put(60, 4);
    put(72, 9);
    EXPECT_TRUE(partitions_of_device_tree(tree).empty());
}

TEST(Partitions, OfRedBoot) {
    for (const Endian endian : {Endian::little, Endian::big}) {
        const Buffer image = joined({noise(1001, 3), fis(endian)});
        const auto tree = making::unpacked(image);
        EXPECT_EQ(tree->regions()[1].format, "redboot-fis") << making::tables(*tree);
        EXPECT_EQ(tree->regions()[1].offset, 1001U);
        EXPECT_EQ(tree->regions()[1].size, 4U * 256);
        EXPECT_TRUE(tree->regions()[1].description.contains(endian == Endian::little ? "little endian; RedBoot: 0x40000 bytes at 0x50000000" : "big endian; RedBoot: 0x40000 bytes at 0x50000000"))
            << tree->regions()[1].description;
        EXPECT_EQ(lines(partitions_of(*tree)), "RedBoot|RedBoot|0x0|0x40000\nRedBoot|rootfs|0x140000|0x600000\nRedBoot|FIS directory|0x7e0000|0x1f000\n");
        boot_test::expect_no_harm(identify_fis, nullptr, nullptr, fis(endian), 1000);
    }
}

TEST(Partitions, NamesOfRanges) {
    const std::vector<Partition> rows{{.device = "d", .name = "a", .offset = 0, .size = 100, .source = "here", .of_image = true},
                                      {.device = "d", .name = "b", .offset = 100, .size = 100, .source = "here", .of_image = true},
                                      {.device = "e", .name = "c", .offset = 100, .size = 100, .source = "here"}};
    EXPECT_EQ(partitions_starting_in(rows, 0, 50), "partition \"a\" (here)");
    EXPECT_EQ(partitions_starting_in(rows, 100, 50), "partition \"b\" (here)");
    EXPECT_EQ(partitions_starting_in(rows, 90, 50), "partition \"b\" from 0x64 on (here)");
    EXPECT_EQ(partitions_starting_in(rows, 110, 50), "");
}

}  // namespace
}  // namespace shirushi::unpack
