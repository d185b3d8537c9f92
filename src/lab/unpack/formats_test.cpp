// Each format, made by its own tool: alone, behind and before other bytes at odd offsets.

#include "unpack/formats.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/making_test.hpp"
#include "unpack/unpack.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;

struct Case {
    std::string name;
    std::string format;
    std::string command;  ///< writes the image to standard output; the sample tree is "root"
    bool hard_links = true;
};

class ArchiveFormat : public testing::TestWithParam<Case> {};

TEST_P(ArchiveFormat, HoldsTheSampleTree) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run(GetParam().command);
    const auto tree = making::unpacked(image);
    making::expect_sample(*tree, GetParam().format + "@0x0", GetParam().hard_links);
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
    making::expect_covered(*tree);

    const Buffer mixed = joined({noise(1237, 1), image, noise(777, 2)});
    const auto inside = making::unpacked(mixed);
    making::expect_sample(*inside, GetParam().format + "@0x4d5", GetParam().hard_links);
    EXPECT_EQ(inside->gaps().size(), 2U);
    making::expect_covered(*inside);
}

INSTANTIATE_TEST_SUITE_P(Formats, ArchiveFormat,
                         testing::Values(Case{"Tar", "tar", "tar -C root -cf - ."}, Case{"OldTar", "tar", "tar -C root --format=ustar -cf - ."},
                                         Case{"PaxTar", "tar", "tar -C root --format=pax -cf - ."},
                                         Case{"CpioNewc", "cpio", "cd root; find . | cpio -o -H newc"}, Case{"CpioCrc", "cpio", "cd root; find . | cpio -o -H crc"},
                                         Case{"CpioOdc", "cpio", "cd root; find . | cpio -o -H odc"}, Case{"CpioBinary", "cpio", "cd root; find . | cpio -o -H bin"},
                                         Case{"Arj", "arj", "cd root; arj a -r -a1 -y ../x.arj . >/dev/null; cat ../x.arj"},
                                         Case{"Zip", "zip", "cd root; zip -q -r -y ../z.zip .; cat ../z.zip"}),
                         [](const auto& one) { return one.param.name; });

class StreamFormat : public testing::TestWithParam<Case> {};

TEST_P(StreamFormat, HoldsItsBytes) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 200000");
    const Buffer image = shop.run("seq 1 200000 | " + GetParam().command);
    for (const std::size_t before : {0, 1, 4097}) {
        const Buffer mixed = joined({noise(before, 3), image, noise(before, 4)});
        const auto tree = making::unpacked(mixed);
            const auto found = making::find(*tree, fmt::format("{}@0x{:x}/data", GetParam().format, before));
        ASSERT_TRUE(found.has_value()) << making::tables(*tree);
        EXPECT_EQ(as_text(tree->bytes(*found)), as_text(content));
        EXPECT_EQ(tree->node(tree->node(*found).parent).size, image.size());
        EXPECT_EQ(tree->node(tree->node(*found).parent).damage, "");
        making::expect_covered(*tree);
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, StreamFormat,
                         testing::Values(Case{"Gzip", "gzip", "gzip -n"}, Case{"GzipNamed", "gzip", "cat > n; gzip -c n"}, Case{"GzipMembers", "gzip", "split -b 300k --filter='gzip -9'"},
                                         Case{"Xz", "xz", "xz"}, Case{"XzThreads", "xz", "xz -T2 --block-size=100k"}, Case{"Lzma", "lzma", "xz --format=lzma"},
                                         Case{"LzmaSize", "lzma", "cat > n; lzma -z -c -k n || xz --format=lzma -c n"}, Case{"LzmaOpenWrt", "lzma", "xz --format=lzma --lzma1=lc=1,lp=2,pb=2"},
                                         Case{"Bzip2", "bzip2", "bzip2"}, Case{"Bzip2Streams", "bzip2", "split -b 300k --filter=bzip2"},
                                         Case{"Zstd", "zstd", "zstd -q"}, Case{"ZstdSize", "zstd", "cat > n; zstd -q -19 -c n"},
                                         Case{"Lz4", "lz4", "lz4 -q -c"}, Case{"Lz4Content", "lz4", "cat > n; lz4 -q --content-size -BX -c n"}),
                         [](const auto& one) { return one.param.name; });

