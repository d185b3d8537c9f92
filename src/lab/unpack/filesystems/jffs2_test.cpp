#include "unpack/filesystems/jffs2.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include <numeric>

#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/flash_making.hpp"
#include "unpack/filesystems/jffs2_codec.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

Buffer format_jffs2(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options, const std::string& then = "") {
    const std::string image = (work / "image").string();
    EXPECT_TRUE(run("PATH=$PATH:/usr/sbin:/sbin; cd " + work.string() + "; mkfs.jffs2 -r " + tree.string() + " -o " + image + " " + options + " && " +
                    (then.empty() ? "true" : then)));
    return file_bytes(image);
}

/// JFFS2 keeps sixteen bits of an owner, and mkfs.jffs2 254 bytes of a link's target (it says so).
std::map<std::string, CollectedEntry> expected_of(const std::filesystem::path& root) {
    auto entries = tree_on_disk(root);
    for (auto& [path, entry] : entries) {
        entry.info.uid &= 0xffffU;
        entry.info.gid &= 0xffffU;
        entry.info.target.resize(std::min<std::size_t>(entry.info.target.size(), 254));
    }
    return entries;
}

struct Making {
    const char* name;
    const char* options;
    const char* description;
    const char* then = "";
};

class EveryJffs2 : public testing::TestWithParam<Making> {};

TEST_P(EveryJffs2, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), 4096);
    const Buffer image = format_jffs2(tree.path(), work.path(), GetParam().options, GetParam().then);
    const auto found = identify_jffs2(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));

    CollectingSink sink;
    const auto read = read_jffs2(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    expect_same(expected_of(tree.path()), sink.entries);
}

INSTANTIATE_TEST_SUITE_P(
    Jffs2, EveryJffs2,
    testing::Values(Making{"little", "-l", "little-endian, erase blocks of 64 KiB"}, Making{"big", "-b", "big-endian, erase blocks of 64 KiB"},
                    Making{"rtime", "-x zlib -e 16KiB", "erase blocks of 16 KiB"}, Making{"rtime_big", "-b -x zlib -e 16KiB", "big-endian, erase blocks of 16 KiB"},
                    Making{"lzo", "-X lzo -x zlib -x rtime -p", "little-endian"}, Making{"lzo_big", "-b -X lzo -x zlib -x rtime -p", "big-endian"},
                    Making{"none", "-m none", "little-endian"}, Making{"none_big", "-b -m none", "big-endian"},
                    Making{"best_of_all", "-m size -X lzo -b", "big-endian"}, Making{"no_clean_markers", "-n -e 128KiB", "little-endian, "},
                    Making{"padded", "-p0x80000 -e 32KiB", ""},
                    Making{"large_pages", "-s 16KiB -e 256KiB", "little-endian"}, Making{"small_pages", "-s 512 -e 8KiB -b", "big-endian, erase blocks of 8 KiB"},
                    Making{"summaries", "-e 64KiB -l", "erase blocks of 64 KiB", "sumtool -l -e 64KiB -i image -o sum && mv sum image"},
                    Making{"summaries_big", "-e 16KiB -b", "erase blocks of 16 KiB", "sumtool -b -e 16KiB -i image -o sum && mv sum image"},
                    Making{"attributes", "--with-xattr", "little-endian"}),
    [](const auto& making) { return std::string(making.param.name); });

/// Writes nodes as the kernel does.
class Writer {
public:
    explicit Writer(Endian endian) : endian_(endian) {}

