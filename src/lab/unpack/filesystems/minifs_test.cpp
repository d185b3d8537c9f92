// MINIFS, made by a writer with xz's LZMA.

#include "unpack/filesystems/minifs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

const std::string& page() {
    static const std::string kText = sample_text(900, 1);
    return kText;
}

Buffer lzma(std::string_view content) {
    const making::Workshop shop;
    shop.write("content", as_bytes(content));
    return shop.run("xz --format=lzma --lzma1=dict=4KiB -c < content");
}

/// Two files in the first chunk, one in the second.
Buffer image() {
    const std::string names("/web\0index.htm\0style.css\0/etc\0passwd\0\0", 38);
    const Buffer first = lzma(page() + "body {}");
    const Buffer second = lzma("root:x:0:0\n");
    Writer writer(Endian::big);
    writer.text("MINIFS").fill(0, 10).u32(3).u32(3).u32(first.size()).u32(names.size()).text(names);
    writer.u32(0).u32(5).u32(0).u32(0).u32(page().size());
    writer.u32(25).u32(30).u32(1).u32(0).u32(11);
    writer.u32(0).u32(15).u32(0).u32(page().size()).u32(7);
    writer.u32(0).u32(first.size()).u32(page().size() + 7);
    writer.u32(first.size()).u32(second.size()).u32(11);
    return writer.bytes(first).bytes(second).made();
}

TEST(Minifs, EveryFile) {
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), image(), making::noise(200, 2)}));
    const auto system = making::find(*tree, "minifs@0x4d");
    ASSERT_TRUE(system) << making::tables(*tree);
    EXPECT_EQ("3 files in 2 chunks", tree->node(*system).description);
    EXPECT_EQ(image().size(), tree->node(*system).size);
    EXPECT_EQ(page(), as_text(tree->bytes(making::find(*tree, "minifs@0x4d/web/index.htm").value())));
    EXPECT_EQ("body {}", as_text(tree->bytes(making::find(*tree, "minifs@0x4d/web/style.css").value())));
    EXPECT_EQ("root:x:0:0\n", as_text(tree->bytes(making::find(*tree, "minifs@0x4d/etc/passwd").value())));
    making::expect_covered(*tree);
}

TEST(Minifs, SaysWhatIsDamaged) {
    const Buffer whole = image();
    const Bytes cut = Bytes(whole).first(whole.size() - 8);
    EXPECT_THAT(identify_minifs(cut)->description, HasSubstr("cut off"));
    CollectingSink sink;
    ASSERT_TRUE(read_minifs(cut, {}, sink));
    EXPECT_EQ("its chunk is cut off", sink.entries.at("etc/passwd").damage);
    EXPECT_EQ("", sink.entries.at("web/index.htm").damage);
    Buffer outside = whole;
    outside[32 + 38 + 8 + 2] = 0xff;  // the first file lies in a chunk that is not there
    EXPECT_FALSE(identify_minifs(outside));
    outside = whole;
    outside[32 + 38 + 18] = 0xff;  // larger than its chunk
    EXPECT_FALSE(identify_minifs(outside));
}

TEST(Minifs, SurvivesCutsAndFlips) {
    const Parser parser{.identify = identify_minifs, .decode = read_minifs};
    cut_everywhere(image(), parser);
    change_bytes(image(), parser, 1000, false);
}

}  // namespace
}  // namespace shirushi::unpack
