// SquashFS 1 to 3, big-endian 4, and what vendors changed, made by squashfs_writer.hpp.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/filesystems/squashfs.hpp"
#include "unpack/filesystems/squashfs_writer.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;
using Entries = std::map<std::string, CollectedEntry>;

void add(Entries& tree, const std::string& path, FileKind kind, const std::string& content, std::uint32_t owner = 0) {
    CollectedEntry& entry = tree[path];
    entry.info = {.kind = kind, .mode = 0640, .uid = owner, .gid = owner, .modified = 1234567890};
    (kind == FileKind::symlink ? entry.info.target : entry.content) = content;
}

/// Versions 1 and 2 know no time of links, devices, pipes and sockets.
Entries as_stored(Entries tree, const SquashfsPlan& plan) {
    for (auto& [path, entry] : tree)
        if (plan.major < 3 && entry.info.kind != FileKind::regular && entry.info.kind != FileKind::directory)
            entry.info.modified = plan.made;
    return tree;
}

Entries small_tree() {
    Entries tree;
    add(tree, "d", FileKind::directory, "");
    add(tree, "d/e", FileKind::directory, "");
    for (const std::size_t size : {0U, 1U, 1000U, 5000U, 9000U})
        add(tree, "d/" + std::to_string(size), FileKind::regular, sample_text(size, static_cast<unsigned>(size)));
    add(tree, "d/e/noise", FileKind::regular, sample_noise(4096, 3));
    add(tree, "link", FileKind::symlink, "d/e");
    add(tree, "pipe", FileKind::fifo, "");
    return tree;
}

void expect_read(const Entries& tree, const SquashfsPlan& plan, const Buffer& image) {
    const auto found = identify_squashfs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(fmt::format("SquashFS {}.{}", plan.major, plan.minor)));
    EXPECT_EQ(plan.endian == Endian::big, found->description.find("big-endian") != std::string::npos);
    CollectingSink whole;
    const auto read = read_squashfs(image, {}, whole);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, whole.doubles + whole.misuses);
    expect_same(as_stored(tree, plan), whole.entries);
    CollectingSink shared;
    for (unsigned index = 0; index < 3; ++index)
        ASSERT_TRUE(read_squashfs(image, {index, 3}, shared));
    expect_same(whole.entries, shared.entries);
    EXPECT_EQ(whole.description, shared.description);
}

/// All content below `path` in the order in which 7zz lists it: a directory's entries, then what is below each.
void append_content(const Entries& tree, const std::string& path, std::string& to) {
    std::vector<std::string> folders;
    for (auto it = tree.lower_bound(path); it != tree.end() && it->first.starts_with(path); ++it) {
        if (it->first.find('/', path.size()) != std::string::npos)
            continue;
        if (it->second.info.kind == FileKind::directory)
            folders.push_back(it->first + "/");
        // 7zz takes a link's target for its content.
        to += it->second.info.kind == FileKind::symlink ? it->second.info.target : it->second.content;
    }
    for (const std::string& folder : folders)
        append_content(tree, folder, to);
}

/// 7zz must read the same content.
void expect_read_by_7zz(const Entries& tree, const Buffer& image) {
    const TemporaryFolder work;
    put(work.path() / "image", as_text(image));
    const std::string at = work.path().string();
    EXPECT_EQ(0, std::system(("7zz x -so " + at + "/image >" + at + "/out 2>/dev/null").c_str()));
    std::string expected;
    append_content(tree, "", expected);
    const Buffer out = file_bytes(work.path() / "out");
    EXPECT_EQ(expected.size(), out.size());
    EXPECT_TRUE(expected == as_text(out));
}

/// The sample tree, made once.
const Entries& sample() {
    static const Entries tree = [] {
        const TemporaryFolder folder;
        make_sample_tree(folder.path(), 8192);
        return tree_on_disk(folder.path());
    }();
    return tree;
}

class SquashfsVersion : public testing::TestWithParam<SquashfsPlan> {};

TEST_P(SquashfsVersion, GivesBackTheTreeItWasMadeFrom) {
    const SquashfsPlan plan = GetParam();
    Entries tree = sample();
    add(tree, "null", FileKind::character_device, "");
    add(tree, "disk", FileKind::block_device, "");
    add(tree, "socket", FileKind::socket, "", 1040);
    for (std::uint32_t i = 0; i < 40; ++i)  // more owners than four bits can name
        add(tree, "owned-" + std::to_string(i), i % 7 == 0 ? FileKind::fifo : FileKind::regular, i % 7 == 0 ? "" : std::to_string(i), 1000 + i);
    const Buffer image = SquashfsWriter(plan).write(tree);
    expect_read(tree, plan, image);
    if (plan.major < 4 || plan.endian == Endian::little)  // nothing else reads the other
        expect_read_by_7zz(tree, image);
}

