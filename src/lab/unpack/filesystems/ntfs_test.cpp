#include "unpack/filesystems/ntfs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/filesystems/lznt1.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

void make_plain_tree(const std::filesystem::path& root) {
    add_sized_files(root, 8192);
    std::filesystem::create_directories(root / "a/b/c/d/e/f/g");
    std::filesystem::create_directories(root / "empty");
    std::filesystem::create_directories(root / "many");
    for (int i = 0; i < 300; ++i)
        put(root / "many" / ("a-file-with-a-name-that-takes-room-" + std::to_string(i)), std::to_string(i));
    put(root / "a/b/c/d/e/f/g/deep", "deep down\n");
    put(root / std::string(255, 'n'), "long name\n");
    put(root / "\xE5\x8D\xB0 \xE3\x81\x97\xE3\x82\x8B\xE3\x81\x97", "unicode\n");
    put(root / "many/\xF0\x9F\x94\x8F", "beyond the basic plane\n");
    std::filesystem::create_symlink("size-1", root / "link");
    std::filesystem::create_symlink("a/b/c", root / "link-to-folder");
    std::filesystem::create_symlink("../../etc/shadow", root / "climbing");
    std::filesystem::create_hard_link(root / "noise", root / "a/noise-again");
}

std::map<std::string, CollectedEntry> expected_in_ntfs(const std::filesystem::path& root) {
    auto entries = tree_on_disk(root);
    for (auto& [path, entry] : entries) {
        entry.info.mode = 0755;
        entry.info.uid = entry.info.gid = 0;
    }
    return entries;
}

void shell(const std::filesystem::path& folder, const std::string& command) {
    const std::string said = (folder / "said").string();
    EXPECT_EQ(0, std::system(("cd " + folder.string() + " && PATH=$PATH:/usr/sbin:/sbin && { " + command + "; } > " + said + " 2>&1").c_str()))
        << command << "\n" << as_text(file_bytes(said));
}

/// An empty volume with everything below a folder put into it.
Buffer make_ntfs(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options, const std::string& size) {
    shell(work, "rm -f image.ntfs; truncate -s " + size + " image.ntfs && mkntfs -q -F -p 0 -H 0 -S 0 " + options + " image.ntfs && wimcapture --compress=none " + tree.string() +
                    " tree.wim && wimapply tree.wim 1 image.ntfs");
    return file_bytes(work / "image.ntfs");
}

