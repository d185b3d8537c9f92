// Streams without much of a container, made by their own tools.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/streams/compressed.hpp"
#include "unpack/streams/stream_checks.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;
using testing::HasSubstr;

struct StreamCase {
    std::string name;
    IdentifyStream identify;
    Decoder decode;
    std::string command;  ///< standard input to standard output
    bool checked = true;  ///< a checksum covers the content
};

class EveryStream : public testing::TestWithParam<StreamCase> {};

TEST_P(EveryStream, GivesBackItsBytes) {
    const Workshop shop;
    for (const char* input : {"seq 1 200000", "seq 1 3000 | gzip -1 | head -c 5000; seq 1 9000"}) {
        const Buffer content = shop.run(input);
        const Buffer image = shop.run(fmt::format("({}) | {}", input, GetParam().command));
        expect_stream(GetParam().identify, GetParam().decode, image, as_text(content));
    }
}

TEST_P(EveryStream, SurvivesCutsAndFlips) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 200; seq 1 40 | gzip -1");
    const Buffer image = shop.run("(seq 1 200; seq 1 40 | gzip -1) | " + GetParam().command);
    ASSERT_LT(image.size(), 1500U);
    expect_truncations(GetParam().identify, GetParam().decode, image, as_text(content));
    expect_mutations(GetParam().identify, GetParam().decode, image, as_text(content), 300, GetParam().checked);
}

const std::string kZlib = "python3 -c 'import sys,zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read(), {}))'";

INSTANTIATE_TEST_SUITE_P(Formats, EveryStream,
                         testing::Values(StreamCase{"Lzip", identify_lzip, read_lzip, "lzip"}, StreamCase{"LzipSmallDictionary", identify_lzip, read_lzip, "lzip -s 4KiB"},
                                         StreamCase{"Lzop", identify_lzop, read_lzop, "lzop"}, StreamCase{"LzopBest", identify_lzop, read_lzop, "lzop -9"},
                                         StreamCase{"LzopCrc", identify_lzop, read_lzop, "lzop --crc32"},
                                         StreamCase{"Brotli", identify_brotli, read_brotli, "brotli -c", false}, StreamCase{"BrotliFast", identify_brotli, read_brotli, "brotli -c -1", false},
                                         StreamCase{"Zlib1", identify_zlib, read_zlib, fmt::format(fmt::runtime(kZlib), 1)},
                                         StreamCase{"Zlib5", identify_zlib, read_zlib, fmt::format(fmt::runtime(kZlib), 5)},
                                         StreamCase{"Zlib6", identify_zlib, read_zlib, fmt::format(fmt::runtime(kZlib), 6)},
                                         StreamCase{"Zlib9", identify_zlib, read_zlib, fmt::format(fmt::runtime(kZlib), 9)},
                                         StreamCase{"ZlibStored", identify_zlib, read_zlib, fmt::format(fmt::runtime(kZlib), 0)}),
                         [](const auto& one) { return one.param.name; });

TEST(Streams, LzipOfSeveralMembers) {
    const Workshop shop;
    const Buffer image = shop.run("seq 1 100000 | split -b 100k --filter=lzip");
    expect_stream(identify_lzip, read_lzip, image, as_text(shop.run("seq 1 100000")));
    StreamSink sink;
    ASSERT_TRUE(read_lzip(image, {}, sink));
    EXPECT_EQ("6 members", sink.description);
    EXPECT_THAT(identify_lzip(image)->description, HasSubstr("version 1, dictionary "));
}

TEST(Streams, LzopOfSeveralFiles) {
    const Workshop shop;
    const Buffer image = shop.run("seq 1 50000 > one; seq 5 9 > two; touch -d '2020-01-02 UTC' one two; lzop -c one two");
    StreamSink sink;
    ASSERT_TRUE(read_lzop(joined({image, noise(5, 1)}), {}, sink));
    EXPECT_EQ(image.size(), sink.reach);
    EXPECT_EQ(as_text(shop.read("one")), sink.entries[""].content);
    EXPECT_EQ(as_text(shop.read("two")), sink.entries["two"].content);
    EXPECT_TRUE(sink.entries["two"].stream);
    EXPECT_EQ("2 files", sink.description);
    EXPECT_EQ("method 1, level 5, one, of 2020-01-02", identify_lzop(image)->description);
}

