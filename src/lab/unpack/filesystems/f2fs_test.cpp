#include "unpack/filesystems/f2fs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "unpack/filesystems/f2fs_layout.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

/// The smallest F2FS that takes files has some 60 MiB, nearly all of them holes in the file.
Buffer formatted(const std::filesystem::path& tree, const std::string& options, int mebibytes = 64) {
    const TemporaryFolder work;
    EXPECT_TRUE(run(fmt::format("export PATH=$PATH:/usr/sbin:/sbin; cd {}; truncate -s {}M image; mkfs.f2fs {} image && sload.f2fs -P -f {} image",
                                work.path().string(), mebibytes, options, tree.string())))
        << options;
    return file_bytes(work.path() / "image");
}

struct Making {
    const char* name;
    const char* options;
    const char* description;
};

class EveryF2fs : public testing::TestWithParam<Making> {};

TEST_P(EveryF2fs, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    make_sample_tree(tree.path(), 4096);
    put(tree.path() / "large", sample_text(13'000'000, 9));  // 923 blocks in the inode, 2 x 1018 in direct nodes: the rest is behind an indirect one
    const Buffer image = formatted(tree.path(), GetParam().options, 96);
    const auto found = identify_f2fs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));
    CollectingSink sink;
    const auto read = read_f2fs(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    sink.entries.erase("lost+found");
    auto expected = tree_on_disk(tree.path());
    std::erase_if(expected, [](const auto& one) { return one.second.info.kind == FileKind::fifo; });  // sload.f2fs leaves them out
    for (auto& [path, entry] : expected)
        entry.info.gid &= 0xffffU;  // and keeps 16 bits of these
    expect_same(expected, sink.entries);
}

INSTANTIATE_TEST_SUITE_P(F2fs, EveryF2fs,
                         testing::Values(Making{"Plain", "-l label", "label \"label\""},
                                         Making{"ExtraAttributes", "-O extra_attr,inode_checksum,inode_crtime", "F2FS 1."},
                                         Making{"LargeBitmaps", "-i", "F2FS 1."}),
                         [](const auto& making) { return std::string(making.param.name); });

struct SmallF2fs : testing::Test {
    SmallF2fs() {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const std::size_t size : {0U, 1U, 900U, 5000U, 13000U})
            put(tree.path() / "d" / std::to_string(size), sample_text(size, static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        image = formatted(tree.path(), "");
        for (std::size_t at = 0; at < image.size(); at += f2fs_block)
            if (!is_filled(Bytes(image).subspan(at, f2fs_block), 0))
                blocks.push_back(at);
    }
    static bool is_filled(Bytes bytes, std::uint8_t value) {
        return std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == value; });
    }
    /// Where the inode with this many bytes of content begins.
    std::size_t inode_of_size(std::uint64_t size) const {
        const std::size_t main_area = std::size_t{f2fs_superblock(image)->main_start} * f2fs_block;
        for (const std::size_t at : blocks)
            if (at >= main_area && load_le<std::uint64_t>(image.data() + at + 16) == size && load_le<std::uint16_t>(image.data() + at) >> 12 == 8)
                return at;
        ADD_FAILURE() << size;
        return 0;
    }
    CollectingSink read() const {
        CollectingSink sink;
        const auto done = read_f2fs(image, {}, sink);
        EXPECT_TRUE(done) << done.error().message;
        return sink;
    }

    TemporaryFolder tree;
    Buffer image;
    std::vector<std::size_t> blocks;  ///< those that hold anything
};

TEST_F(SmallF2fs, LiesBehindAndBeforeOtherBytes) {
    const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    making::expect_covered(*unpacked);
    for (const char* file : {"d/13000", "d/e/f", "d/900"}) {
        const auto node = making::find(*unpacked, fmt::format("f2fs@0x4d5/{}", file));
        ASSERT_TRUE(node) << file;
        EXPECT_EQ(as_text(file_bytes(tree.path() / file)), as_text(unpacked->bytes(*node)));
    }
}

TEST_F(SmallF2fs, TheOlderCheckpointStandsInForADamagedOne) {
    const std::size_t first = std::size_t{f2fs_superblock(image)->checkpoint_start} * f2fs_block;
    const std::size_t second = first + 512 * f2fs_block;
    for (const std::size_t damaged : {first, second}) {
        Buffer copy = image;
        copy[damaged + 8] ^= 1;
        const bool other = load_le<std::uint64_t>(image.data() + (damaged == first ? second : first)) != 0;
        CollectingSink sink;
        EXPECT_EQ(other, read_f2fs(copy, {}, sink).has_value()) << damaged;
    }
    image[first + 8] ^= 1;
    image[second + 8] ^= 1;
    CollectingSink sink;
    const auto read = read_f2fs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("neither checkpoint is whole"));
    EXPECT_FALSE(identify_f2fs(image)->checked);
}

TEST_F(SmallF2fs, EncryptedFilesAreSaidAndNotInvented) {
    image[inode_of_size(900) + 2] |= 0x04;
    const auto sink = read();
    EXPECT_THAT(sink.entries.at("d/900").damage, HasSubstr("encrypted (fscrypt): nobody can read its 900 bytes without the key"));
    EXPECT_EQ("", sink.entries.at("d/900").content);
    EXPECT_EQ("", sink.entries.at("d/5000").damage);
}

TEST_F(SmallF2fs, CompressedClustersAreSaid) {
    image[1024 + 2181] |= 0x20;                      // the superblock's feature
    const std::size_t inode = inode_of_size(13000);
    image[inode + 80] |= 0x04;                       // the file's flag
    for (std::size_t i = 0; i < 4; ++i)
        image[inode + 360 + i] = i == 0 ? 0xfe : 0xff;  // its first block
    const auto sink = read();
    EXPECT_THAT(sink.entries.at("d/13000").damage, HasSubstr("compressed by the file system from byte 0 on, which is not read"));
    EXPECT_EQ(13000U, sink.entries.at("d/13000").content.size());
}

TEST_F(SmallF2fs, TruncatedAnywhereGivesAPartAndNoMore) {
    const auto whole = read();
    // Every length within the superblock's block; of the rest, around and inside each block that holds anything.
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; size < f2fs_block; ++size)
        sizes.push_back(size);
    for (const std::size_t at : blocks)
        for (const std::size_t more : {std::size_t{0}, std::size_t{1}, std::size_t{2047}, std::size_t{f2fs_block} - 1})
            sizes.push_back(at + more);
    for (const std::size_t size : sizes) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
        const auto found = identify_f2fs(part);
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(1 << 20);
        (void)read_f2fs(part, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        for (const auto& [path, entry] : sink.entries) {
            if (entry.damage.empty() && whole.entries.contains(path)) {
                EXPECT_EQ(whole.entries.at(path).content, entry.content) << path << " at " << size;
            }
        }
    }
}

TEST_F(SmallF2fs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (int round = 0; round < 1000; ++round) {
        std::vector<std::pair<std::size_t, std::uint8_t>> before;
        for (int i = 0; i < 6; ++i) {
            const std::size_t at = blocks[random() % blocks.size()] + random() % f2fs_block;
            before.emplace_back(at, image[at]);
            image[at] ^= static_cast<std::uint8_t>(1 + random() % 255);
        }
        (void)identify_f2fs(image);
        CollectingSink sink(8 << 20);
        (void)read_f2fs(image, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        for (auto change = before.rbegin(); change != before.rend(); ++change)
            image[change->first] = change->second;
    }
}

}  // namespace
}  // namespace shirushi::unpack
