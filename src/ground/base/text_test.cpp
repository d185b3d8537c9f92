#include "base/text.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(Base64, Rfc4648Vectors) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(to_base64(as_bytes(plain)), coded);
        EXPECT_EQ(as_text(from_base64(coded).value()), plain);
    }
    EXPECT_FALSE(from_base64("Zg=").has_value());
    EXPECT_FALSE(from_base64("Zg==Zg==").has_value());
    EXPECT_FALSE(from_base64("Z*==").has_value());
}

TEST(Hex, RoundTripAndRefusal) {
    EXPECT_EQ(to_hex(from_hex("00ff7e").value()), "00ff7e");
    EXPECT_FALSE(from_hex("0").has_value());
    EXPECT_FALSE(from_hex("0g").has_value());
    EXPECT_FALSE(from_hex("-1").has_value());
}

TEST(Printable, KeepsJapaneseEscapesTheRest) {
    EXPECT_EQ(printable("\xe5\x8d\xb0 mark"), "\xe5\x8d\xb0 mark");
    EXPECT_EQ(printable("a\nb"), "a\\x0ab");
    EXPECT_EQ(printable("\xff\xe5\x8d"), "\\xff\\xe5\\x8d");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong slash";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "C1 control (terminal escape)";
}

TEST(Excerpt, CutsOnACharacterBoundary) {
    EXPECT_EQ(excerpt("abcdef", 3), "abc...");
    EXPECT_EQ(excerpt("\xe5\x8d\xb0\xe5\x8d\xb0", 4), "\xe5\x8d\xb0...");
    EXPECT_EQ(excerpt("abc", 3), "abc");
}

TEST(Split, LinesAndWords) {
    EXPECT_EQ(lines_of("a\r\nb\n").size(), 2U);
    EXPECT_EQ(lines_of("a\n\nb").size(), 3U);
    EXPECT_EQ(words_of("  a\tbc  ").back(), "bc");
    EXPECT_EQ(split("a::b", ':').size(), 3U);
    EXPECT_FALSE(to_integer<int>("12x").has_value());
    EXPECT_FALSE(to_integer<std::uint8_t>("256").has_value());
}

}  // namespace
}  // namespace shirushi
