#include "unpack/filesystems/ubi.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

Buffer format_ubi(const std::filesystem::path& work, const std::string& options) {
    put(work / "ubi.cfg",
        "[a]\nmode=ubi\nimage=static.bin\nvol_id=0\nvol_type=static\nvol_name=kernel\nvol_size=512KiB\n"
        "[b]\nmode=ubi\nimage=dynamic.bin\nvol_id=3\nvol_type=dynamic\nvol_name=root fs\nvol_size=512KiB\nvol_flags=autoresize\n"
        "[c]\nmode=ubi\nvol_id=4\nvol_type=dynamic\nvol_name=data\nvol_size=256KiB\n");
    EXPECT_TRUE(run("PATH=$PATH:/usr/sbin:/sbin; cd " + work.string() + "; ubinize -Q 1234 -o image " + options + " ubi.cfg"));
    return file_bytes(work / "image");
}

struct Making {
    const char* name;
    const char* options;
    std::size_t block;
    std::size_t data;
};

class EveryUbi : public testing::TestWithParam<Making> {};

TEST_P(EveryUbi, GivesBackItsVolumes) {
    const TemporaryFolder work;
    const std::string kernel = sample_text(100'001, 1);
    const std::string root = sample_text(90'000, 2);
    put(work.path() / "static.bin", kernel);
    put(work.path() / "dynamic.bin", root);
    const auto& [name, options, block, data] = GetParam();
    const Buffer image = format_ubi(work.path(), options);
    ASSERT_EQ(0U, image.size() % block);
    for (const std::size_t behind : {0, 777}) {
        const Buffer mixed = joined({image, noise(behind, 1)});
        const auto found = identify_ubi(mixed);
        ASSERT_TRUE(found);
        EXPECT_TRUE(found->checked);
        EXPECT_EQ(image.size(), found->size);
        EXPECT_EQ(fmt::format("UBI, {} erase blocks of {} KiB, data from {} on", image.size() / block, block / 1024, data), found->description);
    }
    CollectingSink sink;
    const auto read = read_ubi(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ("3 volumes: kernel, root fs, data", sink.description);
    ASSERT_EQ(3U, sink.entries.size());
    EXPECT_TRUE(kernel == sink.entries["kernel"].content);
    const std::size_t logical = block - data;
    std::string filled = root;
    filled.resize((root.size() + logical - 1) / logical * logical, '\xff');
    EXPECT_TRUE(filled == sink.entries["root fs"].content);
    EXPECT_EQ("", sink.entries["data"].content);
    for (const auto& [path, entry] : sink.entries) {
        EXPECT_EQ("", entry.damage) << path;
        EXPECT_TRUE(entry.stream);
    }
    EXPECT_THAT(sink.entries["kernel"].info.target, HasSubstr("volume 0, static"));
}

INSTANTIATE_TEST_SUITE_P(Ubi, EveryUbi,
                         testing::Values(Making{"nand_2048", "-p 128KiB -m 2048", 131072, 4096}, Making{"sub_pages", "-p 128KiB -m 2048 -s 512", 131072, 2048},
                                         Making{"small_pages", "-p 16KiB -m 512", 16384, 1024}, Making{"nor", "-p 64KiB -m 1", 65536, 128},
                                         Making{"large_pages", "-p 256KiB -m 4096", 262144, 8192}, Making{"not_a_power_of_two", "-p 96KiB -m 2048", 98304, 4096},
                                         Making{"header_offset", "-p 128KiB -m 2048 -O 1024", 131072, 2048}),
                         [](const auto& making) { return std::string(making.param.name); });

/// Writes erase blocks as the kernel does.
struct Writer {
    static constexpr std::size_t block_size = 4096;
    static constexpr std::size_t data_at = 128;
    static constexpr std::size_t logical = block_size - data_at;
    std::uint32_t image = 77;

    static void number(Buffer& block, std::size_t at, std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            block[at + size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    [[nodiscard]] Buffer free_block() const {
        Buffer block(block_size, 0xff);
        std::fill_n(block.begin(), 64, std::uint8_t{0});
        std::ranges::copy(std::string_view("UBI#\x01"), block.begin());
        number(block, 8, 5, 8);
        number(block, 16, 64, 4);
        number(block, 20, data_at, 4);
        number(block, 24, image, 4);
        number(block, 60, flash_checksum(0xffffffff, Bytes(block).first(60)), 4);
        return block;
    }
    struct Header {
        std::uint32_t volume = 0;
        std::uint32_t block = 0;
        std::uint64_t sequence = 0;
        bool is_static = false;
        bool copied = false;
        std::uint32_t used = 0;
    };
    [[nodiscard]] Buffer block(const Header& header, Bytes data) const {
        Buffer made = free_block();
        std::fill_n(made.begin() + 64, 64, std::uint8_t{0});
        std::ranges::copy(std::string_view("UBI!\x01"), made.begin() + 64);
        made[64 + 5] = header.is_static ? 2 : 1;
        made[64 + 6] = header.copied ? 1 : 0;
        number(made, 64 + 8, header.volume, 4);
        number(made, 64 + 12, header.block, 4);
        number(made, 64 + 20, header.is_static || header.copied ? data.size() : 0, 4);
        number(made, 64 + 24, header.used, 4);
        number(made, 64 + 32, header.is_static || header.copied ? flash_checksum(0xffffffff, data) : 0, 4);
        number(made, 64 + 40, header.sequence, 8);
        number(made, 64 + 60, flash_checksum(0xffffffff, Bytes(made).subspan(64, 60)), 4);
        std::ranges::copy(data, made.begin() + data_at);
        return made;
    }
    struct Volume {
        std::string name;
        std::uint32_t reserved = 0;
        bool is_static = false;
        bool updating = false;
    };
    /// Both copies of the table; this small an erase block has room for 23 records.
    [[nodiscard]] Buffer table(const std::vector<Volume>& volumes) const {
        Buffer records(logical / 172 * 172);
        for (std::size_t i = 0; i < records.size() / 172; ++i) {
            Buffer record(172);
            if (i < volumes.size()) {
                number(record, 0, volumes[i].reserved, 4);
                number(record, 4, 1, 4);
                record[12] = volumes[i].is_static ? 2 : 1;
                record[13] = volumes[i].updating ? 1 : 0;
                number(record, 14, volumes[i].name.size(), 2);
                std::ranges::copy(volumes[i].name, record.begin() + 16);
            }
            number(record, 168, flash_checksum(0xffffffff, Bytes(record).first(168)), 4);
            std::ranges::copy(record, records.begin() + static_cast<std::ptrdiff_t>(i * 172));
        }
        return joined({block({.volume = 0x7fffefff, .block = 0}, records), block({.volume = 0x7fffefff, .block = 1}, records)});
    }
};

Buffer filled(char with, std::size_t size = Writer::logical) { return Buffer(size, static_cast<std::uint8_t>(with)); }
std::string text(char with, std::size_t size = Writer::logical) { return std::string(size, with); }

TEST(Ubi, TheHighestSequenceNumberCounts) {
    const Writer writer;
    Buffer unfinished = writer.block({.block = 1, .sequence = 9, .copied = true}, filled('x'));
    unfinished.back() ^= 1U;
    const Buffer image = joined({writer.block({.block = 2, .sequence = 4}, filled('c')), writer.free_block(), Buffer(Writer::block_size, 0xff),
                                 writer.block({.block = 0, .sequence = 3}, filled('a')), writer.table({{"v", 6}}),
                                 writer.block({.block = 0, .sequence = 2}, filled('o')), noise(Writer::block_size, 5), unfinished,
                                 writer.block({.block = 1, .sequence = 5}, filled('b')), writer.block({.block = 2, .sequence = 8, .copied = true}, filled('C')),
                                 writer.block({.block = 4, .sequence = 6}, filled('e')), writer.block({.volume = 0x7ffff000, .block = 0}, filled('f'))});
    CollectingSink sink;
    const auto read = read_ubi(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ("1 erase blocks are none of it (bad or damaged)", read.error().message);
    ASSERT_EQ(1U, sink.entries.size());
    EXPECT_TRUE(text('a') + text('b') + text('C') + text('\xff') + text('e') == sink.entries["v"].content);
    EXPECT_EQ("", sink.entries["v"].damage) << "a dynamic volume may have holes";
}

TEST(Ubi, LossesAreNamed) {
    const Writer writer;
    Buffer wrong = writer.block({.volume = 0, .block = 2, .is_static = true, .used = 3}, filled('s', 100));
    wrong[Writer::data_at] ^= 1U;
    Buffer no_header = writer.block({.volume = 1}, filled('y'));
    no_header[70] ^= 1U;
    const Buffer image = joined({writer.table({{"static", 8, true}, {"static", 2, false, true}, {"", 1}}),
                                 writer.block({.volume = 0, .block = 0, .is_static = true, .used = 3}, filled('s')), wrong,
                                 writer.block({.volume = 1, .block = 0}, filled('d')), no_header, writer.block({.volume = 9, .block = 1}, filled('u')),
                                 writer.block({.volume = 2, .block = 0xfffffff0}, filled('h'))});
    CollectingSink sink(std::uint64_t{64} << 20);
    const auto read = read_ubi(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ("1 erase blocks with a damaged volume header", read.error().message);
    EXPECT_EQ(Writer::logical * 2 + 100, sink.entries["static"].content.size());
    EXPECT_THAT(sink.entries["static"].damage, HasSubstr("logical block 1 of 3 is missing"));
    EXPECT_EQ("an update of the whole volume was not finished", sink.entries["static-1"].damage);
    EXPECT_EQ("the volume table does not know it", sink.entries["volume-9"].damage);
    EXPECT_THAT(sink.entries["volume-2"].damage, HasSubstr("the volume table gives it 1"));
    EXPECT_EQ(0, sink.misuses);
}

TEST(Ubi, OneCopyOfTheTableIsEnough) {
    const Writer writer;
    for (const std::size_t copy : {0, 1}) {
        Buffer image = joined({writer.table({{"named", 3}}), writer.block({}, filled('a'))});
        image[copy * Writer::block_size + Writer::data_at + 20] ^= 1U;
        CollectingSink sink;
        ASSERT_TRUE(read_ubi(image, {}, sink));
        EXPECT_TRUE(text('a') == sink.entries["named"].content);
    }
    CollectingSink sink;
    const auto read = read_ubi(joined({writer.block({}, filled('a')), writer.block({.block = 1}, filled('b'))}), {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ("the volume table is missing", read.error().message);
    EXPECT_TRUE(text('a') + text('b') == sink.entries["volume-0"].content);
}

TEST(Ubi, AnotherImageBehindIsAnotherOne) {
    Writer writer;
    const auto small = [&](char with) { return joined({writer.table({{"v", 2}}), writer.block({}, filled(with)), writer.free_block()}); };
    for (const bool same_number : {true, false}) {
        writer.image = 1;
        const Buffer first = small('a');
        writer.image = same_number ? 1 : 2;
        const Buffer both = joined({noise(11, 1), first, small('b'), noise(100, 2)});
        const auto tree = making::unpacked(both);
        for (const auto& [path, with] : {std::pair{"ubi@0xb/v", 'a'}, std::pair{"ubi@0x400b/v", 'b'}}) {
            const auto volume = making::find(*tree, path);
            ASSERT_TRUE(volume) << path << making::tables(*tree);
            EXPECT_TRUE(text(with) == as_text(tree->bytes(*volume)));
        }
    }
}

TEST(Ubi, VolumesAreLookedInto) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run(
        "PATH=$PATH:/usr/sbin:/sbin; mksquashfs root static.bin -noappend -no-progress >/dev/null; tar -C root -cf dynamic.bin .; "
        "printf '[a]\nmode=ubi\nimage=static.bin\nvol_id=0\nvol_type=static\nvol_name=rootfs\n[b]\nmode=ubi\nimage=dynamic.bin\nvol_id=1\nvol_type=dynamic\nvol_name=backup\n' > cfg; "
        "ubinize -o image -p 128KiB -m 2048 cfg >/dev/null; cat image");
    const auto tree = making::unpacked(joined({noise(1237, 1), image, noise(777, 2)}));
    making::expect_sample(*tree, "ubi@0x4d5/rootfs/squashfs@0x0");
    making::expect_sample(*tree, "ubi@0x4d5/backup/tar@0x0");
    EXPECT_EQ(tree->gaps().size(), 2U);
    making::expect_covered(*tree);
}

Buffer small_image() {
    const Writer writer;
    return joined({writer.table({{"static", 3, true}, {"dynamic", 3}}), writer.block({.volume = 0, .block = 0, .is_static = true, .used = 2}, noise(Writer::logical, 3)),
                   writer.block({.volume = 0, .block = 1, .is_static = true, .used = 2}, noise(333, 4)), writer.block({.volume = 1, .block = 0}, noise(Writer::logical, 3))});
}

/// A static volume without damage is whole; of others only the names are certain.
void expect_safe(const Buffer& image, const CollectingSink& whole) {
    const auto found = identify_ubi(image);
    EXPECT_LE(found ? found->size : 0, image.size());
    CollectingSink sink(8 << 20);
    const auto read = read_ubi(image, {}, sink);
    EXPECT_EQ(0, sink.misuses);
    const auto volume = sink.entries.find("static");
    if (read && volume != sink.entries.end() && volume->second.damage.empty() && !volume->second.content.empty()) {
        EXPECT_TRUE(whole.entries.at("static").content == volume->second.content);
    }
}

TEST(Ubi, TruncatedAnywhereGivesAPartAndNoMore) {
    const Buffer image = small_image();
    CollectingSink whole;
    ASSERT_TRUE(read_ubi(image, {}, whole));
    for (std::size_t size = 0; size < image.size(); ++size)
        expect_safe(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)), whole);
}

TEST(Ubi, FlippedBytesNeverBreakOut) {
    const Buffer image = small_image();
    CollectingSink whole;
    ASSERT_TRUE(read_ubi(image, {}, whole));
    std::mt19937 random(4);
    for (int round = 0; round < 3000; ++round) {
        Buffer flipped = image;
        for (int i = 0; i < 4; ++i)  // most in the headers
            flipped[i < 3 ? random() % 5 * Writer::block_size + random() % 300 : random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        expect_safe(flipped, whole);
    }
}

TEST(Ubi, HeadersAloneAreNone) {
    const Writer writer;
    EXPECT_FALSE(identify_ubi(writer.free_block())) << "one block holds nothing";
    EXPECT_FALSE(identify_ubi(as_bytes("UBI#\x01 and so on, but without a checksum that fits, however long the text may be")));
}

}  // namespace
}  // namespace shirushi::unpack
