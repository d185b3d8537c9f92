// Kernels made by a small writer around payloads that the real compressors made; Debian's own kernels are in corpus.debian.

#include "unpack/boot/linux_images.hpp"

#include <fmt/format.h>

#include "unpack/boot/boot_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/partitions.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;
using boot_test::append;
using boot_test::put_number;
using making::joined;
using making::noise;
using making::Workshop;

/// As the arm kernel's build makes it: code, the payload with its unpacked size behind, the table that says where that stands.
Buffer zimage(Bytes payload, std::size_t unpacked, Endian endian = Endian::little, bool old = false, std::size_t loader = 512) {
    Buffer image(loader);
    for (std::size_t word = 0; word < 8; ++word)
        put_number(image, word * 4, 0xe1a00000, 4, endian);
    const std::size_t size_at = loader + payload.size();
    append(image, payload);
    image.resize(size_at + 4);
    const std::size_t table = image.size();
    put_number(image, size_at, unpacked, 4, endian);
    put_number(image, table, 2, 4, endian);
    put_number(image, table + 4, 0x5a534c4b, 4, endian);
    put_number(image, table + 8, size_at, 4, endian);
    put_number(image, table + 12, 4096, 4, endian);
    put_number(image, table + 16, 0, 4, endian);
    image.resize(image.size() + 1024);
    put_number(image, 0x24, 0x016f2818, 4, endian);
    put_number(image, 0x28, 0, 4, endian);
    put_number(image, 0x2c, image.size(), 4, endian);
    put_number(image, 0x30, 0x04030201, 4, endian);
    if (!old) {
        put_number(image, 0x34, 0x45454545, 4, endian);
        put_number(image, 0x38, table, 4, endian);
    }
    return image;
}

/// Version 2.12 of the boot protocol.
Buffer bzimage(Bytes payload) {
    constexpr std::size_t kSetup = 5 * 512;
    Buffer image(kSetup + 64);
    append(image, payload);
    image.resize((image.size() + 100 + 15) / 16 * 16);
    image[0x1f1] = 4;
    put_number(image, 0x1f4, (image.size() - kSetup) / 16, 4);
    put_number(image, 0x1fe, 0xaa55, 2);
    std::ranges::copy(as_bytes("HdrS"), image.begin() + 0x202);
    put_number(image, 0x206, 0x20c, 2);
    put_number(image, 0x20e, 0x300, 2);
    image[0x211] = 1;
    put_number(image, 0x248, 64, 4);
    put_number(image, 0x24c, payload.size(), 4);
    std::ranges::copy(as_bytes("6.1.99 (me@here) #1"), image.begin() + 0x500);
    return image;
}

/// What a kernel holds once unpacked; the sample tree is its initial file system.
Buffer kernel(const Workshop& shop) {
    shop.sample_tree("root");
    const Buffer configuration = shop.run("printf '#\\nCONFIG_ARM=y\\nCONFIG_CMDLINE=\"console=ttyAMA0 mtdparts=spi0.0:256k(loader)ro,-(data)\"\\n' | gzip -n");
    const Buffer files = shop.run("cd root; find . | cpio -o -H newc");
    return joined({noise(20000, 11), as_bytes("\0Linux version 6.1.99-test (me@here) (gcc 12) #1 SMP\n\0Linux version %s (%s)\n\0"sv),
                   as_bytes("\0console=ttyS0,115200 mtdparts=nand0:512k(u-boot)ro,1m@0x80000(env),-(rootfs)\0"sv), as_bytes("IKCFG_ST"), configuration,
                   as_bytes("IKCFG_ED"), noise(100, 12), files, noise(5000, 13)});
}

void expect_kernel(const Tree& tree, const std::string& data) {
    const auto configuration = making::find(tree, "/config");
    ASSERT_TRUE(configuration.has_value()) << making::tables(tree);
    EXPECT_TRUE(tree.path(*configuration).starts_with(data + "/kernel-config@0x")) << tree.path(*configuration);
    EXPECT_TRUE(as_text(tree.bytes(*configuration)).contains("CONFIG_ARM=y"));
    bool files = false;
    for (std::uint32_t i = 0; i < tree.size(); ++i)
        if (const std::string path = tree.path(NodeId{i}); path.starts_with(data + "/cpio@0x") && path.ends_with("/etc/passwd")) {
            making::expect_sample(tree, path.substr(0, path.size() - 11), true);
            files = true;
        }
    EXPECT_TRUE(files);
    ASSERT_EQ(partitions_of(tree).size(), 5U);
    EXPECT_EQ(partitions_of(tree)[1].name, "env");
    EXPECT_TRUE(partitions_of(tree)[1].source.starts_with("command line at 0x")) << partitions_of(tree)[1].source;
    EXPECT_TRUE(partitions_of(tree)[4].source.starts_with("CONFIG_CMDLINE in ")) << partitions_of(tree)[4].source;
}