TEST(Formats, Lz4LegacyOfTheKernel) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 2000000");
    const Buffer image = shop.run("seq 1 2000000 | lz4 -l -q -c");
    const auto tree = making::unpacked(joined({noise(100, 5), image, noise(60, 6)}));
    const auto found = making::find(*tree, "lz4-legacy@0x64/data");
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(std::ranges::equal(tree->bytes(*found), content));
}

TEST(Formats, LzmaWithSizeAndWithWrongSize) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 20000");
    Buffer image = shop.run("seq 1 20000 | xz --format=lzma");  // size unknown, with an end mark
    const auto set_size = [&](std::uint64_t size) {
        for (std::size_t i = 0; i < 8; ++i)
            image[5 + i] = static_cast<std::uint8_t>(size >> 8 * i);
    };
    set_size(content.size());
    auto tree = making::unpacked(joined({image, noise(300, 9)}));
    auto found = making::find(*tree, "lzma@0x0/data");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(as_text(tree->bytes(*found)), as_text(content));
    EXPECT_EQ(tree->node(tree->node(*found).parent).size, image.size()) << "the end mark belongs to it";
    set_size(content.size() + 5000);  // ends before it says: the end mark counts
    tree = making::unpacked(image);
    found = making::find(*tree, "lzma@0x0/data");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(as_text(tree->bytes(*found)), as_text(content));
}

TEST(Formats, DebianPackage) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("echo 2.0 > debian-binary; tar -C root -cJf data.tar.xz .; tar -czf control.tar.gz debian-binary; ar rc x.deb debian-binary control.tar.gz data.tar.xz; cat x.deb");
    const auto tree = making::unpacked(image);
    making::expect_sample(*tree, "ar@0x0/data.tar.xz/xz@0x0/data/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "control.tar.gz/gzip@0x0/data/tar@0x0/debian-binary").has_value());
    EXPECT_TRUE(tree->regions()[0].description.starts_with("Debian package"));
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
}

TEST(Formats, ArchiverNames) {
    const Workshop shop;
    const Buffer image = shop.run("echo one > a_name_that_is_longer_than_sixteen.txt; echo two > short; ar rc x.a *.txt short; cat x.a");
    const auto tree = making::unpacked(image);
    EXPECT_EQ(as_text(tree->bytes(making::find(*tree, "ar@0x0/a_name_that_is_longer_than_sixteen.txt").value())), "one\n");
    EXPECT_EQ(as_text(tree->bytes(making::find(*tree, "ar@0x0/short").value())), "two\n");
}

TEST(Formats, NamesBeyondAscii) {
    const Workshop shop;
    for (const char* command : {"tar --format=pax -cf - *.txt", "zip -q z.zip *.txt; cat z.zip"}) {
        const auto tree = making::unpacked(shop.run(fmt::format("echo x > $'\\xe5\\x8d\\xb0.txt'; {}", command)));
        EXPECT_TRUE(making::find(*tree, "/\xe5\x8d\xb0.txt").has_value()) << command;
    }
}

TEST(Formats, UImage) {
    const Workshop shop;
    shop.sample_tree("root");
    const std::string make = "(cd root; find . | cpio -o -H newc) | gzip -n > rd.gz; mkimage -A arm -O linux -T ramdisk -C gzip -n 'My ramdisk' -d rd.gz u >/dev/null; cat u";
    Buffer image = shop.run(make);
    const auto tree = making::unpacked(joined({noise(33, 1), image}));
    making::expect_sample(*tree, "uimage@0x21/My ramdisk/gzip@0x0/data/cpio@0x0");
    EXPECT_EQ(tree->regions()[1].description, "My ramdisk: Linux, arm, ramdisk, compressed gzip, load 0x00000000, entry 0x00000000");
    image.back() ^= 1U;
    const auto damaged = making::unpacked(image);
    EXPECT_EQ(damaged->regions()[0].kind, RegionKind::damaged);
    EXPECT_TRUE(damaged->regions()[0].description.contains("the data's checksum does not match")) << damaged->regions()[0].description;
}

