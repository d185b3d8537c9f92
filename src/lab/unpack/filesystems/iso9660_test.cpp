#include "unpack/filesystems/iso9660.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

Buffer make_iso(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& tool) {
    const std::filesystem::path image = work / "image.iso";
    const std::string command = "rm -f " + image.string() + "; cd " + work.string() + " && " + tool + " -o " + image.string() + " " + tree.string();
    EXPECT_EQ(0, std::system((command + " > " + (work / "said").string() + " 2>&1").c_str())) << as_text(file_bytes(work / "said"));
    return file_bytes(image);
}

std::map<std::string, CollectedEntry> entries_of(const Buffer& image) {
    const auto found = identify_iso9660(image);
    EXPECT_TRUE(found && found->checked && found->size <= image.size());
    CollectingSink sink;
    const auto read = read_iso9660(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    return sink.entries;
}

struct Making {
    const char* name;
    const char* tool;
};

class RockRidgeIso : public testing::TestWithParam<Making> {};

TEST_P(RockRidgeIso, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), 65536);
    std::filesystem::create_directories(tree.path() / "a/b/c/d/e/f/g/h/i/j/k");
    put(tree.path() / "a/b/c/d/e/f/g/h/i/j/k/deeper", "deeper down\n");
    std::filesystem::rename(tree.path() / std::string(255, 'n'), tree.path() / std::string(240, 'n'));  // what both tools take
    std::filesystem::remove(tree.path() / "long-link");
    const std::string_view tool = GetParam().tool;
    std::string target = "a";
    for (int i = 0; i < (tool.starts_with("genisoimage") ? 10 : 40); ++i)  // genisoimage writes longer ones without end
        target += "/../some-folder";
    std::filesystem::create_symlink(target, tree.path() / "long-link");
    if (tool.starts_with("genisoimage") && (tool.contains("-J") || tool.contains("-udf")))
        std::filesystem::remove(tree.path() / "not\xFFutf8\n\x1b[31m");  // which it refuses
    auto entries = entries_of(make_iso(tree.path(), work.path(), GetParam().tool));
    entries.erase("rr_moved");
    auto expected = tree_on_disk(tree.path());
    expect_same(expected, entries);
}

INSTANTIATE_TEST_SUITE_P(Iso9660, RockRidgeIso,
                         testing::Values(Making{"xorriso", "xorriso -as mkisofs -quiet -R"}, Making{"xorriso_joliet", "xorriso -as mkisofs -quiet -R -J"},
                                         Making{"genisoimage", "genisoimage -quiet -R"}, Making{"genisoimage_joliet", "genisoimage -quiet -R -J -joliet-long -iso-level 3"},
                                         Making{"genisoimage_udf", "genisoimage -quiet -R -udf"}),
                         [](const auto& making) { return std::string(making.param.name); });

void make_plain_tree(const std::filesystem::path& root) {
    for (const std::size_t size : {0, 1, 2048, 5000})
        put(root / ("size-" + std::to_string(size) + ".bin"), sample_text(size, 3));
    std::filesystem::create_directories(root / "a/b/c");
    put(root / "a/b/c/Deep Down", "deep down\n");
    put(root / "\xE5\x8D\xB0 \xE3\x81\x97\xE3\x82\x8B.txt", "unicode\n");
}

TEST(Iso9660, JolietNames) {
    for (const char* tool : {"xorriso -as mkisofs -quiet -J", "genisoimage -quiet -J -input-charset utf-8"}) {
        const TemporaryFolder tree;
        const TemporaryFolder work;
        make_plain_tree(tree.path());
        auto entries = entries_of(make_iso(tree.path(), work.path(), std::string("LC_ALL=C.UTF-8 ") + tool));
        auto expected = tree_on_disk(tree.path());
        for (auto& [path, entry] : expected) {
            ASSERT_TRUE(entries.contains(path)) << path;
            EXPECT_EQ(entry.info.kind, entries[path].info.kind) << path;
            EXPECT_EQ(entry.info.modified, entries[path].info.modified) << path;
            EXPECT_TRUE(entry.content == entries[path].content) << path;
        }
        EXPECT_EQ(expected.size(), entries.size());
    }
}