TEST(LinuxImages, ZImageWithAllItHolds) {
    const Workshop shop;
    shop.write("k", kernel(shop));
    const Buffer image = zimage(shop.run("xz --check=crc32 --arm --lzma2=dict=1MiB -c k"), shop.read("k").size());
    const Buffer board = shop.run(R"(printf '/dts-v1/; / { model = "Board"; compatible = "a,b", "c"; chosen { bootargs = "root=/dev/x"; }; };' | dtc -O dtb)");
    const auto tree = making::unpacked(joined({noise(333, 1), image, board, noise(100, 2)}));
    expect_kernel(*tree, "zimage@0x14d/payload/xz@0x0/data");
    making::expect_covered(*tree);
    ASSERT_GE(tree->regions().size(), 3U);
    EXPECT_EQ(tree->regions()[1].size, image.size());
    EXPECT_EQ(tree->regions()[1].description,
              fmt::format("Linux zImage, arm, little endian, xz at 0x200, unpacks to {} bytes, a device tree appended behind it, Linux version 6.1.99-test (me@here) (gcc 12) #1 SMP", shop.read("k").size()));
    EXPECT_EQ(tree->regions()[2].format, "dtb");
    EXPECT_EQ(tree->regions()[2].description, "Board (a,b, c), boots with \"root=/dev/x\"");
}

TEST(LinuxImages, ZImageOfEveryCompression) {
    const Workshop shop;
    shop.write("k", as_bytes("a kernel, a kernel, a kernel, and so on: a kernel of some length that compresses"));
    for (const auto& [name, command] : {std::pair{"gzip", "gzip -n -9"}, std::pair{"xz", "xz --check=crc32"}, std::pair{"lzma", "xz --format=lzma"}, std::pair{"lzo", "lzop -9"},
                                         std::pair{"lz4", "lz4 -l -q -c"}, std::pair{"zstd", "zstd -q -19"}, std::pair{"bzip2", "bzip2"}})
        for (const Endian endian : {Endian::little, Endian::big})
            for (const bool old : {false, true}) {
                const Buffer payload = shop.run(fmt::format("cat k | {}", command));
                const Buffer image = zimage(payload, 80, endian, old);
                const auto found = identify_zimage(joined({image, noise(999, 4)}));
                ASSERT_TRUE(found.has_value()) << name;
                EXPECT_EQ(found->size, image.size());
                EXPECT_TRUE(found->description.contains(fmt::format("{} at 0x200", name))) << found->description;
                const auto parts = split_zimage(image);
                ASSERT_TRUE(parts.has_value());
                ASSERT_GE(parts->parts.size(), 2U);
                EXPECT_EQ(parts->parts[1].name, "payload");
                EXPECT_EQ(parts->parts[1].offset, 512U);
                EXPECT_EQ(parts->parts[1].size, old ? image.size() - 512 : payload.size() + 4) << "only new kernels say where it ends";
                EXPECT_EQ(parts->damage, "");
            }
}

TEST(LinuxImages, BzImageWithAllItHolds) {
    const Workshop shop;
    shop.write("k", kernel(shop));
    const Buffer image = bzimage(shop.run("zstd -q -c k"));
    const auto tree = making::unpacked(joined({noise(7, 1), image, noise(500, 2)}));
    expect_kernel(*tree, "bzimage@0x7/payload/zstd@0x0/data");
    EXPECT_EQ(tree->regions()[1].size, image.size());
    EXPECT_TRUE(tree->regions()[1].description.starts_with("Linux bzImage, x86, boot protocol 2.12, version 6.1.99 (me@here) #1, Linux version 6.1.99-test")) << tree->regions()[1].description;
}

