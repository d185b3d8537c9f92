// Intel HEX and S-records as srec_cat and objcopy write them.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using making::Workshop;
using testing::HasSubstr;

constexpr Parser kIntel{identify_intel_hex, read_intel_hex, nullptr};
constexpr Parser kMotorola{identify_s_record, read_s_record, nullptr};

CollectingSink decoded(const Parser& parser, Bytes bytes) {
    CollectingSink sink;
    EXPECT_TRUE(parser.run(bytes, sink)) << excerpt(as_text(bytes), 200);
    return sink;
}

struct Made {
    const char* name;
    const char* options;      ///< of srec_cat, behind "-o FILE"
    const char* description;
    bool intel = true;
    std::uint64_t base = 0x08000000;
};

class EveryRecordFormat : public testing::TestWithParam<Made> {};

/// Two programs with a hole between them, in a file whose records are in no order.
TEST_P(EveryRecordFormat, GivesBackItsSegments) {
    const Made& made = GetParam();
    const Workshop shop;
    const Buffer first = making::noise(3001, 1);
    const Buffer second = making::noise(517, 2);
    shop.write("first", first);
    shop.write("second", second);
    const std::uint64_t far = made.base + 0xe001;
    const Buffer image = shop.run(fmt::format("srec_cat second -binary -offset 0x{:x} first -binary -offset 0x{:x} -o image {} && cat image", far, made.base, made.options));
    const Parser& parser = made.intel ? kIntel : kMotorola;
    const auto found = parser.identify(image);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    EXPECT_THAT(found->description, HasSubstr(made.description));
    // Windows line ends, and lines in reverse within what one base address covers.
    Buffer windows;
    for (const std::uint8_t byte : image) {
        if (byte == '\n')
            windows.push_back('\r');
        windows.push_back(byte);
    }
    for (const Buffer& text : {image, windows}) {
        const CollectingSink sink = decoded(parser, text);
        ASSERT_EQ(sink.entries.size(), 2U);
        const CollectedEntry& one = sink.entries.at(fmt::format("0x{:08x}", made.base));
        EXPECT_TRUE(one.content == as_text(first));
        EXPECT_TRUE(one.stream);
        EXPECT_EQ(one.damage, "");
        EXPECT_EQ(one.info.target, fmt::format("memory from 0x{:08x} to 0x{:08x}", made.base, made.base + 3000));
        EXPECT_TRUE(sink.entries.at(fmt::format("0x{:08x}", far)).content == as_text(second));
    }
}

INSTANTIATE_TEST_SUITE_P(HexRecords, EveryRecordFormat,
                         testing::Values(Made{"Intel32", "-intel -execution-start-address=0x08000101", " records, start 0x08000101"},
                                         Made{"Intel20", "-intel -address-length=3", "20-bit addresses", true, 0x20000},
                                         Made{"Intel16", "-intel -address-length=2", "16-bit addresses", true, 0x100},
                                         Made{"IntelHigh", "-intel -line-length=44", "32-bit addresses", true, 0xfffe0000},
                                         Made{"S1", "-motorola -address-length=2", "S1: 16-bit addresses", false, 0x100},
                                         Made{"S2", "-motorola -address-length=3", "S2: 24-bit addresses", false, 0x20000},
                                         Made{"S3", "-motorola -header=blinky -execution-start-address=0x08000101", " records, header \"blinky\", start 0x08000101", false}),
                         [](const auto& made) { return std::string(made.param.name); });

TEST(HexRecords, ObjcopyWritesTheSame) {
    const Workshop shop;
    const Buffer content = making::noise(70001, 3);  // over a border of 64 KiB
    shop.write("program", content);
    const Buffer hex = shop.run("objcopy -I binary -O ihex --change-addresses 0x12345 program p.hex && cat p.hex");
    const Buffer srec = shop.run("objcopy -I binary -O srec --change-addresses 0x12345 program p.srec && cat p.srec");
    EXPECT_TRUE(decoded(kIntel, hex).entries.at("0x00012345").content == as_text(content));
    EXPECT_TRUE(decoded(kMotorola, srec).entries.at("0x00012345").content == as_text(content));
}

TEST(HexRecords, InsideOtherThingsAndLookedInto) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("tar -C root -cf t.tar . && srec_cat t.tar -binary -offset 0x60000000 -o firmware.hex -intel && tar -cf - firmware.hex && head -c 77 firmware.hex");
    const auto tree = making::unpacked(image);
    making::expect_sample(*tree, "tar@0x0/firmware.hex/intel-hex@0x0/0x60000000/tar@0x0");
}

