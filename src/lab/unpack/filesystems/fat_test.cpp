#include "unpack/filesystems/fat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ranges>

#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

const std::string kJapanese = "\xE5\x8D\xB0 \xE3\x81\x97\xE3\x82\x8B\xE3\x81\x97.txt";

/// What FAT can hold of a tree: files and folders with names that Windows allows.
void make_plain_tree(const std::filesystem::path& root) {
    add_sized_files(root, 8192);
    std::filesystem::create_directories(root / "a/b/c/d/e/f/g");
    std::filesystem::create_directories(root / "empty");
    std::filesystem::create_directories(root / "many");
    for (int i = 0; i < 300; ++i)
        put(root / "many" / ("a-file-with-a-name-that-takes-room-" + std::to_string(i)), std::to_string(i));
    put(root / "a/b/c/d/e/f/g/deep", "deep down\n");
    put(root / std::string(200, 'n'), "long name\n");
    put(root / kJapanese, "unicode\n");
    put(root / "UPPER.TXT", "short name\n");
    put(root / "lower.txt", "short name in lower case\n");
    put(root / "MiXed.tXt", "long name for a short one\n");
    std::filesystem::permissions(root / "UPPER.TXT", std::filesystem::perms(0444));
    ASSERT_TRUE(run("find " + root.string() + " -exec touch -d '2021-03-04 05:06:08 UTC' {} +"));
}

std::map<std::string, CollectedEntry> expected_in_fat(const std::filesystem::path& root) {
    auto entries = tree_on_disk(root);
    for (auto& [path, entry] : entries) {
        const bool is_read_only = (entry.info.mode & 0200) == 0;
        entry.info.mode = is_read_only ? 0555 : 0755;
        entry.info.uid = entry.info.gid = 0;
    }
    return entries;
}

/// Directories get the time of their making from mtools.
void forget_directory_times(std::map<std::string, CollectedEntry>& entries) {
    for (auto& [path, entry] : entries)
        if (entry.info.kind == FileKind::directory)
            entry.info.modified = 0;
}

Buffer make_fat(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options, int kilobytes) {
    const std::string image = (work / "image.fat").string();
    std::filesystem::remove(image);
    EXPECT_TRUE(run("/sbin/mkfs.fat " + options + " --invariant -C " + image + " " + std::to_string(kilobytes)));
    EXPECT_TRUE(run("cd " + tree.string() + " && TZ=UTC LC_ALL=C.UTF-8 MTOOLS_SKIP_CHECK=1 mcopy -s -m -p -i " + image + " * ::/"));
    if (std::filesystem::exists(tree / "UPPER.TXT")) {
        EXPECT_TRUE(run("MTOOLS_SKIP_CHECK=1 mattrib +r -i " + image + " ::/UPPER.TXT"));
    }
    return file_bytes(image);
}

struct Making {
    const char* name;
    const char* options;
    int kilobytes;
    const char* description;
};

class EveryFat : public testing::TestWithParam<Making> {};

TEST_P(EveryFat, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_plain_tree(tree.path());
    const Buffer image = make_fat(tree.path(), work.path(), GetParam().options, GetParam().kilobytes);
    const auto found = identify_fat(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));

    CollectingSink sink;
    const auto read = read_fat(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    auto expected = expected_in_fat(tree.path());
    forget_directory_times(expected);
    forget_directory_times(sink.entries);
    expect_same(expected, sink.entries);

    CollectingSink other;
    ASSERT_TRUE(read_fat(image, {.index = 1, .count = 2}, other));
    EXPECT_TRUE(other.entries.empty());
}

