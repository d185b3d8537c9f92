#include "unpack/filesystems/squashfs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

Buffer squash(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options) {
    const std::filesystem::path image = work / "image.squashfs";
    EXPECT_TRUE(run("mksquashfs " + tree.string() + " " + image.string() + " -noappend -no-progress -processors 1 -mkfs-time 1577836800 " +
                    options));
    return file_bytes(image);
}

struct Making {
    const char* name;
    const char* options;
    std::size_t block;
};

class EverySquashfs : public testing::TestWithParam<Making> {};

TEST_P(EverySquashfs, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), GetParam().block);
    const Buffer image = squash(tree.path(), work.path(), GetParam().options);
    const auto found = identify_squashfs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_LE(found->size, image.size());
    EXPECT_GT(found->size + 4096, image.size());
    EXPECT_THAT(found->description, HasSubstr("made 2020-01-01"));

    CollectingSink whole;
    const auto read = read_squashfs(image, {}, whole);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, whole.doubles + whole.misuses);
    expect_same(tree_on_disk(tree.path()), whole.entries);

    for (const unsigned count : {2U, 3U, 7U}) {
        CollectingSink shared;
        for (unsigned index = 0; index < count; ++index)
            ASSERT_TRUE(read_squashfs(image, {index, count}, shared));
        EXPECT_EQ(0, shared.doubles + shared.misuses);
        expect_same(whole.entries, shared.entries);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Squashfs, EverySquashfs,
    testing::Values(Making{"gzip", "-comp gzip", 131072}, Making{"gzip_options", "-comp gzip -Xcompression-level 1 -Xwindow-size 10 -b 4096", 4096},
                    Making{"xz", "-comp xz", 131072}, Making{"xz_filters", "-comp xz -Xbcj x86,arm -Xdict-size 8K -b 8192", 8192},
                    Making{"lzma", "-comp lzma -b 65536", 65536}, Making{"lzo", "-comp lzo", 131072},
                    Making{"lzo_fast", "-comp lzo -Xalgorithm lzo1x_1 -b 16384", 16384}, Making{"lz4", "-comp lz4", 131072},
                    Making{"lz4_high", "-comp lz4 -Xhc -b 4096", 4096}, Making{"zstd", "-comp zstd", 131072},
                    Making{"zstd_large", "-comp zstd -Xcompression-level 1 -b 1M", 1048576}, Making{"no_fragments", "-no-fragments -b 32768", 32768},
                    Making{"always_fragments", "-always-use-fragments -b 32768", 32768},
                    Making{"nothing_compressed", "-noI -noId -noD -noF -noX -b 32768", 32768},
                    Making{"no_exports", "-no-exports -no-duplicates -no-xattrs -b 32768", 32768}),
    [](const auto& making) { return std::string(making.param.name); });

struct SmallSquashfs : testing::Test {
    Buffer make(const std::string& options) {
        std::filesystem::remove_all(tree.path() / "d");
        std::filesystem::remove(tree.path() / "link");
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 5000, 9000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        return squash(tree.path(), work.path(), "-b 4096 -nopad " + options);
    }
    TemporaryFolder tree;
    TemporaryFolder work;
};

TEST_F(SmallSquashfs, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const char* options : {"-comp gzip", "-comp xz", "-comp lzo", "-comp lz4", "-comp zstd", "-comp lzma"}) {
        const Buffer image = make(options);
        CollectingSink whole;
        ASSERT_TRUE(read_squashfs(image, {}, whole));
        for (std::size_t size = 0; size < image.size(); ++size) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_squashfs(part);
            EXPECT_EQ(size >= 96, found.has_value());
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_squashfs(part, {}, sink);
            expect_part(whole.entries, sink);
        }
    }
}