TEST(Formats, UImageOfManyFiles) {
    const Workshop shop;
    shop.sample_tree("root");
    const auto tree = making::unpacked(shop.run("tar -C root -cf t.tar .; seq 1 3001 > odd; gzip -nk odd; mkimage -A mips -O linux -T multi -C none -n multi -d odd.gz:t.tar u >/dev/null; cat u"));
    making::expect_sample(*tree, "uimage@0x0/part1/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "uimage@0x0/part0/gzip@0x0/data").has_value());
}

TEST(Formats, FlattenedImageTree) {
    const Workshop shop;
    shop.sample_tree("root");
    (void)shop.run(R"((cd root; find . | cpio -o -H newc) | xz --check=crc32 > rd.xz; seq 1 5000 | gzip -n > k.gz
printf '/dts-v1/; / { model = "Example board"; compatible = "example,board"; };' | dtc -O dtb -o board.dtb
cat > x.its <<'EOF'
/dts-v1/;
/ { description = "Example FIT"; #address-cells = <1>;
  images {
    kernel-1 { data = /incbin/("k.gz"); type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip"; load = <0>; entry = <0>; hash-1 { algo = "sha256"; }; };
    ramdisk-1 { data = /incbin/("rd.xz"); type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none"; hash-1 { algo = "crc32"; }; };
    fdt-1 { data = /incbin/("board.dtb"); type = "flat_dt"; arch = "arm64"; compression = "none"; };
  };
  configurations { default = "c"; c { kernel = "kernel-1"; ramdisk = "ramdisk-1"; fdt = "fdt-1"; }; };
};
EOF
)");
    for (const char* options : {"", "-E", "-E -p 0x2000"}) {
        Buffer image = shop.run(fmt::format("mkimage {} -f x.its x.itb >/dev/null; cat x.itb", options));
        const auto tree = making::unpacked(joined({noise(5, 1), image}));
        making::expect_sample(*tree, "fit@0x5/ramdisk-1/xz@0x0/data/cpio@0x0");
        EXPECT_TRUE(making::find(*tree, "fit@0x5/kernel-1/gzip@0x0/data").has_value()) << options;
        EXPECT_EQ(tree->node(making::find(*tree, "fit@0x5/fdt-1/dtb@0x0").value()).description, "Example board (example,board)");
        EXPECT_TRUE(tree->regions()[1].description.contains("kernel-1: kernel, arm64, compression gzip, sha256 fits")) << tree->regions()[1].description;
        EXPECT_TRUE(tree->regions()[1].description.contains("crc32 fits"));
        EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
    }
}

/// TRX version 1: three offsets.
Buffer trx(Bytes first, Bytes second) {
    Buffer image;
    const auto put = [&](std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            image.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    };
    put(0x30524448, 4);
    put(28 + first.size() + second.size(), 4);
    put(0, 4);
    put(0, 2);
    put(1, 2);
    put(28, 4);
    put(28 + first.size(), 4);
    put(0, 4);
    image = joined({image, first, second});
    const auto checksum = static_cast<std::uint32_t>(~crc32_z(0, image.data() + 12, image.size() - 12));
    for (std::size_t i = 0; i < 4; ++i)
        image[8 + i] = static_cast<std::uint8_t>(checksum >> 8 * i);
    return image;
}

TEST(Formats, Trx) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer kernel = shop.run("seq 1 20000 | xz --format=lzma");
    const Buffer root = shop.run("tar -C root -cf - .");
    Buffer image = trx(kernel, root);
    auto tree = making::unpacked(joined({noise(100, 1), image, noise(100, 2)}));
    making::expect_sample(*tree, "trx@0x64/partition1/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "trx@0x64/partition0/lzma@0x0/data").has_value());
    EXPECT_EQ(tree->regions()[1].description, "version 1, 2 partitions");
    image[40] ^= 1U;
    tree = making::unpacked(image);
    EXPECT_TRUE(tree->regions()[0].description.contains("the checksum does not match"));
}

TEST(Formats, ConcatenatedInitramfs) {
    const Workshop shop;
    shop.sample_tree("root");
    const auto tree = making::unpacked(shop.run("(cd root/etc; echo passwd | cpio -o -H newc); head -c 1024 /dev/zero; (cd root; find . | cpio -o -H newc) | gzip -n"));
    EXPECT_TRUE(making::find(*tree, "cpio@0x0/passwd").has_value());
    const auto inner = making::find(*tree, "/etc/passwd");
    ASSERT_TRUE(inner.has_value());
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
}

}  // namespace
}  // namespace shirushi::unpack