    void dirent(std::uint32_t parent, std::uint32_t version, std::uint32_t inode, std::string_view name) {
        Buffer node = start(0xe001, 40 + name.size());
        number(node, 12, parent, 4);
        number(node, 16, version, 4);
        number(node, 20, inode, 4);
        node[28] = static_cast<std::uint8_t>(name.size());
        number(node, 32, flash_checksum(0, Bytes(node).first(32)), 4);
        number(node, 36, flash_checksum(0, as_bytes(name)), 4);
        std::ranges::copy(name, node.begin() + 40);
        append(node);
    }
    struct Data {
        std::uint32_t size = 0;
        std::uint32_t offset = 0;
        std::uint32_t plain = 0;
        std::uint8_t compressor = 0;
        std::uint32_t mode = 0100644;
    };
    void inode(std::uint32_t number_of, std::uint32_t version, const Data& data, std::string_view stored) {
        Buffer node = start(0xe002, 68 + stored.size());
        number(node, 12, number_of, 4);
        number(node, 16, version, 4);
        number(node, 20, data.mode, 4);
        number(node, 28, data.size, 4);
        number(node, 44, data.offset, 4);
        number(node, 48, static_cast<std::uint32_t>(stored.size()), 4);
        number(node, 52, data.plain, 4);
        node[56] = data.compressor;
        number(node, 60, flash_checksum(0, as_bytes(stored)), 4);
        number(node, 64, flash_checksum(0, Bytes(node).first(60)), 4);
        std::ranges::copy(stored, node.begin() + 68);
        append(node);
    }
    void plain(std::uint32_t number_of, std::uint32_t version, std::uint32_t size, std::uint32_t offset, std::string_view text) {
        inode(number_of, version, {.size = size, .offset = offset, .plain = static_cast<std::uint32_t>(text.size())}, text);
    }
    void clean_marker() { append(start(0x2003, 12)); }
    void padding(std::size_t size) { append(start(0x2004, size)); }
    void erased_to(std::size_t size) { bytes.resize(size, 0xff); }
    /// Clears the bit in place, as on NOR flash.
    void make_obsolete(std::size_t at) { bytes[at + (endian_ == Endian::little ? 3 : 2)] &= 0xdf; }