TEST(LinuxImages, RawKernels) {
    const Workshop shop;
    const Buffer inside = kernel(shop);
    for (const bool riscv : {false, true}) {
        Buffer image(64);
        append(image, inside);
        put_number(image, 8, riscv ? 0x200000 : 0, 8);
        put_number(image, 16, image.size() + 3000, 8);
        put_number(image, 24, riscv ? 0 : 0xa, 8);
        if (riscv) {
            put_number(image, 0x20, 2, 4);
            std::ranges::copy(as_bytes("RISCV"), image.begin() + 0x30);
        }
        std::ranges::copy(as_bytes(riscv ? "RSC\x05" : "ARM\x64"), image.begin() + 0x38);
        const auto tree = making::unpacked(image);
        expect_kernel(*tree, "linux-image@0x0/kernel");
        EXPECT_TRUE(tree->regions()[0].description.starts_with(riscv ? "Linux Image, RISC-V, little endian, header version 0.2, load offset 0x200000" : "Linux Image, arm64, little endian, 4 KiB pages, load offset 0x0"))
            << tree->regions()[0].description;
        EXPECT_EQ(tree->node(making::find(*tree, "linux-image@0x0").value()).damage, "") << "what the kernel clears at its start is not in the file";
    }
}

/// One section, so that there is an end of the file.
Buffer efi_frame(std::size_t size) {
    Buffer image(size);
    std::ranges::copy(as_bytes("MZ"), image.begin());
    put_number(image, 0x3c, 0x40, 4);
    put_number(image, 0x40, 0x4550, 4);
    put_number(image, 0x46, 1, 2);
    put_number(image, 0x54, 160, 2);
    put_number(image, 0x58, 0x20b, 2);
    put_number(image, 0x58 + 160 + 16, size - 0x200, 4);
    put_number(image, 0x58 + 160 + 20, 0x200, 4);
    return image;
}

TEST(LinuxImages, EfiWrapper) {
    const Workshop shop;
    const Buffer payload = shop.run("seq 1 3000 | gzip -n");
    Buffer image = efi_frame(0x200 + payload.size() + 300);
    std::ranges::copy(as_bytes("zimg"), image.begin() + 4);
    put_number(image, 8, 0x200, 4);
    put_number(image, 12, payload.size(), 4);
    std::ranges::copy(as_bytes("gzip"), image.begin() + 24);
    std::ranges::copy(payload, image.begin() + 0x200);
    const auto tree = making::unpacked(joined({image, noise(70, 3)}));
    EXPECT_EQ(tree->regions()[0].description, "Linux kernel in an EFI wrapper, compressed gzip");
    EXPECT_EQ(tree->regions()[0].size, image.size());
    EXPECT_TRUE(making::find(*tree, "efi-zboot@0x0/payload/gzip@0x0/data").has_value());
    boot_test::expect_no_harm(identify_zboot, split_zboot, nullptr, image);
}

TEST(LinuxImages, DamageOfEveryKind) {
    const Workshop shop;
    const Buffer payload = shop.run("echo a small kernel | gzip -n");
    boot_test::expect_no_harm(identify_zimage, split_zimage, nullptr, zimage(payload, 15, Endian::little, false, 96), 1000);
    boot_test::expect_no_harm(identify_bzimage, split_bzimage, nullptr, bzimage(payload));
    const Buffer configuration = joined({as_bytes("IKCFG_ST"), payload, as_bytes("IKCFG_ED")});
    boot_test::expect_no_harm(identify_kernel_config, nullptr, read_kernel_config, configuration);
    Buffer image(6000);
    put_number(image, 16, 6000, 8);
    std::ranges::copy(as_bytes("ARM\x64"), image.begin() + 0x38);
    boot_test::expect_no_harm(identify_linux_image, split_linux_image, nullptr, image, 500);
}

TEST(LinuxImages, CutOffIsSaid) {
    const Workshop shop;
    const Buffer image = zimage(shop.run("seq 1 9000 | gzip -n"), 1);
    const auto tree = making::unpacked(Buffer(image.begin(), image.begin() + 2000));
    EXPECT_EQ(tree->regions()[0].kind, RegionKind::damaged);
    EXPECT_TRUE(tree->regions()[0].description.contains(cut_off(2000, image.size()))) << tree->regions()[0].description;
}

}  // namespace
}  // namespace shirushi::unpack
