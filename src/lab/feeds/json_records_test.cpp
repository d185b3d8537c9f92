#include "feeds/json_records.hpp"

#include <gtest/gtest.h>

#include "feeds/json.hpp"

namespace shirushi::feeds {
namespace {

struct Cut {
    std::vector<std::string> records;
    std::vector<std::string> keys;
    std::vector<std::uint64_t> offsets;
    std::map<std::string, std::string> head;
    std::string error;
};

/// The text in pieces of `step` bytes.
Cut cut(std::string_view text, Layout layout, std::string_view array = "", std::size_t step = 7) {
    JsonCutter cutter(layout, array);
    Cut result;
    const auto take = [&] {
        const Batch batch = cutter.take();
        for (const Batch::Record& each : batch.records) {
            result.records.push_back(batch.text.substr(each.begin, each.size));
            result.keys.push_back(each.key);
            result.offsets.push_back(each.offset);
        }
    };
    for (std::size_t at = 0; at < text.size(); at += step) {
        if (const auto pushed = cutter.push(text.substr(at, step)); !pushed) {
            result.error = pushed.error().message;
            break;
        }
        if (at % 3 == 0)
            take();
    }
    if (result.error.empty())
        if (const auto finished = cutter.finish(); !finished)
            result.error = finished.error().message;
    take();
    result.head = cutter.head();
    return result;
}

constexpr std::string_view kFeed = R"({"stamp":"2020-01-01","n":2,"other":[{"x":1}],"items":[ {"a":"} ] \" {"},
 {"b":[{"c":{}}]} ],"end":"x"})";

TEST(JsonCutter, FindsRecordsInAnArray) {
    for (std::size_t step = 1; step < kFeed.size() + 1; ++step) {
        const Cut found = cut(kFeed, Layout::array, "items", step);
        EXPECT_EQ(found.error, "");
        ASSERT_EQ(found.records, (std::vector<std::string>{R"({"a":"} ] \" {"})", R"({"b":[{"c":{}}]})"})) << step;
        EXPECT_EQ(found.offsets[0], kFeed.find("{\"a\""));
        EXPECT_EQ(found.head.at("stamp"), "2020-01-01");
        EXPECT_EQ(found.head.at("n"), "2");
        EXPECT_EQ(found.head.at("end"), "x");
    }
}

TEST(JsonCutter, FindsValuesAndMembers) {
    EXPECT_EQ(cut("{\"a\":1}\n{\"b\":2}\n", Layout::values).records, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"}));
    EXPECT_EQ(cut("\xef\xbb\xbf{\"a\":1}", Layout::values, "", 100).records, std::vector<std::string>{"{\"a\":1}"});
    const Cut members = cut(R"({"zlib":{"CVE-1":{}},"curl":{}})", Layout::members);
    EXPECT_EQ(members.keys, (std::vector<std::string>{"zlib", "curl"}));
    EXPECT_EQ(members.records, (std::vector<std::string>{"{\"CVE-1\":{}}", "{}"}));
}

TEST(JsonCutter, EveryTruncationIsSaid) {
    for (std::size_t length = 0; length < kFeed.size(); ++length)
        EXPECT_NE(cut(kFeed.substr(0, length), Layout::array, "items").error, "") << length;
    const Cut found = cut(kFeed.substr(0, kFeed.find("{}") + 1), Layout::array, "items");
    EXPECT_EQ(found.records.size(), 1U + 0U + (found.records.size() > 1 ? 1U : 0U));
    EXPECT_TRUE(found.error.starts_with("cut off in record 2, which begins at byte ")) << found.error;
}

TEST(JsonCutter, SaysWhatIsNoFeed) {
    EXPECT_EQ(cut("", Layout::array, "items").error, "it has no list \"items\"");
    EXPECT_EQ(cut("{\"x\":[]}", Layout::array, "items").error, "it has no list \"items\"");
    EXPECT_EQ(cut("", Layout::members).error, "it is empty");
    EXPECT_NE(cut("<html>", Layout::values).error.find("\"<\" where JSON should begin"), std::string::npos);
    EXPECT_NE(cut("{\"items\":[1,2]}", Layout::array, "items").error.find("\"1\" where a record should stand"), std::string::npos);
    EXPECT_NE(cut("{\"items\":[{]}", Layout::array, "items").error.find("']' closes '{'"), std::string::npos);
    EXPECT_NE(cut("{\"items\":[{}]}{", Layout::array, "items").error.find("something follows the end"), std::string::npos);
}

TEST(JsonCutter, BoundsDepthAndSizes) {
    const std::string deep = std::string(deepest_record + 2, '[');
    EXPECT_NE(cut(deep, Layout::values).error.find("more than 64 brackets deep"), std::string::npos);
    EXPECT_NE(cut("{\"items\":" + deep, Layout::array, "other").error.find("more than 64 brackets deep"), std::string::npos);
    EXPECT_NE(cut("{\"" + std::string(5000, 'k') + "\":1}", Layout::members).error.find("a text of more than 4096 bytes"), std::string::npos);
    JsonCutter cutter(Layout::values, "");
    ASSERT_TRUE(cutter.push("{\"a\":\"").has_value());
    const std::string piece(std::size_t{1} << 20, 'x');
    Result<void> pushed;
    for (std::size_t given = 0; pushed && given <= largest_record; given += piece.size())
        pushed = cutter.push(piece);
    ASSERT_FALSE(pushed.has_value());
    EXPECT_EQ(pushed.error().code, Errc::limit);
    EXPECT_TRUE(pushed.error().message.starts_with("record 1, which begins at byte 0, takes more than ")) << pushed.error().message;
}

std::string padded(std::string text) { return text.append(kPadding, '\0'); }

TEST(Json, NotesWrongTypesAndForgivesAbsence) {
    JsonParser parser;
    const std::string text = R"({"a":{"b":"text"},"n":null,"x":3,"s":"0.5"})";
    const std::string room = padded(text);
    const Json record = parser.parse(std::string_view(room).substr(0, text.size())).value();
    EXPECT_EQ(record["a"]["b"].text(), "text");
    EXPECT_EQ(record["n"]["deeper"].text(), "");
    EXPECT_EQ(record["absent"]["deeper"].number(), std::nullopt);
    EXPECT_EQ(record["x"].number(), 3.0);
    EXPECT_EQ(record["s"].number(), 0.5);
    EXPECT_EQ(parser.problem(), "");
    EXPECT_EQ(record["x"].text(), "");
    EXPECT_EQ(parser.problem(), "\"x\" is not a text");
    record["a"].each([](const Json&) { FAIL(); });
    EXPECT_EQ(parser.problem(), "\"x\" is not a text") << "the first stays";
}

TEST(Json, RefusesDoubleKeysAndNoJson) {
    JsonParser parser;
    const auto error = [&](std::string text) {
        const std::string room = padded(text);
        const auto parsed = parser.parse(std::string_view(room).substr(0, text.size()));
        return parsed ? std::string() : parsed.error().message;
    };
    EXPECT_EQ(error(R"({"a":[{"id":1,"id":2}]})"), "\"id\" stands twice in one object");
    std::string many = "{";
    for (int i = 0; i < 40; ++i)
        many += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_EQ(error(many + "\"last\":0}"), "");
    EXPECT_EQ(error(many + "\"k39\":0}"), "\"k39\" stands twice in one object");
    EXPECT_TRUE(error("{\"a\":}").starts_with("no JSON: "));
    EXPECT_TRUE(error("{\"a\":\"\xff\"}").starts_with("no JSON: "));
}

}  // namespace
}  // namespace shirushi::feeds
