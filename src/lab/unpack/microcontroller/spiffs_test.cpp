// SPIFFS by a small writer after its technical specification.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/small_file_systems.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kSpiffs{identify_spiffs, read_spiffs, nullptr};

/// Pages of 256 bytes in blocks of 4 KiB; pages are filled in the order of the calls.
class Flash {
public:
    explicit Flash(std::size_t blocks) : bytes_(blocks * 4096, 0xff), blocks_(blocks) {
        for (std::size_t i = 0; i < blocks; ++i)
            put(i * 4096 + 252, 0x0529U ^ 256U ^ (blocks - i));
    }
    void page(std::uint16_t number, std::uint16_t span, std::uint8_t flags, Bytes content, bool deleted = false) {
        const std::size_t block = next_ / 15;
        const std::size_t index = next_ % 15;
        ++next_;
        ASSERT_LT(block, blocks_);
        put(block * 4096 + index * 2, deleted ? 0 : number);
        const Writer page = Writer().u16(number).u16(span).u8(flags).bytes(content);
        ASSERT_LE(page.size(), 256U);
        std::ranges::copy(page.made(), bytes_.begin() + static_cast<std::ptrdiff_t>(block * 4096 + (index + 1) * 256));
    }
    void file(std::uint16_t number, std::string_view name, Bytes content) {
        page(number | 0x8000U, 0, 0xf8, Writer().fill(0xff, 3).u32(content.size()).u8(1).field(name, 32).made());
        for (std::size_t span = 0; span * 251 < content.size(); ++span)
            page(number, static_cast<std::uint16_t>(span), 0xfc, clipped(content, span * 251, 251));
    }
    [[nodiscard]] const Buffer& made() const { return bytes_; }

private:
    void put(std::size_t at, std::size_t value) {
        bytes_.at(at) = static_cast<std::uint8_t>(value);
        bytes_.at(at + 1) = static_cast<std::uint8_t>(value >> 8U);
    }
    Buffer bytes_;
    std::size_t blocks_;
    std::size_t next_ = 0;
};

const Buffer kLarge = making::noise(5000, 1);

Flash flash() {
    Flash flash(4);
    flash.file(1, "/index.html", as_bytes("<p>hello</p>"));
    flash.page(9 | 0x8000, 0, 0x78, Writer().fill(0xff, 3).u32(5).u8(1).field("/gone.txt", 32).made(), true);
    flash.file(2, "/large.bin", kLarge);
    flash.file(3, "/empty", {});
    return flash;
}

TEST(Spiffs, FilesFromTheirPages) {
    const Buffer image = flash().made();
    const auto found = identify_spiffs(making::joined({image, making::noise(99, 2)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    EXPECT_EQ(found->description, "4 blocks of 4096 bytes, pages of 256");
    const auto tree = making::unpacked(image);
    for (const auto& [path, content] : std::map<std::string, Buffer>{{"index.html", {'<', 'p', '>', 'h', 'e', 'l', 'l', 'o', '<', '/', 'p', '>'}}, {"large.bin", kLarge}, {"empty", {}}}) {
        const auto node = making::find(*tree, "spiffs@0x0/" + path);
        ASSERT_TRUE(node) << path;
        EXPECT_TRUE(as_text(tree->bytes(*node)) == as_text(content)) << path;
    }
    EXPECT_FALSE(making::find(*tree, "gone.txt"));
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
}

TEST(Spiffs, LossIsSaid) {
    Flash image = flash();
    image.page(7, 0, 0xfc, as_bytes("whose?"));
    CollectingSink sink;
    const auto read = read_spiffs(image.made(), {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "the names and sizes of 1 files are lost");
    const Buffer cut(image.made().begin(), image.made().begin() + 3 * 4096);
    Buffer damaged = flash().made();
    damaged[4096] = 0;  // the number of a page of /large.bin
    damaged[4097] = 0;
    CollectingSink other;
    ASSERT_TRUE(read_spiffs(damaged, {}, other));
    EXPECT_THAT(other.entries.at("/large.bin").damage, HasSubstr("of 5,000 bytes are there"));
    EXPECT_THAT(identify_spiffs(cut)->description, HasSubstr("cut off: 12,288 of 16,384 bytes"));
}

TEST(Spiffs, CutAndChangedAnywhere) {
    const Buffer image = flash().made();
    cut_everywhere(image, kSpiffs, 41);
    change_bytes(image, kSpiffs, 1500, false);
    for (std::uint32_t seed = 0; seed < 100; ++seed)
        EXPECT_FALSE(identify_spiffs(making::noise(20000, seed)));
}

}  // namespace
}  // namespace shirushi::unpack