TEST(Streams, LzopAsTheKernelsBuildMakesIt) {
    // Its scripts put the unpacked size behind what lzop wrote.
    const Workshop shop;
    const Buffer content = shop.run("seq 1 300000");
    const auto tree = making::unpacked(joined({noise(301, 1), shop.run("seq 1 300000 | lzop -9; printf '\\306\\010\\036\\000'"), noise(99, 2)}));
    const auto found = making::find(*tree, "lzop@0x12d/data");
    ASSERT_TRUE(found);
    EXPECT_TRUE(std::ranges::equal(tree->bytes(*found), content));
    making::expect_covered(*tree);
}

TEST(Streams, LzopMethodsThatAreNotLzoAreSaid) {
    const Workshop shop;
    Buffer image = shop.run("seq 1 5000 | lzop");
    image[15] = 0x80;  // lzop's number for zlib
    const auto sum = static_cast<std::uint32_t>(adler32_z(1, image.data() + 9, 25));
    for (std::size_t i = 0; i < 4; ++i)
        image[34 + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    ASSERT_TRUE(identify_lzop(image));
    CollectingSink sink;
    const auto read = read_lzop(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ(Errc::unsupported, read.error().code);
    EXPECT_THAT(read.error().message, HasSubstr("its method 128 is not LZO"));
}

TEST(Streams, CompressOfEveryWidth) {
    const Workshop shop;
    (void)shop.run("seq 1 60000 > n; (seq 1 29999; head -c 200000 n | gzip -1; seq 7 40000 | rev) > mixed");
    for (const int bits : {10, 13, 16})
        for (const char* name : {"n", "mixed"}) {
            const Buffer image = shop.run(fmt::format("compress -b {} < {}", bits, name));
            ASSERT_TRUE(identify_compress(image)) << bits;
            StreamSink sink;
            const auto read = read_compress(image, {}, sink);
            ASSERT_TRUE(read) << bits << " " << read.error().message;
            EXPECT_TRUE(sink.entries[""].content == as_text(shop.read(name))) << bits << " " << name;
            EXPECT_EQ(image.size(), sink.reach);
        }
    // At the start of things only: it has neither checksum nor end.
    const auto tree = making::unpacked(shop.run("tar -cf - n | compress > x.Z; tar -cf - x.Z"));
    EXPECT_TRUE(making::find(*tree, "tar@0x0/x.Z/compress@0x0/data/tar@0x0/n"));
}

TEST(Streams, CompressSurvivesCutsAndFlips) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 200; seq 1 40 | gzip -1");
    for (const int bits : {10, 16}) {
        const Buffer image = shop.run(fmt::format("(seq 1 200; seq 1 40 | gzip -1) | compress -b {}", bits));
        for (std::size_t size = 0; size < image.size(); ++size) {
            CollectingSink sink(1 << 20);
            (void)read_compress(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)), {}, sink);
            EXPECT_EQ(0, sink.misuses);
            for (const auto& [name, entry] : sink.entries)
                EXPECT_TRUE(as_text(content).starts_with(entry.content)) << size;
        }
        expect_mutations(identify_compress, read_compress, image, as_text(content), 300, false);
    }
}

TEST(Streams, BrotliWhereANameSaysSo) {
    const Workshop shop;
    const auto tree = making::unpacked(shop.run("seq 1 20000 > n; brotli -c n > system.new.dat.br; zip -q z.zip system.new.dat.br; cat z.zip"));
    const auto found = making::find(*tree, "zip@0x0/system.new.dat.br/brotli@0x0/data");
    ASSERT_TRUE(found) << making::tables(*tree);
    EXPECT_EQ(as_text(tree->bytes(*found)), as_text(shop.read("n")));
}

TEST(Streams, ZlibIsFoundAnywhereButOnlyWhole) {
    const Workshop shop;
    const std::string make = fmt::format(fmt::runtime(kZlib), 6);
    const Buffer image = shop.run("seq 1 20000 | " + make);
    const auto tree = making::unpacked(joined({noise(501, 1), image, noise(99, 2)}));
    const auto found = making::find(*tree, "zlib@0x1f5/data");
    ASSERT_TRUE(found) << making::tables(*tree);
    EXPECT_EQ(tree->node(tree->node(*found).parent).size, image.size());
    EXPECT_TRUE(std::ranges::equal(tree->bytes(*found), shop.run("seq 1 20000")));
    Buffer broken = image;
    broken.back() ^= 1U;
    for (const Bytes bad : {Bytes(broken), Bytes(image).first(image.size() - 1)}) {
        const auto damaged = making::unpacked(joined({noise(501, 1), bad}));
        EXPECT_FALSE(making::find(*damaged, "data"));
    }
    EXPECT_FALSE(identify_zlib(shop.run("printf abc | " + make)));  // fixed codes: too little to tell it from noise
}