TEST(Iso9660, PlainNames) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_plain_tree(tree.path());
    const auto entries = entries_of(make_iso(tree.path(), work.path(), "genisoimage -quiet"));
    ASSERT_TRUE(entries.contains("SIZE_500.BIN"));
    EXPECT_EQ(sample_text(5000, 3), entries.at("SIZE_500.BIN").content);
    EXPECT_TRUE(entries.contains("A/B/C/DEEP_DOW"));
}

TEST(Iso9660, BootImagesOfElTorito) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run(R"(seq 1 3000 > root/boot.bin; /sbin/mkfs.fat -C root/efi.img 1440 >/dev/null; mcopy -i root/efi.img root/etc/passwd ::/
xorriso -as mkisofs -quiet -R -J -V 'BOOT DISK' -c boot.cat -b boot.bin -no-emul-boot -boot-load-size 4 -eltorito-alt-boot -e efi.img -no-emul-boot -o x.iso root; cat x.iso)");
    const auto tree = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    making::expect_sample(*tree, "iso9660@0x4d5", true);
    const auto boot = making::find(*tree, "iso9660@0x4d5/boot-image1");
    ASSERT_TRUE(boot) << making::tables(*tree);
    EXPECT_TRUE(as_text(tree->bytes(*boot)).ends_with("2999\n3000\n")) << "four sectors are loaded, the file is longer";
    EXPECT_EQ("El Torito boot image, x86 BIOS, no emulation, 4 sectors are loaded", tree->node(*boot).description);
    EXPECT_TRUE(making::find(*tree, "iso9660@0x4d5/boot-image2/fat@0x0/PASSWD").has_value() || making::find(*tree, "iso9660@0x4d5/boot-image2/fat@0x0/passwd").has_value());
    EXPECT_THAT(tree->regions()[1].description, HasSubstr("ISO 9660 with Joliet, bootable (El Torito), label \"BOOT DISK\""));
    EXPECT_THAT(tree->regions()[1].description, HasSubstr("Rock Ridge names, 2 boot images"));
    EXPECT_EQ(tree->gaps().size(), 2U) << making::tables(*tree);
    making::expect_covered(*tree);
}

TEST(Iso9660, HybridsAreADiskToo) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run(R"(/sbin/mkfs.fat -C efi.img 1440 >/dev/null; mcopy -i efi.img root/etc/passwd ::/
seq 1 99999 | head -c 440 > code; head -c 512 /dev/zero >> code; seq 1 3000 | gzip -n | dd of=code bs=1024 seek=3 conv=notrunc status=none
xorriso -as mkisofs -quiet -R -G code -partition_offset 16 -append_partition 2 0xef efi.img -o x.iso root; cat x.iso)");
    const auto tree = making::unpacked(image);
    making::expect_sample(*tree, "iso9660@0x0", true);
    EXPECT_TRUE(making::find(*tree, "iso9660@0x0/boot-code").has_value());
    EXPECT_TRUE(making::find(*tree, "iso9660@0x0/system-area/gzip@0xa00/data").has_value()) << making::tables(*tree);
    bool partition = false;
    for (std::uint32_t i = 0; i < tree->size(); ++i)
        partition = partition || tree->path(NodeId{i}).ends_with("fat@0x0/PASSWD") || tree->path(NodeId{i}).ends_with("fat@0x0/passwd") ||
                    (tree->path(NodeId{i}).starts_with("fat@") && lowered(tree->node(NodeId{i}).name) == "passwd");
    EXPECT_TRUE(partition) << "the appended partition\n" << making::tables(*tree);
    making::expect_covered(*tree);
}