INSTANTIATE_TEST_SUITE_P(Squashfs, SquashfsVersion,
                         testing::Values(SquashfsPlan{.major = 1, .minor = 0}, SquashfsPlan{.major = 1, .minor = 0, .endian = Endian::big},
                                         SquashfsPlan{.major = 1, .minor = 1, .block_size = 32768, .check_data = true},
                                         SquashfsPlan{.major = 1, .minor = 1, .endian = Endian::big, .block_size = 32768, .check_data = true},
                                         SquashfsPlan{.major = 2, .minor = 0}, SquashfsPlan{.major = 2, .minor = 0, .endian = Endian::big},
                                         SquashfsPlan{.major = 2, .minor = 1, .block_size = 65536},
                                         SquashfsPlan{.major = 2, .minor = 1, .endian = Endian::big, .check_data = true},
                                         SquashfsPlan{.major = 3, .minor = 0},
                                         SquashfsPlan{.major = 3, .minor = 0, .endian = Endian::big, .check_data = true},
                                         SquashfsPlan{.major = 3, .minor = 1, .block_size = 131072},
                                         SquashfsPlan{.major = 3, .minor = 1, .endian = Endian::big},
                                         SquashfsPlan{.major = 4, .minor = 0}, SquashfsPlan{.major = 4, .minor = 0, .endian = Endian::big}),
                         [](const auto& one) {
                             return fmt::format("V{}_{}{}{}", one.param.major, one.param.minor, one.param.endian == Endian::big ? "Big" : "Little",
                                                one.param.check_data ? "CheckData" : "");
                         });

/// Each block in its own way, in turn.
Compress in_turn(std::vector<Compress> ways) {
    return [ways, next = std::make_shared<std::size_t>(0)](Bytes content) { return ways[(*next)++ % ways.size()](content); };
}

Compress bare_lzma(std::uint32_t lc, std::uint32_t lp, std::uint32_t pb, const Buffer& prefix = {}) {
    return [=](Bytes content) { return with_bare_lzma(content, lc, lp, pb, prefix); };
}

Compress headed_lzma(std::size_t header) {
    return [=](Bytes content) { return with_headed_lzma(content, header); };
}

/// The usual header, but the size in it is wrong.
Buffer with_wrong_size(Bytes content) {
    Buffer out = with_headed_lzma(content, 13);
    out[6] ^= 0x55;
    return out;
}

struct Vendor {
    const char* name;
    Compress compress;
    const char* guessed;
};

class SquashfsVendor : public testing::TestWithParam<Vendor> {};