INSTANTIATE_TEST_SUITE_P(Fat, EveryFat,
                         testing::Values(Making{"fat12", "-F 12 -n BOOT", 2880, "FAT12, "}, Making{"fat12_floppy", "-n 'FLOPPY A'", 1440, "label \"FLOPPY A\""},
                                         Making{"fat16", "-F 16 -n DATA", 12000, "FAT16, "}, Making{"fat16_one_table", "-F 16 -f 1 -r 256", 20000, "FAT16, "},
                                         Making{"fat16_large_sectors", "-F 16 -S 2048", 40000, "FAT16, "}, Making{"fat32", "-F 32 -n SYSTEM", 40000, "FAT32, "},
                                         Making{"fat32_small_clusters", "-F 32 -s 1 -R 8", 36000, "clusters of 512 bytes"}),
                         [](const auto& making) { return std::string(making.param.name); });

TEST(Fat, InsideADiskAndBetweenOtherBytes) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("/sbin/mkfs.fat -F 12 -C f 2048 >/dev/null; (cd root; TZ=UTC mcopy -s -m -i ../f etc usr ::/); cat f");
    const auto tree = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    const auto text = [&](std::string_view path) {
        const auto found = making::find(*tree, path);
        return found ? std::string(as_text(tree->bytes(*found))) : "not found";
    };
    EXPECT_EQ(text("fat@0x4d5/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
    EXPECT_EQ(text("fat@0x4d5/etc/init.d/S50x"), "#!/bin/sh\n");
    EXPECT_EQ(text("fat@0x4d5/etc/empty"), "");
    EXPECT_TRUE(text("fat@0x4d5/usr/lib/deep/er/numbers").ends_with("39999\n40000\n"));
    EXPECT_EQ(tree->gaps().size(), 2U);
    making::expect_covered(*tree);

    const Buffer disk = shop.run("truncate -s 4M disk; echo 'start=64,type=c' | /sbin/sfdisk -q disk; dd if=f of=disk conv=notrunc seek=64 status=none; cat disk");
    const auto inside = making::unpacked(disk);
    EXPECT_TRUE(making::find(*inside, "mbr@0x0/partition1/fat@0x0/etc/passwd").has_value()) << making::tables(*inside);
}

struct SmallFat : testing::Test {
    /// Some files whose clusters lie in turns, and one that was deleted.
    Buffer make(const std::string& options, int kilobytes = 36) {
        for (const int size : {0, 1, 600, 3000})
            put(tree.path() / (std::to_string(size) + " bytes.bin"), sample_text(static_cast<std::size_t>(size), 3));
        std::filesystem::create_directories(tree.path() / "d");
        put(tree.path() / "d/f", "text\n");
        return make_fat(tree.path(), work.path(), options, kilobytes);
    }
    [[nodiscard]] std::string image() const { return (work.path() / "image.fat").string(); }
    TemporaryFolder tree;
    TemporaryFolder work;
};

const char* const kTiny = "-F 12 -r 16 -s 1";

TEST_F(SmallFat, DeletedAndFragmentedFiles) {
    make(kTiny);
    put(work.path() / "long", sample_text(9000, 5));
    ASSERT_TRUE(run("cd " + work.path().string() + " && mdel -i image.fat '::/600 bytes.bin' && mcopy -i image.fat long ::/d/long"));
    const Buffer bytes = file_bytes(image());
    CollectingSink sink;
    ASSERT_TRUE(read_fat(bytes, {}, sink));
    EXPECT_EQ(0U, sink.entries.count("600 bytes.bin"));
    EXPECT_EQ(sample_text(9000, 5), sink.entries["d/long"].content) << "it fills the hole and goes on behind";
    EXPECT_EQ(sample_text(3000, 3), sink.entries["3000 bytes.bin"].content);
}

TEST_F(SmallFat, TruncatedAnywhereGivesAPartAndNoMore) {
    const Buffer image = make(kTiny);
    CollectingSink whole;
    ASSERT_TRUE(read_fat(image, {}, whole));
    EXPECT_EQ(6U, whole.entries.size());
    for (std::size_t size = 0; size < image.size(); size += size < 10000 ? 1 : 509) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const auto found = identify_fat(part);
        EXPECT_EQ(size >= 512, found.has_value()) << size;
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(1 << 20);
        (void)read_fat(part, {}, sink);
        expect_part(whole.entries, sink);
    }
}