std::map<std::string, CollectedEntry> entries_of(const Buffer& image) {
    CollectingSink sink;
    const auto read = read_ntfs(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    return sink.entries;
}

struct Making {
    const char* name;
    const char* options;
};

class EveryNtfs : public testing::TestWithParam<Making> {};

TEST_P(EveryNtfs, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_plain_tree(tree.path());
    const Buffer image = make_ntfs(tree.path(), work.path(), GetParam().options, "12M");
    const auto found = identify_ntfs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    expect_same(expected_in_ntfs(tree.path()), entries_of(image));
}

INSTANTIATE_TEST_SUITE_P(Ntfs, EveryNtfs,
                         testing::Values(Making{"clusters_of_4096", "-L Volume"}, Making{"clusters_of_512", "-c 512"}, Making{"clusters_of_65536", "-c 65536"},
                                         Making{"sectors_of_4096", "-s 4096"}),
                         [](const auto& making) { return std::string(making.param.name); });

TEST(Ntfs, CompressedFilesAndStreams) {
    const TemporaryFolder work;
    put(work.path() / "text", sample_text(300'001, 1));
    put(work.path() / "noise", sample_noise(200'000, 2));
    put(work.path() / "mixed", sample_text(70'000, 3) + sample_noise(70'000, 4) + std::string(200'000, '\0') + sample_text(5000, 5));
    put(work.path() / "small", "text\n");
    shell(work.path(), "truncate -s 8M image.ntfs && mkntfs -q -F -C -L 'My disk' -p 0 -H 0 -S 0 image.ntfs; for i in text noise mixed small; do ntfscp -f image.ntfs $i $i; done; "
                       "ntfscp -f -N hidden image.ntfs text small; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ntfscp -f -N stream-with-a-long-name-$i image.ntfs noise small; done");
    const Buffer image = file_bytes(work.path() / "image.ntfs");
    CollectingSink sink;
    ASSERT_TRUE(read_ntfs(image, {}, sink));
    EXPECT_EQ("label \"My disk\"", sink.description);
    for (const char* name : {"text", "noise", "mixed", "small"}) {
        EXPECT_EQ("", sink.entries[name].damage) << name;
        EXPECT_TRUE(as_text(file_bytes(work.path() / name)) == sink.entries[name].content) << name;
    }
    EXPECT_TRUE(sink.entries["small:hidden"].content == sink.entries["text"].content);
    EXPECT_TRUE(sink.entries["small:stream-with-a-long-name-20"].content == sink.entries["noise"].content) << "its record goes on in others";
    EXPECT_EQ(25U, sink.entries.size());
    EXPECT_EQ(std::string::npos, as_text(image).find(sample_text(300'001, 1).substr(1000, 5000))) << "the test tests what it says only if it was compressed";
}

TEST(Ntfs, BetweenOtherBytesAndInAPartition) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("truncate -s 4M n; /sbin/mkntfs -q -F -p 0 -H 0 -S 0 n >/dev/null; wimcapture --compress=none root w.wim >/dev/null; wimapply w.wim 1 n >/dev/null; cat n");
    const auto tree = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
    const auto text = [&](std::string_view path) {
        const auto found = making::find(*tree, path);
        return found ? std::string(as_text(tree->bytes(*found))) : "not found";
    };
    EXPECT_EQ(text("ntfs@0x4d5/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
    EXPECT_TRUE(text("ntfs@0x4d5/usr/lib/deep/er/numbers").ends_with("39999\n40000\n"));
    EXPECT_EQ(text("ntfs@0x4d5/bin/twin"), "program");
    EXPECT_EQ(tree->gaps().size(), 2U) << making::tables(*tree);
    making::expect_covered(*tree);
}

struct SmallNtfs : testing::Test {
    SmallNtfs() {
        for (const int size : {0, 1, 600, 3000, 9000})
            put(tree.path() / (std::to_string(size) + " bytes.bin"), sample_text(static_cast<std::size_t>(size), 3));
        std::filesystem::create_directories(tree.path() / "d/e");
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        image = make_ntfs(tree.path(), work.path(), "-c 1024", "1200K");
        table = as_text(image).find("FILE0");
    }

    /// Where the record of the file with this name begins.
    std::size_t record_of(std::string_view name) {
        std::string units;
        for (const char c : name)
            units += {c, '\0'};
        for (std::size_t at = table; at + 1024 <= image.size() && as_text(image).substr(at, 4) == "FILE"; at += 1024)
            if (as_text(image).substr(at, 1024).contains(units))
                return at;
        ADD_FAILURE() << name;
        return 0;
    }
    std::size_t attribute_of(std::size_t record, std::uint32_t type) {
        std::size_t at = record + load_le<std::uint16_t>(image.data() + record + 20);
        while (load_le<std::uint32_t>(image.data() + at) < type)
            at += load_le<std::uint32_t>(image.data() + at + 4);
        EXPECT_EQ(type, load_le<std::uint32_t>(image.data() + at));
        return at;
    }
    TemporaryFolder tree;
    TemporaryFolder work;
    Buffer image;
    std::size_t table = 0;
};

TEST_F(SmallNtfs, TruncatedAnywhereGivesAPartAndNoMore) {
    const auto whole = entries_of(image);
    EXPECT_EQ(9U, whole.size());
    for (std::size_t size = 0; size < image.size(); size += size < 600 ? 1 : size < table || size > table + 80'000 ? 8191 : 331) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const auto found = identify_ntfs(part);
        EXPECT_EQ(size >= 512, found.has_value()) << size;
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(1 << 20);
        (void)read_ntfs(part, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        for (const auto& [path, entry] : sink.entries) {
            if (entry.damage.empty() && entry.info.kind == FileKind::regular) {
                const auto same = whole.find(path.substr(path.starts_with("$orphans/") ? 9 : 0));
                EXPECT_TRUE(path.starts_with("$orphans/") || (same != whole.end() && same->second.content == entry.content)) << path << " of " << size;
            }
        }
    }
}

TEST_F(SmallNtfs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(20);
    image.resize(std::min(image.size(), table + (std::size_t{200} << 10)));
    for (int round = 0; round < 700; ++round) {
        std::vector<std::pair<std::size_t, std::uint8_t>> undo;
        for (int i = 0; i < 6; ++i) {
            const std::size_t at = i == 0 && round % 4 == 0 ? 11 + random() % 60 : table + (i < 2 ? random() % 1024 : 16 * 1024 + random() % (48 << 10));
            undo.emplace_back(at, image[at]);
            image[at] ^= static_cast<std::uint8_t>(1 + random() % 255);
        }
        const auto found = identify_ntfs(image);
        EXPECT_LE(found ? found->size : 0, image.size());
        CollectingSink sink(1 << 20);
        (void)read_ntfs(image, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        for (auto change = undo.rbegin(); change != undo.rend(); ++change)
            image[change->first] = change->second;
    }
}

TEST_F(SmallNtfs, EncryptedFilesAreSaid) {
    image[attribute_of(record_of("9000 bytes.bin"), 0x80) + 13] |= 0x40;
    const auto entries = entries_of(image);
    EXPECT_THAT(entries.at("9000 bytes.bin").damage, HasSubstr("encrypted by EFS"));
    EXPECT_EQ("", entries.at("9000 bytes.bin").content);
    EXPECT_EQ("", entries.at("3000 bytes.bin").damage);
}

TEST_F(SmallNtfs, TornRecordsAreReadAndSaid) {
    const auto whole = entries_of(image);
    const std::size_t torn = record_of("3000 bytes.bin");
    image[torn + 510] ^= 0xff;
    CollectingSink sink;
    auto read = read_ntfs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("1 records of the master file table are damaged"));
    EXPECT_THAT(sink.entries["3000 bytes.bin"].damage, HasSubstr("check numbers"));
    EXPECT_EQ(whole.at("9000 bytes.bin").content, sink.entries["9000 bytes.bin"].content);
}

TEST_F(SmallNtfs, WhatNoFolderHoldsIsAnOrphan) {
    const std::size_t name = attribute_of(record_of("9000 bytes.bin"), 0x30);
    image[name + 24] = 0x40;  // its folder's number: one that is free
    image[name + 25] = 0x0f;
    const auto entries = entries_of(image);
    ASSERT_TRUE(entries.contains("$orphans/9000 bytes.bin"));
    EXPECT_EQ(sample_text(9000, 3), entries.at("$orphans/9000 bytes.bin").content);
}

TEST_F(SmallNtfs, TheCopyOfTheTablesFirstRecordStandsInForIt) {
    const auto whole = entries_of(image);
    std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(table), 1024, std::uint8_t{0});
    CollectingSink sink;
    const auto read = read_ntfs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("its copy was taken"));
    expect_same(whole, sink.entries);
}

TEST(Lznt1, ReferencesAndStoredChunks) {
    // A chunk by hand: "abc" and a reference to it, three bytes back, nine long; then a chunk that is stored.
    const Buffer in{0x05, 0xb0, 0x08, 'a', 'b', 'c', 0x06, 0x20, 0x02, 0x30, 'x', 'y', 'z'};
    Buffer out(4096 + 5);
    ASSERT_TRUE(decode_lznt1(in, out));
    EXPECT_EQ("abcabcabcabc", as_text(out).substr(0, 12));
    EXPECT_EQ(0, out[12]);
    EXPECT_EQ(std::string_view("xyz\0\0", 5), as_text(out).substr(4096));
    Buffer wrong = in;
    wrong[7] = 0xf0;  // further back than anything is
    EXPECT_FALSE(decode_lznt1(wrong, out));
    EXPECT_FALSE(decode_lznt1(Bytes(in).first(5), out));
}

}  // namespace
}  // namespace shirushi::unpack
