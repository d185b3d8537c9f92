#include "report/display_width.hpp"

#include <gtest/gtest.h>

namespace shirushi::report {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("\u9069\u5408"), 4U) << "two kanji";
    EXPECT_EQ(display_width("\uFF8A\uFF9D\uFF76\uFF78"), 4U) << "halfwidth katakana";
    EXPECT_EQ(display_width("\uFF21\uFF10"), 4U) << "fullwidth letters";
    EXPECT_EQ(display_width("e\u0301"), 1U) << "a combining accent takes no column";
    EXPECT_EQ(display_width("\u304B\u3099"), 2U) << "a combining voicing mark";
    EXPECT_EQ(display_width("\U00020BB7\U0001F512"), 4U) << "CJK extension B and an emoji";
    EXPECT_EQ(display_width("\u00E9\u03B1\u2192"), 3U) << "ambiguous characters count one";
}

TEST(Fitted, HasExactlyTheColumnsAskedFor) {
    EXPECT_EQ(fitted("abc", 5), "abc  ");
    EXPECT_EQ(fitted("abcdef", 5), "ab...");
    EXPECT_EQ(fitted("\u9069\u5408\u9069\u5408", 6), "\u9069... ") << "a wide character is not halved";
    for (std::size_t columns = 0; columns < 12; ++columns)
        for (const std::string_view text : {"", "a", "abcdefghijkl", "\u9069\u5408\u6027\u8A55\u4FA1", "a\u9069b\u5408c\u6027d"})
            EXPECT_EQ(display_width(fitted(text, columns)), columns) << text;
}

TEST(Wrapped, BreaksAtSpacesAndBetweenKanji) {
    EXPECT_EQ(wrapped("one two three", 8), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrapped("\u9069\u5408\u6027\u8A55\u4FA1", 8), (std::vector<std::string>{"\u9069\u5408\u6027\u8A55", "\u4FA1"}));
    EXPECT_EQ(wrapped("\u9069\u5408\u6027\u8A55\u3002\u4FA1", 8), (std::vector<std::string>{"\u9069\u5408\u6027", "\u8A55\u3002\u4FA1"}))
        << "a full stop does not start a line";
    EXPECT_EQ(wrapped("abcdefghijkl", 8), (std::vector<std::string>{"abcdefgh", "ijkl"}));
    EXPECT_EQ(wrapped("", 8), (std::vector<std::string>{""}));
}

TEST(Wrapped, LosesNothingAndNeverOverflows) {
    const std::string text = "telnetd \u306F\u8A8D\u8A3C\u306A\u3057\u3067\u4F7F\u3048\u307E\u3059\uFF08-l /bin/sh\uFF09\u3002 squashfs@0x120000/etc/init.d/S50telnet";
    const auto squeezed = [](std::string_view from) {
        std::string out;
        for (const char c : from)
            if (c != ' ')
                out += c;
        return out;
    };
    for (std::size_t columns = 8; columns < 60; ++columns) {
        std::string joined;
        for (const std::string& line : wrapped(text, columns)) {
            EXPECT_LE(display_width(line), columns) << columns << ": " << line;
            joined += line;
        }
        EXPECT_EQ(squeezed(joined), squeezed(text)) << columns;
    }
}

}  // namespace
}  // namespace shirushi::report