TEST_F(SmallFat, FlippedBytesNeverBreakOut) {
    std::mt19937 random(20);
    for (const auto& [options, kilobytes] : {std::tuple{kTiny, 36}, std::tuple{"-F 32 -s 1 -R 8", 36000}}) {
        Buffer image = make(options, kilobytes);
        image.resize(std::min<std::size_t>(image.size(), 600 << 10));  // FAT32's two tables and the files behind them
        for (int round = 0; round < 600; ++round) {
            Buffer flipped = image.size() > 65536 ? Buffer() : image;  // small ones in memory of their own: overruns show
            Buffer& now = flipped.empty() ? image : flipped;
            std::vector<std::pair<std::size_t, std::uint8_t>> undo;
            for (int i = 0; i < 4; ++i) {
                const std::size_t at = i == 0 && round % 4 == 0 ? random() % 96 : i < 3 ? random() % 4608 : now.size() - 1 - random() % 32768;
                undo.emplace_back(at, now[at]);
                now[at] ^= static_cast<std::uint8_t>(1 + random() % 255);
            }
            const auto found = identify_fat(now);
            EXPECT_LE(found ? found->size : 0, now.size());
            CollectingSink sink(1 << 20);
            (void)read_fat(now, {}, sink);
            EXPECT_EQ(0, sink.misuses);
            for (const auto& [at, old] : undo | std::views::reverse)
                now[at] = old;
        }
    }
}

TEST_F(SmallFat, TheSecondTableStandsInForTheFirst) {
    Buffer image = make(kTiny);
    CollectingSink whole;
    ASSERT_TRUE(read_fat(image, {}, whole));
    Buffer wiped = image;
    std::fill_n(wiped.begin() + 512, 512, std::uint8_t{0});
    CollectingSink sink;
    auto read = read_fat(wiped, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("the first allocation table is damaged; the second was taken"));
    expect_same(whole.entries, sink.entries);

    Buffer holes = image;
    std::fill_n(holes.begin() + 512 + 3, 300, std::uint8_t{0});
    CollectingSink again;
    read = read_fat(holes, {}, again);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("followed in the other"));
    expect_same(whole.entries, again.entries);
}

TEST_F(SmallFat, TheCopyOfTheBootSectorStandsInForIt) {
    Buffer image = make("-F 32 -s 1", 36000);
    CollectingSink whole;
    ASSERT_TRUE(read_fat(image, {}, whole));
    std::fill_n(image.begin(), 510, std::uint8_t{0});
    const auto found = identify_fat(image);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->description, HasSubstr("its copy was taken"));
    CollectingSink sink;
    ASSERT_TRUE(read_fat(image, {}, sink));
    expect_same(whole.entries, sink.entries);
}

/// Sets an entry of a FAT12 table, in both tables of the small image.
void set_next(Buffer& image, std::uint32_t cluster, std::uint32_t value) {
    for (const std::size_t table : {512U, 1024U}) {
        std::uint8_t* at = image.data() + table + cluster * 3 / 2;
        const std::uint32_t shift = cluster % 2 * 4;
        const std::uint32_t old = load_le<std::uint16_t>(at);
        const std::uint32_t changed = (old & ~(0xfffU << shift)) | value << shift;
        at[0] = static_cast<std::uint8_t>(changed);
        at[1] = static_cast<std::uint8_t>(changed >> 8);
    }
}

/// Where a short name stands in the root directory, and its first cluster.
std::size_t slot_of(const Buffer& image, std::string_view name) { return as_text(image).find(name); }
std::uint32_t cluster_of(const Buffer& image, std::size_t slot) { return load_le<std::uint16_t>(image.data() + slot + 26); }