struct SmallIso : testing::Test {
    Buffer make(const std::string& tool) {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 5000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), 3));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::remove(tree.path() / "d/link");
        std::filesystem::create_symlink(std::string(300, 'x') + "/y", tree.path() / "d/link");
        return make_iso(tree.path(), work.path(), tool);
    }
    TemporaryFolder tree;
    TemporaryFolder work;
};

TEST_F(SmallIso, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const char* tool : {"genisoimage -quiet -R -no-pad", "genisoimage -quiet -J -no-pad"}) {
        const Buffer image = make(tool);
        CollectingSink whole;
        ASSERT_TRUE(read_iso9660(image, {}, whole));
        for (std::size_t size = 32768 - 64; size < image.size(); size += 13) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_iso9660(part);
            EXPECT_EQ(size >= 32768 + 2048, found.has_value()) << size;
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_iso9660(part, {}, sink);
            EXPECT_EQ(0, sink.misuses);
            // Where Joliet's descriptor is cut off, names are the plain ones.
            if (size > 32768 + 4 * 2048) {
                expect_part(whole.entries, sink);
            }
        }
    }
}

TEST_F(SmallIso, FlippedBytesNeverBreakOut) {
    std::mt19937 random(20);
    for (const char* tool : {"genisoimage -quiet -R -J -no-pad", "genisoimage -quiet -J -no-pad", "genisoimage -quiet -no-pad"}) {
        const Buffer image = make(tool);
        for (int round = 0; round < 600; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 5; ++i)
                flipped[32768 + random() % (i == 0 && round % 4 == 0 ? 4096 : flipped.size() - 32768)] ^= static_cast<std::uint8_t>(1 + random() % 255);
            const auto found = identify_iso9660(flipped);
            EXPECT_LE(found ? found->size : 0, flipped.size());
            CollectingSink sink(1 << 20);
            (void)read_iso9660(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

/// The directory record with this name.
std::size_t record_of(const Buffer& image, std::string_view name) {
    const auto at = as_text(image).find(name);
    EXPECT_NE(std::string::npos, at) << name;
    return at - 33;
}

TEST_F(SmallIso, AFileOfSeveralExtents) {
    put(tree.path() / "PIECE1", sample_text(4096, 1));
    put(tree.path() / "PIECE2", sample_text(777, 2));
    Buffer image = make_iso(tree.path(), work.path(), "genisoimage -quiet");
    const std::size_t first = record_of(image, "PIECE1.;1");
    const std::size_t second = record_of(image, "PIECE2.;1");
    image[first + 25] |= 0x80;  // goes on in the next record, which has the same name
    image[second + 33 + 5] = '1';
    const auto entries = entries_of(image);
    ASSERT_TRUE(entries.contains("PIECE1"));
    EXPECT_EQ(sample_text(4096, 1) + sample_text(777, 2), entries.at("PIECE1").content);
    EXPECT_FALSE(entries.contains("PIECE2"));
}

TEST_F(SmallIso, ADirectoryThatHoldsItselfIsReadOnce) {
    Buffer image = make("genisoimage -quiet");
    const auto record = [&](std::string_view volume_and_name) { return as_text(image).find(volume_and_name) + 3 - 33; };
    const std::size_t outer = record(std::string_view("\0\1\1D", 4));
    const std::size_t inner = record(std::string_view("\0\1\1E", 4));
    ASSERT_LT(std::max(outer, inner), image.size());
    std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(outer + 2), 16, image.begin() + static_cast<std::ptrdiff_t>(inner + 2));
    CollectingSink sink;
    ASSERT_TRUE(read_iso9660(image, {}, sink));
    EXPECT_THAT(sink.entries["D"].damage, HasSubstr("this directory is listed elsewhere too"));
    EXPECT_EQ(0U, sink.entries.count("D/E"));
}

}  // namespace
}  // namespace shirushi::unpack
