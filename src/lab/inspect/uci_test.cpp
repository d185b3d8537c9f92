#include "inspect/uci.hpp"

#include <gtest/gtest.h>

namespace shirushi::inspect {
namespace {

TEST(Uci, SectionsOptionsAndLists) {
    const char* text = "package dropbear\nconfig dropbear 'main' # note\n\toption Port '22'\n\toption PasswordAuth \"on\"\n\tlist x a b\n\toption Port 2222\nconfig other\n";
    const auto sections = read_uci(text);
    ASSERT_EQ(sections.size(), 2U);
    EXPECT_EQ(sections[0].type, "dropbear");
    EXPECT_EQ(sections[0].name, "main");
    EXPECT_EQ(sections[0].value("Port"), "2222");
    EXPECT_EQ(sections[0].value("PasswordAuth"), "on");
    EXPECT_EQ(sections[0].value("x"), "a");
    EXPECT_EQ(sections[0].value("none"), "");
    for (std::size_t length = 0; length <= std::string_view(text).size(); ++length)
        EXPECT_LE(read_uci(std::string_view(text).substr(0, length)).size(), 2U);
}

}  // namespace
}  // namespace shirushi::inspect