TEST_F(SmallSquashfs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const char* options : {"-comp gzip", "-comp xz", "-comp lzo", "-comp lz4", "-comp zstd", "-comp lzma", "-noI -noD -noF"}) {
        const Buffer image = make(options);
        for (int round = 0; round < 300; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 4; ++i)  // one in the superblock now and then, the rest anywhere
                flipped[random() % (i == 0 && round % 4 == 0 ? 96 : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
            (void)identify_squashfs(flipped);
            CollectingSink whole(8 << 20);
            const auto read = read_squashfs(flipped, {}, whole);
            EXPECT_EQ(0, whole.misuses);
            CollectingSink shared(8 << 20);
            for (unsigned index = 0; index < 2; ++index)
                (void)read_squashfs(flipped, {index, 2}, shared);
            if (read) {
                EXPECT_EQ(whole.entries.size(), shared.entries.size());
            }
        }
    }
}

TEST_F(SmallSquashfs, ADamagedBlockDamagesItsFileOnly) {
    put(tree.path() / "big", sample_noise(4096, 1) + sample_text(4096, 2) + sample_noise(4096, 3));
    Buffer image = make("-comp xz -no-fragments");
    const std::string big = std::string(as_text(file_bytes(tree.path() / "big")));
    CollectingSink before;
    ASSERT_TRUE(read_squashfs(image, {}, before));
    // Files of this size are found by their noise, which is stored as it is; the compressed block follows it.
    const auto at = as_text(image).find(big.substr(0, 64));
    ASSERT_NE(std::string::npos, at);
    image[at + 4096 + 40] ^= 0xff;
    CollectingSink sink;
    ASSERT_TRUE(read_squashfs(image, {}, sink));
    EXPECT_THAT(sink.entries["big"].damage, HasSubstr("zeros stand for bytes 4096 to 8191"));
    EXPECT_EQ(big.substr(0, 4096) + std::string(4096, '\0') + big.substr(8192), sink.entries["big"].content);
    sink.entries.erase("big");
    before.entries.erase("big");
    expect_same(before.entries, sink.entries);
}

TEST_F(SmallSquashfs, TheSinksCeilingStopsAtOnce) {
    CollectingSink sink(6000);
    const auto read = read_squashfs(make("-comp gzip"), {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ(Errc::limit, read.error().code);
    EXPECT_EQ(0, sink.misuses);
    EXPECT_LE(sink.bytes, 6000U);
}

/// The uncompressed image with a listing changed: 'old' must stand there once.
Buffer renamed(Buffer image, std::string_view old, std::string_view now) {
    const auto at = as_text(image).find(old);
    EXPECT_NE(std::string::npos, at);
    std::ranges::copy(now, image.begin() + static_cast<std::ptrdiff_t>(at));
    return image;
}

TEST_F(SmallSquashfs, NamesThatLeadElsewhereAreLeftOutAndNamed) {
    put(tree.path() / "victim-name", "x");
    const Buffer image = make("-noI -noD");
    for (const std::string& bad : {std::string("../../../ab"), std::string("vict\0m-name", 11)}) {
        CollectingSink sink;
        const auto read = read_squashfs(renamed(image, "victim-name", bad), {}, sink);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr("root directory: leaves out an entry with the name"));
        EXPECT_EQ(1U, sink.entries.count("d/9000"));
        EXPECT_EQ(0U, sink.entries.count(bad));
    }
}

TEST_F(SmallSquashfs, ADirectoryThatHoldsItselfIsReadOnce) {
    Buffer image = make("-noI -noD");
    // d's entry in the root's listing is changed to lead to the root itself: the reference's offset is the root's.
    const std::uint16_t root = load_le<std::uint16_t>(image.data() + 32);
    const auto directories = load_le<std::uint64_t>(image.data() + 72);
    const std::string entry_end = std::string("\x01\x00\x00\x00", 4) + "d";  // type directory, name of one byte
    const auto at = as_text(image).rfind(entry_end);
    ASSERT_NE(std::string::npos, at);
    ASSERT_GT(at, directories);
    image[at - 4] = static_cast<std::uint8_t>(root);
    image[at - 3] = static_cast<std::uint8_t>(root >> 8);
    CollectingSink sink;
    const auto read = read_squashfs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("this directory is listed elsewhere too"));
    EXPECT_EQ(1U, sink.entries.size());  // the link
}

TEST(Squashfs, NeedsMoreThanAMagic) {
    EXPECT_FALSE(identify_squashfs(as_bytes("hsqs and nothing else that would make sense here, however long the text may become")));
}

}  // namespace
}  // namespace shirushi::unpack
