// bFLT programs, made by a writer: elf2flt is not in Debian.

#include "unpack/boot/flat_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr std::size_t kText = 400;
constexpr std::size_t kData = 200;

struct Pieces {
    std::string text = sample_text(kText, 1);
    std::string data = "uClinux program, version 1.2.3" + sample_text(kData - 30, 2);
    std::string relocations = std::string("\0\0\1\0\0\0\1\4", 8);
};

Buffer header(std::uint32_t version, std::uint32_t flags) {
    Writer writer(Endian::big);
    writer.text("bFLT").u32(version).u32(68).u32(64 + kText).u32(64 + kText + kData).u32(64 + kText + kData + 1000).u32(4096);
    writer.u32(64 + kText + kData).u32(2).u32(flags).u32(version == 4 ? 1577934245 : 0).to(64);
    return writer.made();
}

Buffer zipped(std::string_view content) {
    const making::Workshop shop;
    shop.write("content", as_bytes(content));
    return shop.run("gzip -9 -n < content");
}

Buffer plain(std::uint32_t version) {
    const Pieces pieces;
    return making::joined({header(version, 1), as_bytes(pieces.text), as_bytes(pieces.data), as_bytes(pieces.relocations)});
}

Buffer packed() {
    const Pieces pieces;
    return making::joined({header(4, 5), zipped(pieces.text + pieces.data + pieces.relocations)});
}

Buffer data_packed() {
    const Pieces pieces;
    return making::joined({header(4, 8 | 2), as_bytes(pieces.text), zipped(pieces.data + pieces.relocations)});
}

TEST(FlatProgram, PlainOnesAreSplit) {
    const Pieces pieces;
    for (const std::uint32_t version : {2U, 4U}) {
        const Buffer image = making::joined({making::noise(77, 1), plain(version), making::noise(200, 2)});
        const auto tree = making::unpacked(image);
        const auto program = making::find(*tree, "bflt@0x4d");
        ASSERT_TRUE(program) << making::tables(*tree);
        EXPECT_EQ(64 + kText + kData + 8, tree->node(*program).size);
        EXPECT_EQ(fmt::format("version {}, entry 0x44, 400 bytes of text, 200 of data, 1000 zeroed, 4096 of stack, 2 relocations, loaded into memory as a whole", version), tree->node(*program).description);
        EXPECT_EQ(pieces.text, as_text(tree->bytes(making::find(*tree, "bflt@0x4d/text").value())));
        EXPECT_EQ(pieces.data, as_text(tree->bytes(making::find(*tree, "bflt@0x4d/data").value())));
        EXPECT_EQ(pieces.relocations, as_text(tree->bytes(making::find(*tree, "bflt@0x4d/relocations").value())));
        making::expect_covered(*tree);
    }
    EXPECT_THAT(identify_flat_program(Bytes(plain(4)).first(500))->description, HasSubstr("cut off"));
}

TEST(FlatProgram, CompressedOnesAreDecompressed) {
    const Pieces pieces;
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), packed(), making::noise(200, 2)}));
    const auto program = making::find(*tree, "bflt@0x4d");
    ASSERT_TRUE(program) << making::tables(*tree);
    EXPECT_EQ(packed().size(), tree->node(*program).size);
    EXPECT_THAT(tree->node(*program).description, HasSubstr("2 relocations, loaded into memory as a whole, compressed"));
    EXPECT_EQ(pieces.text + pieces.data + pieces.relocations, as_text(tree->bytes(making::find(*tree, "bflt@0x4d/program").value())));
    making::expect_covered(*tree);

    const auto second = making::unpacked(data_packed());
    EXPECT_EQ(pieces.text, as_text(second->bytes(making::find(*second, "bflt@0x0/text").value())));
    EXPECT_EQ(pieces.data + pieces.relocations, as_text(second->bytes(making::find(*second, "bflt@0x0/data").value())));
    EXPECT_EQ(data_packed().size(), second->node(making::find(*second, "bflt@0x0").value()).size);
}

TEST(FlatProgram, AFieldThatCannotBeMakesItNone) {
    for (const auto& [field, value] : {std::pair(1, 3U), {2, 10U}, {3, 60U}, {4, 100U}, {5, 100U}, {7, 100U}, {8, 0x7fffffffU}, {9, 0x80U}}) {
        Buffer image = plain(4);
        for (std::size_t i = 0; i < 4; ++i)
            image[4 * static_cast<std::size_t>(field) + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
        EXPECT_FALSE(identify_flat_program(image)) << field;
    }
}

TEST(FlatProgram, SurvivesCutsAndFlips) {
    const Parser split{.identify = identify_flat_program, .split = split_flat_program};
    const Parser read{.identify = identify_packed_flat_program, .decode = read_packed_flat_program};
    cut_everywhere(plain(2), split);
    change_bytes(plain(4), split, 2000, false);
    for (const Buffer& image : {packed(), data_packed()}) {
        for (std::size_t size = 0; size < image.size(); size += 3) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
            CollectingSink sink;
            read.run(part, sink);
            EXPECT_FALSE(read_packed_flat_program(part, {}, sink) && size > 0) << size;
        }
        change_bytes(image, read, 200, false);
    }
}

}  // namespace
}  // namespace shirushi::unpack
