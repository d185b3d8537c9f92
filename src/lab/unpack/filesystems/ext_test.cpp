#include "unpack/filesystems/ext.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

Buffer format_ext(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options, int megabytes = 24) {
    const std::filesystem::path image = work / "image.ext";
    EXPECT_TRUE(run("PATH=$PATH:/usr/sbin:/sbin mke2fs -q -F " + options + " -d " + tree.string() + " " + image.string() + " " +
                    std::to_string(megabytes) + "M"));
    return file_bytes(image);
}

struct Making {
    const char* name;
    const char* options;
    const char* description;
};

class EveryExt : public testing::TestWithParam<Making> {};

TEST_P(EveryExt, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), 65536);
    if (std::string_view(GetParam().options).find("inline_data") != std::string_view::npos) {
        // mke2fs 1.47.0 loses the length of files with holes when it may keep data in inodes (e2fsck agrees with the image).
        std::filesystem::remove(tree.path() / "sparse");
        std::filesystem::remove(tree.path() / "zeros");
    }
    const Buffer image = format_ext(tree.path(), work.path(), GetParam().options);
    const auto found = identify_ext(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));

    CollectingSink sink;
    const auto read = read_ext(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    EXPECT_EQ(1U, sink.entries.erase("lost+found"));
    expect_same(tree_on_disk(tree.path()), sink.entries);

    CollectingSink other;
    ASSERT_TRUE(read_ext(image, {.index = 1, .count = 2}, other));
    EXPECT_TRUE(other.entries.empty());
}

INSTANTIATE_TEST_SUITE_P(Ext, EveryExt,
                         testing::Values(Making{"ext2", "-t ext2 -b 1024", "ext2, "}, Making{"ext3", "-t ext3 -b 1024", "ext3, "},
                                         Making{"ext4", "-t ext4 -L root-fs", "label \"root-fs\""},
                                         Making{"ext4_small_inodes", "-t ext4 -I 128 -b 2048", "blocks of 2 KiB"},
                                         Making{"ext4_inline", "-t ext4 -O inline_data -I 256 -b 1024", "ext4, "},
                                         Making{"ext4_no_checksums", "-t ext4 -O ^metadata_csum,^64bit", "ext4, "},
                                         Making{"ext4_clusters", "-t ext4 -O bigalloc -C 16384", "ext4, "}),
                         [](const auto& making) { return std::string(making.param.name); });

struct SmallExt : testing::Test {
    Buffer make(const std::string& options) {
        std::filesystem::remove_all(tree.path() / "d");
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 5000, 40000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), 3));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink(std::string(80, 'x'), tree.path() / "d/slow");
        return format_ext(tree.path(), work.path(), options, 1);
    }
    TemporaryFolder tree;
    TemporaryFolder work;
};

TEST_F(SmallExt, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const char* options : {"-t ext2 -b 1024 -N 64", "-t ext4 -O ^has_journal -b 1024 -N 64"}) {
        const Buffer image = make(options);
        CollectingSink whole;
        ASSERT_TRUE(read_ext(image, {}, whole));
        for (std::size_t size = 0; size < image.size(); size += size < 4096 ? 64 : 4096 + 512) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_ext(part);
            EXPECT_EQ(size >= 2048, found.has_value()) << size;
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(std::uint64_t{64} << 20);
            (void)read_ext(part, {}, sink);
            expect_part(whole.entries, sink);
        }
    }
}

TEST_F(SmallExt, FlippedBytesNeverBreakOut) {
    const Buffer image = make("-t ext4 -O ^has_journal -b 1024 -N 64");
    std::mt19937 random(20);
    for (int round = 0; round < 400; ++round) {
        Buffer flipped = image;
        for (int i = 0; i < 8; ++i)  // most near the start, where the tables are
            flipped[random() % (i < 6 ? 48 * 1024 : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
        (void)identify_ext(flipped);
        CollectingSink sink(std::uint64_t{64} << 20);
        (void)read_ext(flipped, {}, sink);
        EXPECT_EQ(0, sink.misuses);
    }
}

TEST_F(SmallExt, DamagedMetadataIsReadAndNamed) {
    Buffer image = make("-t ext4 -O ^has_journal -b 1024 -N 64");
    CollectingSink whole;
    ASSERT_TRUE(read_ext(image, {}, whole));
    // The file's owner in its inode changes under its checksum; its 40,000 bytes show which inode it is.
    const Bytes bytes(image);
    std::size_t inode = 0;
    for (std::size_t at = 2048; at + 256 < image.size() && inode == 0; at += 128)
        if (load_le<std::uint32_t>(bytes.data() + at + 4) == 40000 && load_le<std::uint16_t>(bytes.data() + at) == 0100644)
            inode = at;
    ASSERT_NE(0U, inode);
    image[inode + 2] ^= 1;
    CollectingSink sink;
    ASSERT_TRUE(read_ext(image, {}, sink));
    EXPECT_THAT(sink.entries["d/40000"].damage, HasSubstr("checksum"));
    EXPECT_EQ(whole.entries["d/40000"].content, sink.entries["d/40000"].content);
    EXPECT_EQ("", sink.entries["d/5000"].damage);
}

TEST_F(SmallExt, ADirectoryThatHoldsItselfIsReadOnce) {
    make("-t ext4 -O ^has_journal -b 1024 -N 64");
    const std::string image = (work.path() / "image.ext").string();
    ASSERT_TRUE(run("PATH=$PATH:/usr/sbin:/sbin debugfs -w -R 'link d d/e/loop' " + image));
    CollectingSink sink;
    ASSERT_TRUE(read_ext(file_bytes(image), {}, sink));
    EXPECT_THAT(sink.entries["d/e"].damage, HasSubstr("leaves out \"loop\": this directory is listed elsewhere too"));
    EXPECT_EQ(0U, sink.entries.count("d/e/loop"));
    EXPECT_EQ("text\n", sink.entries["d/e/f"].content);
    EXPECT_EQ(0, sink.doubles + sink.misuses);
}

TEST(Ext, BackupSuperblocksAndNoiseAreNotFileSystems) {
    Buffer noise(8192, 0x53);
    noise[0x438] = 0x53;
    noise[0x439] = 0xef;
    EXPECT_FALSE(identify_ext(noise));
    const TemporaryFolder tree;
    const TemporaryFolder work;
    const Buffer image = format_ext(tree.path(), work.path(), "-t ext2 -b 1024", 24);
    EXPECT_TRUE(identify_ext(image));
    EXPECT_FALSE(identify_ext(Bytes(image).subspan(8193 * 1024 - 1024)));  // the copy in group 1
}

}  // namespace
}  // namespace shirushi::unpack