TEST_P(SquashfsVendor, CompressorIsFoundByTrial) {
    const Entries tree = small_tree();
    for (const SquashfsPlan& made : {SquashfsPlan{.major = 1}, SquashfsPlan{.major = 2, .minor = 1, .endian = Endian::big},
                                     SquashfsPlan{.major = 3, .minor = 1},
                                     SquashfsPlan{.major = 3, .endian = Endian::big, .magic = "qshs"}, SquashfsPlan{.major = 4, .compression = 1},
                                     SquashfsPlan{.major = 4, .endian = Endian::big, .magic = "sqlz", .compression = 2}}) {
        SquashfsPlan plan = made;
        plan.compress = GetParam().compress;
        const Buffer image = SquashfsWriter(plan).write(tree);
        expect_read(tree, plan, image);
        CollectingSink sink;
        ASSERT_TRUE(read_squashfs(image, {}, sink));
        EXPECT_THAT(sink.description, HasSubstr(GetParam().guessed));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Squashfs, SquashfsVendor,
    testing::Values(Vendor{"DeflateWithoutHeader", with_bare_deflate, "compressed with deflate without zlib's header, found by trial"},
                    Vendor{"LzmaWithoutHeader", bare_lzma(3, 0, 2), "compressed with LZMA without a header, lc 3, lp 0, pb 2, found by trial"},
                    Vendor{"LzmaOfOpenWrt", bare_lzma(1, 2, 2), "LZMA without a header, lc 1, lp 2, pb 2"},
                    Vendor{"LzmaBehindFourBytes", bare_lzma(0, 2, 2, {1, 2, 3, 4}), "LZMA behind 4 bytes, lc 0, lp 2, pb 2"},
                    Vendor{"LzmaBehindTenBytes", bare_lzma(3, 0, 2, Buffer(10, 0x77)), "LZMA behind 10 bytes, lc 3, lp 0, pb 2"},
                    Vendor{"LzmaWithProperties", headed_lzma(5), "LZMA with a header of 5 bytes"},
                    Vendor{"LzmaWithShortSize", headed_lzma(9), "LZMA with a header of 9 bytes"},
                    Vendor{"LzmaWithWrongSize", with_wrong_size, "LZMA with a header of 13 bytes"},
                    Vendor{"LzmaChangingByBlock", in_turn({bare_lzma(3, 0, 0), bare_lzma(0, 2, 2), bare_lzma(2, 1, 1), bare_lzma(0, 0, 4)}),
                           "LZMA without a header"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(SquashfsVendors, ZlibAndLzmaInTurnByEachMagic) {
    const Entries tree = small_tree();
    for (const char* magic : {"hsqs", "sqsh", "shsq", "qshs", "tqsh", "hsqt", "sqlz"}) {
        for (const unsigned major : {1U, 2U, 3U, 4U}) {
            SquashfsPlan plan{.major = major, .magic = magic, .compress = in_turn({with_zlib, headed_lzma(13)})};
            const Buffer image = SquashfsWriter(plan).write(tree);
            expect_read(tree, plan, image);
            const auto found = identify_squashfs(image);
            EXPECT_EQ(std::string_view(magic) != "hsqs" && std::string_view(magic) != "sqsh", found->description.find("a vendor's magic") != std::string::npos);
            if (std::string_view(magic) == "shsq")  // where 7zz looks for this mixture
                expect_read_by_7zz(tree, image);
        }
    }
}

TEST(SquashfsVendors, LzmaAs7zzReadsIt) {
    const Entries tree = small_tree();
    for (const Endian endian : {Endian::little, Endian::big}) {
        const SquashfsPlan plan{.major = 3, .minor = 1, .endian = endian, .compress = [](Bytes content) { return with_bare_lzma(content, 3, 0, 2, {}, true); }};
        const Buffer image = SquashfsWriter(plan).write(tree);
        expect_read(tree, plan, image);
        expect_read_by_7zz(tree, image);
    }
}

TEST(SquashfsVendors, UncompressedMetadataLeavesTheGuessToContent) {
    const Entries tree = small_tree();
    for (const unsigned major : {1U, 2U, 3U, 4U}) {
        SquashfsPlan plan{.major = major, .compress = bare_lzma(2, 0, 3), .compress_metadata = false};
        expect_read(tree, plan, SquashfsWriter(plan).write(tree));
    }
}

TEST(SquashfsVendors, BehindAndBeforeOtherBytes) {
    const Entries tree = small_tree();
    const Buffer image = SquashfsWriter({.major = 3, .endian = Endian::big, .magic = "qshs", .compress = bare_lzma(3, 0, 2)}).write(tree);
    const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    making::expect_covered(*unpacked);
    const auto file = making::find(*unpacked, "squashfs@0x4d5/d/9000");
    ASSERT_TRUE(file);
    EXPECT_EQ(tree.at("d/9000").content, as_text(unpacked->bytes(*file)));
    EXPECT_THAT(unpacked->regions()[1].description, HasSubstr("SquashFS 3.0, big-endian, a vendor's magic, 11 inodes"));
    EXPECT_THAT(unpacked->regions()[1].description, HasSubstr("compressed with LZMA without a header, lc 3, lp 0, pb 2, found by trial"));
}

std::vector<SquashfsPlan> small_plans() {
    return {{.major = 1, .endian = Endian::big},
            {.major = 2, .minor = 1},
            {.major = 3, .endian = Endian::big, .check_data = true},
            {.major = 3, .compress = bare_lzma(3, 0, 2)},
            {.major = 4, .endian = Endian::big}};
}

TEST(SquashfsVersions, TruncatedAnywhereGivesAPartAndNoMore) {
    Entries tree = small_tree();
    tree.erase("d/9000");
    tree.erase("d/e/noise");
    for (const SquashfsPlan& plan : small_plans()) {
        const Buffer image = SquashfsWriter(plan).write(tree);
        CollectingSink whole;
        ASSERT_TRUE(read_squashfs(image, {}, whole));
        for (std::size_t size = 0; size < image.size(); ++size) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
            const auto found = identify_squashfs(part);
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_squashfs(part, {}, sink);
            expect_part(whole.entries, sink);
        }
    }
}

TEST(SquashfsVersions, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const SquashfsPlan& plan : small_plans()) {
        const Buffer image = SquashfsWriter(plan).write(small_tree());
        for (int round = 0; round < 600; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 3; ++i)
                flipped[random() % (i == 0 && round % 4 == 0 ? 119 : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
            (void)identify_squashfs(flipped);
            CollectingSink sink(8 << 20);
            (void)read_squashfs(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

TEST(SquashfsVersions, ADamagedBlockDamagesItsFileOnly) {
    Entries tree = small_tree();
    for (const SquashfsPlan& plan : small_plans()) {
        Buffer image = SquashfsWriter(plan).write(tree);
        CollectingSink before;
        ASSERT_TRUE(read_squashfs(image, {}, before));
        image[(plan.major == 4 ? 96U : 119U) + 40] ^= 0xff;  // the first block of content: of the first file with a whole block
        CollectingSink sink;
        (void)read_squashfs(image, {}, sink);
        std::size_t damaged = 0;
        for (const auto& [path, entry] : sink.entries) {
            damaged += entry.damage.empty() ? 0 : 1;
            if (entry.damage.empty()) {
                EXPECT_EQ(before.entries[path].content, entry.content) << path;
            }
        }
        EXPECT_EQ(1U, damaged);
    }
}

}  // namespace
}  // namespace shirushi::unpack
