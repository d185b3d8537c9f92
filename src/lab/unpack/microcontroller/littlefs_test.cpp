// littlefs by a small writer after SPEC.md: logs of several commits, inline files, skip lists, directories over several pairs.

#include "unpack/microcontroller/small_file_systems.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <bit>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kLittlefs{identify_littlefs, read_littlefs, nullptr};
constexpr std::uint32_t kBlock = 512;

/// The log of one block.
class Log {
public:
    explicit Log(std::uint32_t revision) {
        block_.u32(revision);
        covered_ = block_.made();
    }
    Log& tag(std::uint32_t type, std::uint32_t id, Bytes content) { return raw(type << 20U | id << 10U | static_cast<std::uint32_t>(content.size()), content); }
    Log& erase(std::uint32_t id) { return tag(0x4ff, id, {}); }
    Log& commit() {
        const std::uint32_t value = 0x500U << 20U | 0x3ffU << 10U | 4U;
        const Writer on_disk = Writer(Endian::big).u32(value ^ last_);
        covered_.insert(covered_.end(), on_disk.made().begin(), on_disk.made().end());
        block_.bytes(on_disk.made()).u32(~crc32(0, covered_.data(), static_cast<uInt>(covered_.size())));
        covered_.clear();
        last_ = value;
        return *this;
    }
    [[nodiscard]] Buffer made() const {
        Writer block = block_;
        EXPECT_LE(block.size(), kBlock);
        return block.to(kBlock, 0xff).made();
    }

private:
    Log& raw(std::uint32_t value, Bytes content) {
        const Writer on_disk = Writer(Endian::big).u32(value ^ last_).bytes(content);
        covered_.insert(covered_.end(), on_disk.made().begin(), on_disk.made().end());
        block_.bytes(on_disk.made());
        last_ = value;
        return *this;
    }
    Writer block_;
    Buffer covered_;
    std::uint32_t last_ = 0xffffffff;
};

Buffer words(std::initializer_list<std::uint32_t> values) {
    Writer writer;
    for (const std::uint32_t value : values)
        writer.u32(value);
    return writer.made();
}

/// Writes the content as a skip list into blocks from `first` on; returns the head.
std::uint32_t skip_list(std::vector<Buffer>& blocks, std::uint32_t first, Bytes content) {
    std::uint32_t number = 0;
    while (!content.empty()) {
        Writer block;
        for (int i = 0; number != 0 && i <= std::countr_zero(number); ++i)
            block.u32(first + number - (1U << i));
        const Bytes piece = clipped(content, 0, kBlock - block.size());
        blocks.at(first + number) = block.bytes(piece).to(kBlock, 0xff).made();
        content = content.subspan(piece.size());
        ++number;
    }
    return first + number - 1;
}

const Buffer kLong = making::noise(5000, 1);

/// Blocks 0 and 1 the root, 2 and 3 "www", 4 and 5 its second half.
Buffer image(std::uint32_t blocks_told = 32) {
    std::vector<Buffer> blocks(32, Buffer(kBlock, 0xff));
    const std::uint32_t head = skip_list(blocks, 8, kLong);
    Log root(5);
    root.tag(0x0ff, 0, as_bytes("littlefs")).tag(0x201, 0, words({0x00020001, kBlock, blocks_told, 255, 0x7fffffff, 1022})).commit();
    root.tag(0x401, 1, {}).tag(0x001, 1, as_bytes("boot_count")).tag(0x201, 1, words({41})).tag(0x600, 0x3ff, words({2, 3})).commit();
    root.tag(0x401, 2, {}).tag(0x002, 2, as_bytes("www")).tag(0x200, 2, words({2, 3})).tag(0x401, 1, {}).tag(0x001, 1, as_bytes("a_firmware")).tag(0x202, 1, words({head, 5000})).commit();
    root.tag(0x401, 1, {}).tag(0x001, 1, as_bytes("gone")).tag(0x201, 1, as_bytes("x")).commit();
    root.erase(1).tag(0x201, 2, words({42})).commit();
    blocks[0] = root.made();
    Log older(4);
    older.tag(0x0ff, 0, as_bytes("littlefs")).tag(0x201, 0, words({0x00020001, kBlock, blocks_told, 255, 0x7fffffff, 1022})).commit();
    blocks[1] = older.made();
    Log folder(1);
    folder.tag(0x001, 0, as_bytes("index.html")).tag(0x201, 0, as_bytes("<p>hello</p>")).tag(0x601, 0x3ff, words({4, 5})).commit();
    blocks[3] = folder.made();  // block 2 was erased
    Log second(1);
    second.tag(0x001, 0, as_bytes("style.css")).tag(0x201, 0, as_bytes("p {}")).tag(0x001, 1, as_bytes("empty")).tag(0x201, 1, {}).commit();
    blocks[4] = second.made();
    Buffer all;
    for (const Buffer& block : blocks)
        all.insert(all.end(), block.begin(), block.end());
    return all;
}

