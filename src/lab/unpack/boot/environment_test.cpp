// Environments made by mkenvimage; Broadcom's by a small writer.

#include "unpack/boot/environment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unpack/boot/boot_test.hpp"
#include "unpack/boot/variables.hpp"
#include "unpack/making_test.hpp"
#include "unpack/partitions.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using making::joined;
using making::noise;
using making::Workshop;

constexpr std::string_view kLines = "arch=arm\nbaudrate=115200\nbootcmd=run distro; bootm 0x80000\nbootdelay=3\nethaddr=00:11:22:33:44:55\n"
                                    "mtdids=nand0=board-nand\nmtdparts=mtdparts=board-nand:256k(u-boot)ro,64k(env),2m(kernel),-(rootfs)\nzz=last\n";

Buffer environment(const Workshop& shop, std::string_view lines, const std::string& options) {
    shop.write("lines", as_bytes(lines));
    return shop.run(fmt::format("mkenvimage {} -o e lines && cat e", options));
}

/// What the scan of these bytes finds at this place; direct calls, since a child for each case would take long.
void expect_environment(const Buffer& image, std::uint64_t offset, std::uint64_t size, std::string_view said) {
    const auto found = identify_environment(Bytes(image).subspan(offset));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->size, size);
    EXPECT_TRUE(found->description.contains(said)) << found->description;
    CollectingSink sink;
    ASSERT_TRUE(read_environment(Bytes(image).subspan(offset, size), {}, sink).has_value());
    ASSERT_TRUE(sink.entries.contains("environment.txt"));
    EXPECT_EQ(sink.entries["environment.txt"].content, kLines);
    std::vector<std::uint64_t> starts;
    locate_environment(image, as_text(image).find("bootcmd=", offset), starts);
    EXPECT_NE(std::ranges::find(starts, offset), starts.end());
}

TEST(Environment, SizesEndsAndCopies) {
    const Workshop shop;
    for (const std::uint64_t size : {std::uint64_t{0x1000}, std::uint64_t{0x2000}, std::uint64_t{0x10000}, std::uint64_t{0x1f000}, std::uint64_t{0x80000}})
        for (const bool big : {false, true})
            for (const bool redundant : {false, true}) {
                const Buffer one = environment(shop, kLines, fmt::format("-s 0x{:x}{}{}{}", size, big ? " -b" : "", redundant ? " -r" : "", size == 0x2000 ? " -p 0x00" : ""));
                const Buffer image = joined({noise(517, 1), one, noise(333, 2)});
                expect_environment(image, 517, size, fmt::format("8 variables in 204 bytes of {}, {} endian checksum fits{}", size, big ? "big" : "little", redundant ? ", one of two copies, flags 1" : ""));
            }
}

TEST(Environment, InAFlashWithItsTable) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer one = environment(shop, kLines, "-s 0x4000 -r");
    const Buffer root = shop.run("tar -C root -cf - .");
    Buffer image = noise(0x40000, 5);
    boot_test::append(image, one);
    boot_test::append(image, one);
    image.resize(0x50000, 0xff);
    boot_test::append(image, noise(0x200000, 6));
    boot_test::append(image, root);
    const auto tree = making::unpacked(image);
    making::expect_covered(*tree);
    for (const char* place : {"uboot-environment@0x40000", "uboot-environment@0x44000"}) {
        const auto found = making::find(*tree, fmt::format("{}/environment.txt", place));
        ASSERT_TRUE(found.has_value()) << making::tables(*tree);
        EXPECT_EQ(as_text(tree->bytes(*found)), kLines);
    }
    ASSERT_EQ(partitions_of(*tree).size(), 4U) << "the second copy says nothing new";
    const Partition& kernel = partitions_of(*tree)[2];
    EXPECT_EQ(kernel, (Partition{.device = "board-nand", .name = "kernel", .offset = 0x50000, .size = 0x200000, .source = "mtdparts in uboot-environment@0x40000/environment.txt", .of_image = true}));
    EXPECT_TRUE(partitions_of(*tree)[0].read_only);
    EXPECT_EQ(partitions_of(*tree)[3].size, 0U);
    const auto at = std::ranges::find(tree->regions(), 0x50000U, &Region::offset);
    ASSERT_NE(at, tree->regions().end());
    EXPECT_TRUE(at->description.starts_with("partition \"kernel\" (mtdparts in uboot-environment@0x40000/environment.txt): ")) << at->description;
}

TEST(Environment, WhereverTheChecksumLooksLikeText) {
    // The last variable is varied until the checksum ends in letters, digits, zeros ...
    const Workshop shop;
    std::string script = "for i in $(seq 1 120); do printf 'bootcmd=x\\nbootdelay=1\\nbaudrate=1\\nv=%s\\n' $i > l; mkenvimage -s 0x400 -o o l; cat o; done";
    const Buffer all = shop.run(script);
    ASSERT_EQ(all.size(), 120U * 0x400);
    int texts = 0;
    for (std::size_t i = 0; i < 120; ++i) {
        const Buffer image = joined({Buffer(29, 0xff), Bytes(all).subspan(i * 0x400, 0x400)});
        texts += image[32] >= 'A' && image[32] <= 'z' ? 1 : 0;
        std::vector<std::uint64_t> starts;
        locate_environment(image, 33, starts);
        EXPECT_NE(std::ranges::find(starts, 29U), starts.end()) << i;
    }
    EXPECT_GT(texts, 5);
}

