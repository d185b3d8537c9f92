#include "unpack/filesystems/erofs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

/// The sample tree, made once; mkfs.erofs 1.5 fails at its longest name.
const std::filesystem::path& sample() {
    static const TemporaryFolder folder;
    static const bool made = [] {
        make_sample_tree(folder.path(), 32768);
        std::filesystem::rename(folder.path() / std::string(255, 'n'), folder.path() / std::string(200, 'n'));
        return true;
    }();
    EXPECT_TRUE(made);
    return folder.path();
}

Buffer image_by(const std::string& options, const std::filesystem::path& tree) {
    const TemporaryFolder work;
    EXPECT_TRUE(run(fmt::format("mkfs.erofs --quiet {} {}/image {}", options, work.path().string(), tree.string()))) << options;
    return file_bytes(work.path() / "image");
}

struct ErofsCase {
    const char* name;
    const char* options;
    bool compact = false;  ///< times and large owners are not kept
};

class Erofs : public testing::TestWithParam<ErofsCase> {};

TEST_P(Erofs, GivesBackTheTreeItWasMadeFrom) {
    const Buffer image = image_by(GetParam().options, sample());
    const auto found = identify_erofs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked) << found->description;
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr("block 4,096 bytes"));
    CollectingSink sink;
    const auto read = read_erofs(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    auto expected = tree_on_disk(sample());
    if (GetParam().compact) {
        for (auto& [path, entry] : expected) {
            entry.info.modified = 1577836800;
            entry.info.gid = 0;
        }
    }
    expect_same(expected, sink.entries);
}

INSTANTIATE_TEST_SUITE_P(
    Images, Erofs,
    testing::Values(ErofsCase{"Uncompressed", "-x-1"}, ErofsCase{"Attributes", "-x1"}, ErofsCase{"NoInlinedData", "-E noinline_data"},
                    ErofsCase{"Extended", "-E force-inode-extended"},
                    ErofsCase{"Compact", "-T 1577836800 --force-gid=0 -E force-inode-compact", true}, ErofsCase{"Chunks", "--chunksize=8192"},
                    ErofsCase{"ChunkIndexes", "--chunksize=4096 -E force-chunk-indexes"}, ErofsCase{"ChunkMap", "--chunksize=16384 -E force-inode-blockmap"},
                    ErofsCase{"Lz4", "-zlz4"},
                    ErofsCase{"Lz4hc", "-zlz4hc,12"}, ErofsCase{"LargeClusters", "-zlz4hc -C65536"}, ErofsCase{"Legacy", "-zlz4 -E legacy-compress"},
                    ErofsCase{"InlinedTails", "-zlz4hc -E ztailpacking"}, ErofsCase{"LargeClustersAndTails", "-zlz4 -C16384 -E ztailpacking"},
                    ErofsCase{"ShortExtents", "-zlz4 --max-extent-bytes=16384"}),
    [](const auto& one) { return std::string(one.param.name); });

struct SmallErofs : testing::Test {
    SmallErofs() {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const std::size_t size : {0U, 1U, 900U, 5000U, 13000U})
            put(tree.path() / "d" / std::to_string(size), sample_text(size, static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
    }
    TemporaryFolder tree;
};

TEST_F(SmallErofs, LiesBehindAndBeforeOtherBytes) {
    const Buffer image = image_by("-zlz4hc", tree.path());
    const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    making::expect_covered(*unpacked);
    for (const char* file : {"d/13000", "d/e/f", "d/900"}) {
        const auto node = making::find(*unpacked, fmt::format("erofs@0x4d5/{}", file));
        ASSERT_TRUE(node) << file;
        EXPECT_EQ(as_text(file_bytes(tree.path() / file)), as_text(unpacked->bytes(*node)));
    }
}

TEST_F(SmallErofs, TruncatedAnywhereGivesAPartAndNoMore) {
    std::size_t step = 1;  // each length once; for other options some of them, since blocks make images large
    for (const char* options : {"-zlz4hc -E ztailpacking", "-x-1", "-zlz4 -C8192 -E legacy-compress", "--chunksize=4096"}) {
        const Buffer image = image_by(options, tree.path());
        CollectingSink whole;
        ASSERT_TRUE(read_erofs(image, {}, whole));
        for (std::size_t size = 0; size < image.size(); size += step) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
            const auto found = identify_erofs(part);
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_erofs(part, {}, sink);
            expect_part(whole.entries, sink);
        }
        step = 29;
    }
}

TEST_F(SmallErofs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const char* options : {"-x-1", "-zlz4hc -E ztailpacking", "-zlz4 -C8192 -E legacy-compress", "--chunksize=4096"}) {
        const Buffer image = image_by(options, tree.path());
        for (int round = 0; round < 1000; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 6; ++i)
                flipped[i % 2 == 0 ? 1024 + random() % 1500 : random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
            (void)identify_erofs(flipped);
            CollectingSink sink(8 << 20);
            (void)read_erofs(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

TEST_F(SmallErofs, OtherCompressorsAreNamedPerFile) {
    Buffer image = image_by("-zlz4hc -E force-inode-extended", tree.path());
    // The index's header of the one file that is compressed: behind its 64 bytes of inode, found by its size.
    for (std::size_t at = 1024; at + 72 <= image.size(); at += 32)
        if ((image[at] == 0x07 || image[at] == 0x03) && load_le<std::uint64_t>(image.data() + at + 8) == 13000)
            image[at + 64 + 6] = 1;
    CollectingSink sink;
    ASSERT_TRUE(read_erofs(image, {}, sink));
    EXPECT_THAT(sink.entries["d/13000"].damage, HasSubstr("is compressed with MicroLZMA, which is not read"));
    EXPECT_EQ("", sink.entries["d/900"].damage);
}

}  // namespace
}  // namespace shirushi::unpack