TEST(HexRecords, TextEndsWhereTheRecordsEnd) {
    const Workshop shop;
    shop.write("p", making::noise(100, 4));
    const Buffer image = shop.run("srec_cat p -binary -o p.srec -motorola && cat p.srec");
    const auto found = identify_s_record(making::joined({image, making::noise(501, 5)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    // Two files in one: both count.
    const Buffer twice = shop.run("srec_cat p -binary -offset 0x1000 -o q.srec -motorola && cat p.srec q.srec");
    EXPECT_EQ(identify_s_record(twice)->size, twice.size());
    EXPECT_EQ(decoded(kMotorola, twice).entries.size(), 2U);
}

TEST(HexRecords, DamageIsToldWithItsLine) {
    const std::string good = ":0400000001020304F2\r\n:0400100011121314A2\r\n:00000001FF\r\n";
    EXPECT_EQ(decoded(kIntel, as_bytes(good)).entries.at("0x00000010").damage, "");
    std::string bad = good;
    bad.replace(bad.find("12"), 2, "FF");  // in the second line
    CollectingSink sink;
    const auto result = read_intel_hex(as_bytes(bad), {}, sink);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("line 2: the checksum does not match"));
    EXPECT_THAT(sink.entries.at("0x00000010").damage, HasSubstr("line 2"));
    EXPECT_THAT(sink.entries.at("0x00000000").damage, HasSubstr("line 2"));  // its bytes may have belonged here
}

TEST(HexRecords, OverlapIsToldAndTheLastWins) {
    const std::string text = "S10700000102030411BC";
    EXPECT_FALSE(identify_s_record(as_bytes(text)));
    const CollectingSink sink = decoded(kIntel, as_bytes(":0400000001020304F2\n:020002000708ED\n:020000000102FB\n:00000001FF\n"));
    EXPECT_EQ(sink.entries.at("0x00000000").content, "\x01\x02\x07\x08");
    EXPECT_EQ(sink.entries.at("0x00000000").damage, "records overlap: 4 bytes are given again, 2 of them with another value, the first at 0x00000002; the last ones are kept");
}

TEST(HexRecords, EndsOfTheAddressSpaceCostNothing) {
    // One byte at each end of 4 GiB, and offsets that wrap inside a segment of 64 KiB.
    CollectingSink sink = decoded(kIntel, as_bytes(":0100000055AA\n:02000004FFFFFC\n:01FFFF00AA57\n:00000001FF\n"));
    EXPECT_EQ(sink.entries.at("0x00000000").content, "\x55");
    EXPECT_EQ(sink.entries.at("0xffffffff").content, "\xaa");
    sink = decoded(kIntel, as_bytes(":020000021000EC\n:04FFFE00010203 04F5\n"));
    EXPECT_THAT(sink.description, "");
    sink = decoded(kIntel, as_bytes(":020000021000EC\n:04FFFE0001020304F5\n:00000001FF\n"));
    EXPECT_EQ(sink.entries.at("0x0001fffe").content, "\x01\x02");
    EXPECT_EQ(sink.entries.at("0x00010000").content, "\x03\x04");
}

TEST(HexRecords, MorePiecesThanCanBeHandedOut) {
    std::string text;
    for (unsigned i = 0; i < 5000; ++i) {
        const unsigned address = i * 4;
        text += fmt::format(":01{:04X}0000{:02X}\n", address, (0x100 - (1 + (address >> 8U) + (address & 0xffU)) % 256) % 256);
    }
    CollectingSink sink;
    const auto result = read_intel_hex(as_bytes(text + ":00000001FF\n"), {}, sink);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::limit);
    EXPECT_EQ(sink.entries.size(), 4096U);
}

TEST(HexRecords, OrdinaryTextIsNone) {
    for (const char* text : {":", ":00000001FE", "S", "S0", ": a list\n: of things\n", "S1 is a road\n", ":10\n:20\n:30\n", "Subject: hello\n"}) {
        EXPECT_FALSE(identify_intel_hex(as_bytes(text))) << text;
        EXPECT_FALSE(identify_s_record(as_bytes(text))) << text;
    }
}

TEST(HexRecords, CutAndChangedAnywhere) {
    const Workshop shop;
    shop.write("p", making::noise(400, 6));
    const std::string make = "srec_cat p -binary -offset 0x1ff00 p -binary -offset 0x08000000 -o p.x {} && cat p.x";
    const Buffer hex = shop.run(fmt::format(fmt::runtime(make), "-intel"));
    cut_everywhere(hex, kIntel);
    change_bytes(hex, kIntel, 2000, true);
    const Buffer srec = shop.run(fmt::format(fmt::runtime(make), "-motorola"));
    cut_everywhere(srec, kMotorola);
    change_bytes(srec, kMotorola, 2000, false);  // the digit that tells how long the address is lies outside of the checksum
}

}  // namespace
}  // namespace shirushi::unpack
