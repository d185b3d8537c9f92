#include "unpack/squashfs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/collecting_sink.hpp"
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

void expect_same(const std::map<std::string, CollectedEntry>& expected, const std::map<std::string, CollectedEntry>& found) {
    EXPECT_EQ(expected.size(), found.size());
    for (const auto& [path, want] : expected) {
        const auto at = found.find(path);
        ASSERT_NE(at, found.end()) << path;
        const CollectedEntry& got = at->second;
        EXPECT_EQ(want.info.kind, got.info.kind) << path;
        EXPECT_EQ(want.info.mode, got.info.mode) << path;
        EXPECT_EQ(want.info.uid, got.info.uid) << path;
        EXPECT_EQ(want.info.gid, got.info.gid) << path;
        EXPECT_EQ(want.info.modified, got.info.modified) << path;
        EXPECT_EQ(want.info.target, got.info.target) << path;
        EXPECT_TRUE(want.content == got.content) << path << ": " << want.content.size() << " and " << got.content.size();
        EXPECT_EQ("", got.damage) << path;
    }
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

}  // namespace
}  // namespace shirushi::unpack
