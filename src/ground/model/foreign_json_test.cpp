#include "model/foreign_json.hpp"

#include <gtest/gtest.h>

namespace shirushi::json {
namespace {

std::string refusal(std::string_view text, const ForeignLimits& limits = {}) {
    const auto parsed = parse_foreign(text, limits);
    return parsed ? "read" : parsed.error().message;
}

TEST(ForeignJson, SaysWhereTheGrammarBreaks) {
    EXPECT_EQ(refusal("{\n \"a\": 1,\n}"),
              "line 3, byte 12: not JSON: syntax error while parsing object key - unexpected '}'; expected string literal; mend it there "
              "or export the document again");
    EXPECT_TRUE(refusal("").starts_with("line 1, byte "));
    EXPECT_TRUE(refusal("{\"a\": \"\xff\"}").find("not JSON") != std::string::npos);
    EXPECT_TRUE(refusal("[1] x").find("byte 5") != std::string::npos) << refusal("[1] x");
}

TEST(ForeignJson, RefusesNamesThatStandTwice) {
    EXPECT_EQ(refusal(R"({"components": [{"name": "a"}, {"name": "a", "x": 1, "name": "b"}]})"),
              "/components/1: the name \"name\" stands twice; it is not clear which counts, remove one");
    EXPECT_EQ(refusal(R"({"a": {"x": 1}, "b": {"x": 1}})"), "read");
}

TEST(ForeignJson, IsBounded) {
    EXPECT_EQ(refusal(R"({"a": [1, [2, [3]]]})", {.depth = 3}), "/a/1/1: nests deeper than 3 levels; no known document does");
    EXPECT_EQ(refusal(R"({"a": ["xy", "xyz"]})", {.string_bytes = 2}), "/a/1: a text of 3 bytes is longer than the 2 that are read; shorten it");
    EXPECT_EQ(refusal(R"([1, 2, 3])", {.values = 3}), "/2: more than 3 values; split the document");
    EXPECT_EQ(refusal("[    ]", {.bytes = 5}), "6 bytes are more than the 5 that are read; split the document");
    const std::string deep(1'000'000, '[');
    EXPECT_NE(refusal(deep).find("nests deeper than 64"), std::string::npos);
}

TEST(ForeignJson, IsReadAtEveryLength) {
    const std::string whole = R"({"a~/b": [1, -2.5, {"c": null}, "text \u00e9"], "d": true})";
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(parse_foreign(whole.substr(0, length)).has_value()) << length;
    EXPECT_TRUE(parse_foreign(whole).has_value());
}

TEST(ForeignJson, PlacesAreNamed) {
    const Foreign document =
        parse_foreign(R"({"a/b": [{"name": "x"}, {"name": 3, "n": null, "t": "  two\nlines\u0007 ", "long": "12345"}]})").value();
    const At root(document);
    const auto items = root.list("a/b").value();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].text("name").value(), "x");
    EXPECT_EQ(items[1].text("name").error().message, "/a~1b/1/name: expected text; mend it there or export the document again");
    EXPECT_EQ(items[1].text("n").value(), "");
    EXPECT_EQ(items[1].text("t").value(), "two lines");
    EXPECT_EQ(items[1].required_text("none").error().message, "/a~1b/1: lacks \"none\"; add it");
    EXPECT_EQ(items[1].text("long", 4).error().code, Errc::limit);
    EXPECT_EQ(items[1].number("name").value(), 3.0);
    EXPECT_EQ(items[1].number("t").error().code, Errc::bad_input);
    EXPECT_EQ(root.object("a/b").error().message, "/a~1b: expected an object; mend it there or export the document again");
    EXPECT_EQ(items[0].list("name").error().message, "/a~1b/0/name: expected an array; mend it there or export the document again");
    EXPECT_TRUE(root.list("none").value().empty());
    EXPECT_EQ(At(items[1].value()).where(), "the document");
}

}  // namespace
}  // namespace shirushi::json