TEST(Environment, DefaultsOfAProgram) {
    std::string image = "%s%d";
    image += '\0';
    const std::size_t start = image.size();
    image += "bootargs=root=/dev/sda\0bootcmd=run x\0bootdelay=2\0\0"s + "more text";
    for (const std::string_view before : {std::string_view(), "\x01@@"sv}) {
        const std::string all = std::string(before) + (before.empty() ? image : image.substr(start));
        const std::uint64_t at = before.empty() ? start : before.size();
        std::vector<std::uint64_t> starts;
        locate_environment_defaults(as_bytes(all), all.find("bootcmd="), starts);
        ASSERT_EQ(starts, std::vector<std::uint64_t>{at});
        const auto found = identify_environment_defaults(as_bytes(all).subspan(at));
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->size, 50U);
        EXPECT_FALSE(found->checked);
        CollectingSink sink;
        ASSERT_TRUE(read_environment_defaults(as_bytes(all).subspan(at, found->size), {}, sink).has_value());
        EXPECT_EQ(sink.entries["environment.txt"].content, "bootargs=root=/dev/sda\nbootcmd=run x\nbootdelay=2\n");
    }
}

TEST(Environment, DamagedFallsBackToItsText) {
    const Workshop shop;
    Buffer image = environment(shop, kLines, "-s 0x1000");
    image[0xff0] ^= 1U;
    EXPECT_FALSE(identify_environment(image).has_value());
    const auto tree = making::unpacked(image);
    const auto found = making::find(*tree, "uboot-environment@0x4/environment.txt");
    ASSERT_TRUE(found.has_value()) << making::tables(*tree);
    EXPECT_EQ(as_text(tree->bytes(*found)), kLines);
    EXPECT_TRUE(tree->node(tree->node(*found).parent).description.contains("without a checksum"));
}

TEST(Environment, LineBreaksInValues) {
    const std::string stored = "a=1\n2\0b=3\0\0"s;
    const Variables variables = variables_in(as_bytes(stored));
    EXPECT_TRUE(variables.ended);
    EXPECT_EQ(as_lines(variables), "a=1\\\n2\nb=3\n");
}

/// The checksum bit by bit from the most significant, as the polynomial is written: not how the reader computes it.
std::uint8_t crc8_by_definition(Bytes bytes) {
    const auto mirrored = [](unsigned value) {
        unsigned result = 0;
        for (unsigned bit = 0; bit < 8; ++bit)
            result |= (value >> bit & 1U) << (7 - bit);
        return result;
    };
    unsigned checksum = 0xff;
    for (const std::uint8_t byte : bytes) {
        checksum ^= mirrored(byte);
        for (int bit = 0; bit < 8; ++bit)
            checksum = ((checksum << 1U) ^ ((checksum & 0x80U) != 0 ? 0xd5U : 0U)) & 0xffU;
    }
    return static_cast<std::uint8_t>(mirrored(checksum));
}

Buffer nvram(std::string_view variables) {
    Buffer image(20);
    std::ranges::copy(as_bytes("FLSH"), image.begin());
    image[9] = 1;
    boot_test::append(image, as_bytes(variables));
    boot_test::put_number(image, 4, image.size(), 4);
    image[8] = crc8_by_definition(Bytes(image).subspan(9));
    return image;
}

TEST(Environment, BroadcomNvram) {
    const Buffer one = nvram("boardtype=0x1\0lan_ipaddr=192.168.1.1\0http_passwd=admin\0\0\0"sv);
    const Buffer image = joined({noise(77, 1), one, Buffer(300, 0xff)});
    const auto tree = making::unpacked(image);
    const auto found = making::find(*tree, "broadcom-nvram@0x4d/nvram.txt");
    ASSERT_TRUE(found.has_value()) << making::tables(*tree);
    EXPECT_EQ(as_text(tree->bytes(*found)), "boardtype=0x1\nlan_ipaddr=192.168.1.1\nhttp_passwd=admin\n");
    EXPECT_EQ(tree->regions()[1].size, one.size());
    EXPECT_EQ(tree->regions()[1].description, "Broadcom NVRAM, version 1, 3 variables, checksum fits");
    Buffer damaged = one;
    damaged[30] ^= 4U;
    EXPECT_TRUE(identify_broadcom_nvram(damaged)->description.contains("checksum does not fit"));
}

TEST(Environment, DamageOfEveryKind) {
    const Workshop shop;
    boot_test::expect_no_harm(identify_environment, nullptr, read_environment, environment(shop, kLines, "-s 0x400 -r"));
    const Buffer plain = environment(shop, kLines, "-s 0x400");
    boot_test::expect_no_harm(identify_environment_defaults, nullptr, read_environment_defaults, Buffer(plain.begin() + 4, plain.end()));
    boot_test::expect_no_harm(identify_broadcom_nvram, nullptr, read_broadcom_nvram, nvram("a=1\0bc=2\0d=3\0\0"sv));
}

}  // namespace
}  // namespace shirushi::unpack