TEST(Littlefs, FilesDirectoriesAndLogs) {
    const auto found = identify_littlefs(making::joined({image(), making::noise(100, 1)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, 32 * kBlock);
    EXPECT_EQ(found->description, "version 2.1, 32 blocks of 512 bytes");
    CollectingSink sink;
    const auto read = read_littlefs(image(), {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(sink.entries.size(), 6U);
    EXPECT_TRUE(sink.entries.at("a_firmware").content == as_text(kLong));
    EXPECT_EQ(as_bytes(sink.entries.at("boot_count").content)[0], 42);
    EXPECT_EQ(sink.entries.at("www").info.kind, FileKind::directory);
    EXPECT_EQ(sink.entries.at("www/index.html").content, "<p>hello</p>");
    EXPECT_EQ(sink.entries.at("www/style.css").content, "p {}");
    EXPECT_EQ(sink.entries.at("www/empty").content, "");
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ(entry.damage, "") << path;
}

TEST(Littlefs, LossIsSaid) {
    Buffer damaged = image();
    damaged[4 * kBlock + 10] ^= 1U;  // the only copy of the second half of "www"
    CollectingSink sink;
    const auto read = read_littlefs(damaged, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "the directory \"www\" cannot be read: what it held is lost");
    EXPECT_TRUE(sink.entries.contains("www/index.html"));
    // A commit that was not finished does not count; the ones before it do.
    damaged = image();
    for (std::size_t at = 0; at < kBlock; ++at)
        if (as_text(clipped(damaged, at, 4)) == "gone")
            damaged[at] ^= 1U;
    CollectingSink older;
    ASSERT_TRUE(read_littlefs(damaged, {}, older));
    EXPECT_EQ(as_bytes(older.entries.at("boot_count").content)[0], 41);
}

TEST(Littlefs, InAnImageAtAnOddPlace) {
    const auto tree = making::unpacked(making::joined({making::noise(123, 1), image(), making::noise(77, 2)}));
    EXPECT_TRUE(making::find(*tree, "littlefs@0x7b/www/style.css"));
    EXPECT_EQ(tree->regions()[1].size, 32 * kBlock);
    making::expect_covered(*tree);
    const Buffer cut = image(64);
    EXPECT_THAT(identify_littlefs(cut)->description, HasSubstr("cut off: 16,384 of 32,768 bytes are there"));
}

TEST(Littlefs, CutAndChangedAnywhere) {
    const Buffer whole = image();
    for (std::size_t size = 0; size < whole.size(); size += 13) {
        const Buffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CollectingSink sink;
        kLittlefs.run(part, sink);
        for (const auto& [path, entry] : sink.entries)
            EXPECT_TRUE(path != "a_firmware" || !entry.damage.empty() || entry.content == as_text(kLong)) << size;
    }
    change_bytes(whole, kLittlefs, 1000, false);
}

}  // namespace
}  // namespace shirushi::unpack