    Buffer bytes;
    std::size_t last = 0;  ///< where the last node starts

private:
    void number(Buffer& node, std::size_t at, std::uint32_t value, std::size_t size) const {
        for (std::size_t i = 0; i < size; ++i)
            node[at + (endian_ == Endian::little ? i : size - 1 - i)] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    Buffer start(std::uint32_t type, std::size_t size) const {
        Buffer node(size);
        number(node, 0, 0x1985, 2);
        number(node, 2, type, 2);
        number(node, 4, static_cast<std::uint32_t>(size), 4);
        number(node, 8, flash_checksum(0, Bytes(node).first(8)), 4);
        return node;
    }
    void append(const Buffer& node) {
        bytes.resize((bytes.size() + 3) / 4 * 4, 0xff);
        last = bytes.size();
        bytes.insert(bytes.end(), node.begin(), node.end());
    }
    Endian endian_;
};

class Jffs2InBothOrders : public testing::TestWithParam<Endian> {};

TEST_P(Jffs2InBothOrders, TheNewestNodesCount) {
    Writer writer(GetParam());
    writer.clean_marker();
    writer.dirent(1, 1, 2, "grown");
    writer.plain(2, 1, 6, 0, "aaaaaa");
    writer.plain(2, 3, 12, 4, "CCCCCCCC");
    writer.plain(2, 2, 8, 2, "bbbbbb");  // written before version 3, moved behind it
    writer.dirent(1, 2, 3, "cut");
    writer.plain(3, 1, 8, 0, "12345678");
    writer.plain(3, 2, 3, 0, "");  // truncated to three bytes ...
    writer.inode(3, 3, {.size = 6, .offset = 3, .plain = 3, .compressor = 1}, "");  // ... and made longer again: zeros
    writer.dirent(1, 3, 4, "gone");
    writer.plain(4, 1, 4, 0, "gone");
    writer.dirent(1, 6, 0, "gone");
    writer.dirent(1, 4, 5, "old name");
    writer.plain(5, 1, 5, 0, "moved");
    writer.dirent(1, 7, 5, "new name");
    writer.dirent(1, 8, 0, "old name");
    writer.dirent(1, 9, 5, "second name");
    writer.dirent(1, 10, 6, "marked");
    writer.plain(6, 1, 3, 0, "new");
    writer.plain(6, 2, 5, 0, "never");
    writer.make_obsolete(writer.last);
    writer.padding(24);
    writer.dirent(1, 11, 7, "node");
    writer.inode(7, 1, {.mode = 0060660}, "");

    CollectingSink sink;
    const auto read = read_jffs2(writer.bytes, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ("aabbCCCCCCCC", sink.entries["grown"].content);
    EXPECT_EQ(std::string("123\0\0\0", 6), sink.entries["cut"].content);
    EXPECT_EQ("moved", sink.entries["new name"].content);
    EXPECT_EQ("moved", sink.entries["second name"].content);
    EXPECT_EQ("new", sink.entries["marked"].content);
    EXPECT_EQ(FileKind::block_device, sink.entries["node"].info.kind);
    EXPECT_EQ(6U, sink.entries.size());
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ("", entry.damage) << path;
    EXPECT_EQ("6 inodes, compressors none zero, 1 deleted", sink.description);
}

TEST_P(Jffs2InBothOrders, LossesAreNamed) {
    Writer writer(GetParam());
    writer.dirent(1, 1, 2, "hole");
    writer.plain(2, 1, 12, 8, "data");
    writer.dirent(1, 2, 3, "spoiled");
    writer.plain(3, 1, 4, 0, "good");
    writer.plain(3, 2, 4, 0, "bad!");
    writer.bytes.back() ^= 1U;
    writer.dirent(1, 3, 4, "absent");
    writer.plain(9, 1, 4, 0, "lost");
    writer.plain(10, 1, 0, 0, "");
    writer.dirent(1, 4, 11, "strange");
    writer.inode(11, 1, {.size = 4, .plain = 4, .compressor = 77}, "????");
    writer.dirent(1, 5, 12, "a/b");
    writer.dirent(1, 6, 1, "circle");
    CollectingSink sink;
    const auto read = read_jffs2(writer.bytes, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("leaves out an entry with the name \"a/b\""));
    EXPECT_EQ(std::string(8, '\0') + "data", sink.entries["hole"].content);
    EXPECT_EQ("zeros stand for bytes 0 to 7: no node holds them", sink.entries["hole"].damage);
    EXPECT_EQ("good", sink.entries["spoiled"].content);
    EXPECT_EQ("1 of its nodes has a wrong checksum and is left out", sink.entries["spoiled"].damage);
    EXPECT_THAT(sink.entries["absent"].damage, HasSubstr("none of its nodes is here"));
    EXPECT_EQ("lost", sink.entries["lost+found/inode-9"].content);
    EXPECT_THAT(sink.entries["lost+found/inode-9"].damage, HasSubstr("no directory names it"));
    EXPECT_THAT(sink.entries["strange"].damage, HasSubstr("compressor 77 is not known"));
    EXPECT_EQ(0U, sink.entries.count("circle"));
}

TEST_P(Jffs2InBothOrders, ASecondFileSystemIsAnotherOne) {
    const auto small = [&](std::string_view text, bool markers) {
        Writer writer(GetParam());
        for (std::uint32_t block = 0; block < 4; ++block) {
            if (markers)
                writer.clean_marker();
            writer.dirent(1, 1 + block, 2 + block, "file" + std::to_string(block));
            writer.plain(2 + block, 1, static_cast<std::uint32_t>(text.size()), 0, text);
            writer.erased_to((block + 1) * 4096);
        }
        return writer.bytes;
    };
    for (const bool markers : {true, false}) {
        const Buffer both = joined({small("one", markers), small("two", markers)});
        const auto first = identify_jffs2(both);
        ASSERT_TRUE(first);
        EXPECT_EQ(markers ? std::size_t{16384} : std::size_t{12288 + 45 + 3 + 71 + 1}, first->size);
        const auto tree = making::unpacked(joined({noise(1001, 1), both, noise(500, 2)}));
        for (const auto& [path, text] : {std::pair{"jffs2@0x3e9/file3", "one"}, std::pair{"jffs2@0x43e9/file3", "two"}}) {
            const auto file = making::find(*tree, path);
            ASSERT_TRUE(file) << path << making::tables(*tree);
            EXPECT_EQ(text, as_text(tree->bytes(*file)));
        }
    }
}

TEST_P(Jffs2InBothOrders, BadBlocksBetweenAreSteppedOver) {
    Writer writer(GetParam());
    writer.dirent(1, 1, 2, "a");
    writer.erased_to(65536);
    writer.bytes = joined({writer.bytes, noise(65536, 9)});
    writer.plain(2, 1, 4, 0, "data");
    const auto found = identify_jffs2(joined({writer.bytes, noise(300000, 3)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(writer.bytes.size(), found->size);
    CollectingSink sink;
    const auto read = read_jffs2(writer.bytes, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ("65,536 bytes between the nodes are none of it", read.error().message);
    EXPECT_EQ("data", sink.entries["a"].content);
}

INSTANTIATE_TEST_SUITE_P(Jffs2, Jffs2InBothOrders, testing::Values(Endian::little, Endian::big),
                         [](const auto& endian) { return endian.param == Endian::little ? "little" : "big"; });

TEST(Jffs2, AnEmptyFileSystemIsClean) {
    Writer writer(Endian::little);
    for (std::size_t block = 0; block < 3; ++block) {
        writer.clean_marker();
        writer.erased_to((block + 1) * 65536);
    }
    const auto found = identify_jffs2(writer.bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ("JFFS2, little-endian, erase blocks of 64 KiB, empty", found->description);
    EXPECT_EQ(3U * 65536, found->size);
    EXPECT_FALSE(identify_jffs2(Bytes(writer.bytes).first(65536))) << "one clean marker alone stands in programs, too";
}

/// The kernel's arithmetic coder for one probability a bit, the other way round.
std::string rubin(std::string_view text, const std::array<unsigned, 8>& ones, unsigned divider) {
    std::string bits;
    std::uint64_t range = 65536;
    std::uint64_t low = 0;
    const auto shift = [&] {
        bits += low >= 32768 ? '1' : '0';
        low = low % 32768 * 2;
    };
    for (const char byte : text) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            for (; low >= 32768 || range + low <= 32768; range *= 2)
                shift();
            const std::uint64_t zero = std::clamp<std::uint64_t>((divider - ones.at(bit)) * range / divider, 1, range - 1);
            const bool one = (static_cast<unsigned char>(byte) >> bit & 1U) != 0;
            low += one ? zero : 0;
            range = one ? range - zero : zero;
        }
    }
    for (int i = 0; i < 16; ++i)
        shift();
    std::string packed((bits.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < bits.size(); ++i)
        packed[i / 8] = static_cast<char>(packed[i / 8] | (bits[i] == '1' ? 0x80 >> i % 8 : 0));
    return packed;
}

std::string raw_lzma(std::string_view text) {
    lzma_options_lzma options{};
    EXPECT_FALSE(lzma_lzma_preset(&options, 9));
    options.dict_size = 8192;
    options.lc = options.lp = options.pb = 0;
    options.ext_flags = 0;  // no end mark
    options.ext_size_low = options.ext_size_high = UINT32_MAX;
    const std::array<lzma_filter, 2> filters{{{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    std::string out(text.size() + 1000, '\0');
    std::size_t size = 0;
    EXPECT_EQ(LZMA_OK, lzma_raw_buffer_encode(filters.data(), nullptr, as_bytes(text).data(), text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()));
    out.resize(size);
    return out;
}

TEST(Jffs2, CompressorsThatNoToolMakes) {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "a line of text, number " + std::to_string(i) + "\n";
    text.resize(4096);
    const std::array<unsigned, 8> table{120, 100, 140, 90, 60, 200, 180, 1};
    std::string with_table;
    for (const unsigned one : table)
        with_table += static_cast<char>(one);
    with_table += rubin(text, table, 256);
    const std::string fixed = rubin(text, {277, 249, 290, 267, 229, 341, 212, 241}, 1043);
    Writer writer(Endian::big);
    std::uint32_t number = 2;
    for (const auto& [name, compressor, data] : {std::tuple{"3", 3, with_table}, {"3-fixed", 3, fixed}, {"5", 5, with_table}, {"5-fixed", 5, fixed}, {"lzma", 8, raw_lzma(text)}}) {
        writer.dirent(1, number, number, name);
        writer.inode(number, 1, {.size = 4096, .plain = 4096, .compressor = static_cast<std::uint8_t>(compressor)}, data);
        ++number;
    }
    CollectingSink sink;
    ASSERT_TRUE(read_jffs2(writer.bytes, {}, sink));
    EXPECT_EQ(5U, sink.entries.size());
    for (const auto& [path, entry] : sink.entries) {
        EXPECT_EQ("", entry.damage) << path;
        EXPECT_TRUE(text == entry.content) << path;
    }
}

struct SmallJffs2 : testing::Test {
    Buffer make(const std::string& options) {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 6000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::remove(tree.path() / "link");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        return format_jffs2(tree.path(), work.path(), options);
    }
    TemporaryFolder tree;
    TemporaryFolder work;
};

TEST_F(SmallJffs2, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const char* options : {"-l", "-b -x zlib", "-l -X lzo -x zlib -x rtime"}) {
        const Buffer image = make(options);
        CollectingSink whole;
        ASSERT_TRUE(read_jffs2(image, {}, whole));
        for (std::size_t size = 0; size < image.size(); ++size) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_jffs2(part);
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_jffs2(part, {}, sink);
            expect_part_or_lost(whole.entries, sink);
        }
    }
}

TEST_F(SmallJffs2, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const char* options : {"-l", "-b -x zlib", "-l -X lzo -x zlib -x rtime"}) {
        const Buffer image = make(options);
        CollectingSink whole;
        ASSERT_TRUE(read_jffs2(image, {}, whole));
        for (int round = 0; round < 1000; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 4; ++i)
                flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
            const auto found = identify_jffs2(flipped);
            EXPECT_LE(found ? found->size : 0, flipped.size());
            CollectingSink sink(8 << 20);
            (void)read_jffs2(flipped, {}, sink);
            expect_part_or_lost(whole.entries, sink);
        }
    }
}

TEST_F(SmallJffs2, CompressedDataOfAnyKindIsSafe) {
    std::mt19937 random(11);
    for (int round = 0; round < 20000; ++round) {
        const Buffer input = noise(random() % 80, static_cast<std::uint32_t>(random()));
        Buffer output(random() % 300);
        (void)decompress_jffs2(static_cast<std::uint8_t>(random() % 10), input, output);
    }
    Buffer output(100);
    EXPECT_FALSE(decompress_jffs2(3, Buffer(20, 0), output)) << "probabilities of zero";
    EXPECT_FALSE(decompress_jffs2(2, as_bytes("a\x05" "b\xff"), output)) << "a run beyond the end";
}

TEST_F(SmallJffs2, LiesAnywhereInAFlash) {
    put(tree.path() / "noise", sample_noise(30000, 5));
    const Buffer image = make("-l -e 8KiB -p");
    const auto tree_of = making::unpacked(joined({noise(1237, 1), image, Buffer(30000, 0xff), noise(7777, 2)}));
    const auto file = making::find(*tree_of, "jffs2@0x4d5/d/6000");
    ASSERT_TRUE(file);
    EXPECT_EQ(sample_text(6000, 6000), as_text(tree_of->bytes(*file)));
    EXPECT_EQ(image.size(), tree_of->regions()[1].size);
    making::expect_covered(*tree_of);
}

}  // namespace
}  // namespace shirushi::unpack