TEST_F(SmallFat, ChainsThatLoopOrCrossAreBoundedAndSaid) {
    const Buffer image = make(kTiny);
    const std::size_t long_file = slot_of(image, "3000BY~1BIN");
    const std::size_t other = slot_of(image, "600BYT~1BIN");
    ASSERT_NE(std::string::npos, long_file);
    ASSERT_NE(std::string::npos, other);
    const std::uint32_t first = cluster_of(image, long_file);

    Buffer loop = image;
    set_next(loop, first + 1, first);
    CollectingSink sink;
    ASSERT_TRUE(read_fat(loop, {}, sink));
    EXPECT_THAT(sink.entries["3000 bytes.bin"].damage, HasSubstr("shares clusters"));
    EXPECT_LE(sink.entries["3000 bytes.bin"].content.size(), 3000U);

    Buffer endless = loop;
    endless[long_file + 31] = 0x70;  // a size of two gigabytes
    CollectingSink bounded;
    ASSERT_TRUE(read_fat(endless, {}, bounded));
    EXPECT_THAT(bounded.entries["3000 bytes.bin"].damage, HasSubstr("leads back into itself"));
    EXPECT_LE(bounded.entries["3000 bytes.bin"].content.size(), image.size());

    Buffer cross = image;
    set_next(cross, cluster_of(image, other), first + 2);
    CollectingSink crossed;
    ASSERT_TRUE(read_fat(cross, {}, crossed));
    EXPECT_THAT(crossed.entries["600 bytes.bin"].damage, HasSubstr("shares clusters with another entry"));

    Buffer shortened = image;
    set_next(shortened, first, 0xfff);
    CollectingSink cut;
    ASSERT_TRUE(read_fat(shortened, {}, cut));
    EXPECT_THAT(cut.entries["3000 bytes.bin"].damage, HasSubstr("ends after 512 of 3000 bytes: its chain of clusters is too short"));
}

TEST_F(SmallFat, ALongNameThatIsNotItsOwnGivesWayToTheShortOne) {
    Buffer image = make(kTiny);
    const std::size_t slot = slot_of(image, "600BYT~1BIN");
    ASSERT_NE(std::string::npos, slot);
    image[slot + 1] = 'X';  // as an old DOS renames
    image[slot + 12] = 0x18;
    CollectingSink sink;
    ASSERT_TRUE(read_fat(image, {}, sink));
    EXPECT_EQ(0U, sink.entries.count("600 bytes.bin"));
    EXPECT_EQ(sample_text(600, 3), sink.entries["6x0byt~1.bin"].content);
}

TEST_F(SmallFat, ADirectoryThatHoldsItselfIsReadOnce) {
    Buffer image = make(kTiny);
    const std::size_t directory = slot_of(image, "D          \x10");
    ASSERT_NE(std::string::npos, directory);
    const std::size_t inside = 512 * 3 + 16 * 32 + (cluster_of(image, directory) - 2) * std::size_t{512};
    const std::size_t file = as_text(image).find("F          ", inside);
    ASSERT_NE(std::string::npos, file);
    image[file + 11] = 0x10;
    image[file + 26] = static_cast<std::uint8_t>(cluster_of(image, directory));
    CollectingSink sink;
    ASSERT_TRUE(read_fat(image, {}, sink));
    EXPECT_THAT(sink.entries["d"].damage, HasSubstr("this directory is listed elsewhere too"));
    EXPECT_EQ(0U, sink.entries.count("d/f"));
}

TEST(Fat, NoiseIsNone) {
    for (std::uint32_t seed = 0; seed < 3000; ++seed) {
        Buffer bytes = making::noise(4096, seed);
        bytes[0] = 0xeb;
        bytes[1] = 0x3c;
        bytes[510] = 0x55;
        bytes[511] = 0xaa;
        EXPECT_FALSE(identify_fat(bytes));
    }
}

}  // namespace
}  // namespace shirushi::unpack
