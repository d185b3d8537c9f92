// Windows CE's images of records, made by a writer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

void add_record(Writer& writer, std::uint32_t address, std::string_view content) {
    const Bytes bytes = as_bytes(content);
    writer.u32(address).u32(content.size()).u32(std::accumulate(bytes.begin(), bytes.end(), std::uint32_t{0})).text(content);
}

const std::string& kernel() {
    static const std::string kText = sample_text(300, 1);
    return kText;
}

Buffer image() {
    Writer writer;
    writer.text("B000FF\n").u32(0x80200000).u32(0x10000);
    add_record(writer, 0x80200100, "second");
    add_record(writer, 0x80200000, std::string_view(kernel()).substr(0, 0x100));
    add_record(writer, 0x80208000, "far away");
    writer.u32(0).u32(0x80201000).u32(0);
    return writer.made();
}

TEST(WindowsCe, RecordsBecomeMemory) {
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), image(), making::noise(200, 2)}));
    const auto file = making::find(*tree, "windows-ce@0x4d");
    ASSERT_TRUE(file) << making::tables(*tree);
    EXPECT_EQ("Windows CE, 3 records, memory 0x80200000 to 0x80210000, entry 0x80201000", tree->node(*file).description);
    EXPECT_EQ(image().size(), tree->node(*file).size);
    EXPECT_EQ(kernel().substr(0, 0x100) + "second", as_text(tree->bytes(making::find(*tree, "/0x80200000").value())));
    EXPECT_EQ("far away", as_text(tree->bytes(making::find(*tree, "/0x80208000").value())));
    making::expect_covered(*tree);
}

TEST(WindowsCe, SaysWhatIsDamaged) {
    Buffer damaged = image();
    damaged[15 + 12 + 6 + 12 + 5] ^= 1U;  // in the second record
    CollectingSink sink;
    ASSERT_TRUE(read_windows_ce(damaged, {}, sink));
    EXPECT_THAT(sink.entries.at("0x80200000").damage, HasSubstr("the record at 0x21 is damaged"));
    EXPECT_THAT(sink.entries.at("0x80208000").damage, HasSubstr("the record at 0x21 is damaged")) << "a lost record may have been part of any";
    CollectingSink cut;
    ASSERT_TRUE(read_windows_ce(Bytes(image()).first(200), {}, cut));
    EXPECT_NE("", cut.entries.at("0x80200000").damage);
    damaged = image();
    damaged[13] = 0;  // the memory's size: its records lie outside
    EXPECT_FALSE(identify_windows_ce(damaged));
    damaged = image();
    damaged[15 + 12] ^= 1U;
    EXPECT_FALSE(identify_windows_ce(damaged)) << "the first record must be right";
}

TEST(WindowsCe, SurvivesCutsAndFlips) {
    const Parser parser{.identify = identify_windows_ce, .decode = read_windows_ce};
    const Buffer whole = image();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CollectingSink sink;
        parser.run(Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), sink);
        for (const auto& [name, entry] : sink.entries)
            EXPECT_NE("", entry.damage) << name << " at " << size;
    }
    change_bytes(whole, parser, 3000, false);
}

}  // namespace
}  // namespace shirushi::unpack