TEST(Streams, NoiseIsNoZlib) {
    std::size_t found = 0;
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        Buffer bytes = noise(400, seed);
        bytes[0] = 0x78;
        bytes[1] = 0x9c;
        found += identify_zlib(bytes) ? 1 : 0;
    }
    EXPECT_EQ(0U, found);
}

TEST(Streams, LzmaWithoutAContainersHeader) {
    const Workshop shop;
    const Buffer content = shop.run("seq 1 30000");
    const Buffer image = shop.run("seq 1 30000 | xz --format=lzma");
    const std::array<std::uint8_t, 4> size{static_cast<std::uint8_t>(content.size()), static_cast<std::uint8_t>(content.size() >> 8U),
                                           static_cast<std::uint8_t>(content.size() >> 16U), 0};
    const Bytes head = Bytes(image).first(5);
    const Bytes body = Bytes(image).subspan(13);
    expect_stream(identify_lzma, read_lzma, joined({head, body}), as_text(content));
    expect_stream(identify_lzma, read_lzma, joined({head, size, body}), as_text(content));
    EXPECT_EQ("no size in its header, dictionary 8192 KiB", identify_lzma(joined({head, body}))->description);
    EXPECT_EQ("168894 bytes, dictionary 8192 KiB", identify_lzma(joined({head, size, body}))->description);
}

TEST(Streams, XzWithPaddingBetweenStreams) {
    const Workshop shop;
    const Buffer image = shop.run("seq 1 5000 | xz; head -c 8 /dev/zero; seq 5001 9000 | xz");
    expect_stream(identify_xz, read_xz, image, as_text(shop.run("seq 1 9000")));
    const Buffer odd = shop.run("seq 1 5000 | xz; head -c 7 /dev/zero; seq 5001 9000 | xz");
    StreamSink sink;
    ASSERT_TRUE(read_xz(odd, {}, sink));
    EXPECT_EQ(as_text(shop.run("seq 1 5000")), sink.entries[""].content);
}

TEST(Streams, ZstdFramesSkippableAndSeekable) {
    const Workshop shop;
    const Buffer one = shop.run("seq 1 5000 | zstd -q");
    const Buffer two = shop.run("seq 5001 9000 | zstd -q");
    const std::string_view skippable("\x50\x2a\x4d\x18\x04\0\0\0\x99\x99\x99\x99", 12);
    const std::string_view table("\x5e\x2a\x4d\x18\x11\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\xb1\xea\x92\x8f", 25);
    const Buffer image = joined({as_bytes(skippable), one, as_bytes(skippable), as_bytes(skippable), two, as_bytes(table)});
    expect_stream(identify_zstd, read_zstd, image, as_text(shop.run("seq 1 9000")));
    StreamSink sink;
    ASSERT_TRUE(read_zstd(image, {}, sink));
    EXPECT_EQ("2 frames, seekable", sink.description);
    for (std::size_t size = 0; size < 120; ++size)
        (void)identify_zstd(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)));
    // Two frames and a skippable one that belongs to nobody: it is left alone.
    expect_stream(identify_zstd, read_zstd, joined({one, two}), as_text(shop.run("seq 1 9000")));
    ASSERT_TRUE(read_zstd(joined({one, as_bytes(skippable)}), {}, sink));
    EXPECT_EQ(one.size(), sink.reach);
}

TEST(Streams, Lz4OfSeveralFrames) {
    const Workshop shop;
    const std::string_view skippable("\x53\x2a\x4d\x18\x04\0\0\0\x99\x99\x99\x99", 12);
    const Buffer image = joined({shop.run("seq 1 5000 | lz4 -q -c"), as_bytes(skippable), shop.run("seq 5001 9000 | lz4 -q -c -9")});
    expect_stream(identify_lz4, read_lz4, image, as_text(shop.run("seq 1 9000")));
}

}  // namespace
}  // namespace shirushi::unpack
