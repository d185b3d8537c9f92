#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fetch/cache.hpp"
#include "fetch/download.hpp"
#include "fetch/fetch.hpp"
#include "fetch/nvd_api.hpp"
#include "fetch/pace.hpp"
#include "fetch/page_archive.hpp"

namespace shirushi::fetch {
namespace {

using testing::HasSubstr;

std::string list_error(std::string_view more, std::string_view url = "https://a.example/x", std::string_view file = "x.json") {
    const auto list = read_feed_list(fmt::format("[[feed]]\nname = \"x\"\nurl = \"{}\"\nfile = \"{}\"\n{}", url, file, more), "feeds.toml", 2026);
    return list ? "" : list.error().message;
}

TEST(FeedList, YearsBecomeFeeds) {
    const auto list = read_feed_list("[[feed]]\nname = \"jvn\"\nurl = \"https://a.example/jvn_{year}.rdf\"\nfile = \"jvn_{year}.rdf\"\nfirst_year = 2024\nwanted = false\n", "f", 2026);
    ASSERT_TRUE(list.has_value()) << list.error().message;
    ASSERT_EQ(list->size(), 3U);
    EXPECT_EQ((*list)[0].name, "jvn-2024");
    EXPECT_EQ((*list)[2].url, "https://a.example/jvn_2026.rdf");
    EXPECT_EQ((*list)[2].file, "jvn_2026.rdf");
    EXPECT_FALSE((*list)[2].wanted);
}

TEST(FeedList, WhatIsWrongIsSaid) {
    EXPECT_EQ(list_error(""), "");
    EXPECT_THAT(list_error("", "http://a.example/x"), HasSubstr("is not HTTPS"));
    EXPECT_THAT(list_error("", "file:///etc/passwd"), HasSubstr("is not HTTPS"));
    EXPECT_THAT(list_error("", "nonsense"), HasSubstr("feeds.toml:1: "));
    EXPECT_THAT(list_error("", "https://user:word@a.example/"), HasSubstr("must not hold a user name"));
    for (const std::string_view file : {"../x", "a/b", "", ".hidden", "x y"})
        EXPECT_THAT(list_error("", "https://a.example/x", file), HasSubstr("must be a file's name")) << file;
    EXPECT_THAT(list_error("first_year = 2000"), HasSubstr("belongs to an address with {year}"));
    EXPECT_THAT(list_error("requests = 5"), HasSubstr("belong together"));
    EXPECT_THAT(list_error("most_mib = 0"), HasSubstr("from 1 to"));
    EXPECT_THAT(list_error("page = 2001"), HasSubstr("from 1 to 2000"));
    EXPECT_THAT(list_error("key_header = \"a: b\""), HasSubstr("name of a header alone"));
    EXPECT_THAT(list_error("protocol = \"ftp\""), HasSubstr("must be one of"));
    EXPECT_THAT(list_error("wantd = true"), HasSubstr("did you mean"));
    EXPECT_THAT(list_error("[[feed]]\nname = \"x\"\nurl = \"https://b.example\"\nfile = \"y\""), HasSubstr("stands twice"));
}

TEST(Keys, AreOneWord) {
    EXPECT_EQ(api_key("  abc-1\n").value(), "abc-1");
    for (const std::string_view wrong : {"", " ", "two words", "a\r\nb: c", "k\xc3\xa9y"}) {
        const auto key = api_key(wrong);
        ASSERT_FALSE(key.has_value());
        EXPECT_EQ(key.error().message.find("two"), std::string::npos);
    }
}

TEST(Paces, SoManyRequestsInSoMuchTime) {
    Pace pace(2, 30);
    EXPECT_EQ(pace.wait(0), 0);
    pace.note(0);
    EXPECT_EQ(pace.wait(1000), 0);
    pace.note(1000);
    EXPECT_EQ(pace.wait(2000), 28'000);
    EXPECT_EQ(pace.wait(30'000), 0);
    pace.note(30'000);
    EXPECT_EQ(pace.wait(30'001), 999);
    Pace free;
    free.note(0);
    EXPECT_EQ(free.wait(0), 0);
    EXPECT_EQ(back_off(1), 1000);
    EXPECT_EQ(back_off(3), 4000);
    EXPECT_EQ(back_off(99), 30'000);
}

TEST(Paces, RetryAfterInBothForms) {
    constexpr std::int64_t now = 784'111'777;  // 1994-11-06T08:49:37Z
    EXPECT_EQ(retry_after("120", now), 120'000);
    EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), 10'000);
    EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0);
    EXPECT_EQ(retry_after("4000000000", now), 86'400'000);
    for (const std::string_view wrong : {"", "soon", "-1", "Sun, 06 Nov 1994 8:49 GMT", "Sun, 06 Nix 1994 08:49:47 GMT", "Sun, 06 Nov 1994 08:49:47 CET", "99999999999"})
        EXPECT_FALSE(retry_after(wrong, now).has_value()) << wrong;
}

TEST(Downloads, ContentRange) {
    EXPECT_EQ(content_range("bytes 5-9/10"), (ContentRange{.first = 5, .last = 9, .total = 10}));
    for (const std::string_view wrong : {"", "bytes 5-9/*", "bytes 9-5/10", "bytes 5-10/10", "bytes */10", "items 5-9/10", "bytes 5/9-10", "bytes -1-9/10"})
        EXPECT_FALSE(content_range(wrong).has_value()) << wrong;
}

TEST(NvdApi, WindowsAreNoLongerThan120Days) {
    EXPECT_TRUE(windows(10, 10).empty());
    EXPECT_TRUE(windows(10, 9).empty());
    EXPECT_EQ(windows(0, 5), (std::vector<TimeWindow>{{.from = 0, .to = 5}}));
    EXPECT_EQ(windows(0, longest_window + 1), (std::vector<TimeWindow>{{.from = 0, .to = longest_window}, {.from = longest_window, .to = longest_window + 1}}));
    EXPECT_EQ(seconds_of("1970-01-02T01:02:03Z"), 86'400 + 3723);
    EXPECT_FALSE(seconds_of("1970-01-02").has_value());
    EXPECT_FALSE(seconds_of("1970-13-02T01:02:03Z").has_value());
    EXPECT_EQ(changes_file("nvd.tar.gz"), "nvd-modified.tar.gz");
    EXPECT_EQ(changes_file("nvd"), "nvd-modified");
}

TEST(NvdApi, PagesSayWhatTheyAre) {
    const auto facts = page_facts(R"({"resultsPerPage":1,"startIndex":2,"totalResults":3,"format":"NVD_CVE","timestamp":"2024-01-02T03:04:05.678","vulnerabilities":[{}]})");
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(*facts, (PageFacts{.total = 3, .start = 2, .records = 1, .timestamp = "2024-01-02T03:04:05Z"}));
    for (const std::string_view wrong : {"", "[]", "{}", "<html>", R"({"startIndex":-1,"totalResults":3,"format":"NVD_CVE","vulnerabilities":[]})",
                                         R"({"startIndex":0,"totalResults":3,"format":"other","vulnerabilities":[]})", R"({"startIndex":0,"totalResults":3,"format":"NVD_CVE")"})
        EXPECT_FALSE(page_facts(wrong).has_value()) << wrong;
}

class Folder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("fetch_test." + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }

    std::filesystem::path folder_;
};

TEST_F(Folder, ArchivesGrowWithoutBeingPackedAnew) {
    const auto archive = [&](const std::string& name, const std::string& earlier, std::initializer_list<std::string_view> pages) {
        auto made = PageArchive::begin(folder_ / name, earlier.empty() ? earlier : std::string(folder_ / earlier)).value();
        for (const std::string_view page : pages)
            EXPECT_TRUE(made.add(page, std::string(1000, page[0])).has_value());
        EXPECT_TRUE(made.finish().has_value());
    };
    archive("one", "", {"a", "b"});
    archive("first", "", {"a"});
    archive("grown", "first", {"b"});
    EXPECT_EQ(content("one"), content("grown"));
    write("short", content("one").substr(0, content("one").size() - 1));
    EXPECT_FALSE(PageArchive::begin(folder_ / "x", folder_ / "short").has_value());
    EXPECT_FALSE(PageArchive::begin(folder_ / "x", folder_ / "absent").has_value());
}

TEST_F(Folder, TheCacheKnowsItsFiles) {
    {
        Cache cache = Cache::open(folder_).value();
        EXPECT_FALSE(Cache::open(folder_).has_value()) << "one at a time";
        write("x.json.part", "content");
        ASSERT_TRUE(cache.set_part({.file = "x.json", .url = "u", .validator = "\"v\""}).has_value());
        EXPECT_EQ(cache.part_size("x.json"), 7U);
        ASSERT_TRUE(cache.complete({.file = "x.json", .url = "u", .etag = "\"v\""}).has_value());
        EXPECT_EQ(cache.part("x.json"), nullptr);
    }
    Cache cache = Cache::open(folder_).value();
    ASSERT_NE(cache.file("x.json"), nullptr);
    EXPECT_EQ(cache.file("x.json")->etag, "\"v\"");
    ASSERT_TRUE(cache.distrust("x.json").has_value());
    EXPECT_EQ(cache.file("x.json")->etag, "");
    write("x.json", "changed");
    EXPECT_EQ(cache.file("x.json"), nullptr) << "other bytes";
}

TEST_F(Folder, AStateThatCannotBeReadIsNone) {
    const CacheState state{.files = {{.file = "x", .size = 5}}, .parts = {{.file = "y"}}};
    const std::string text = to_json(state);
    EXPECT_EQ(cache_state_from_json(text).value(), state);
    for (std::size_t length = 0; length + 1 < text.size(); ++length)
        EXPECT_FALSE(cache_state_from_json(text.substr(0, length)).has_value()) << length;
    write("state.json", text.substr(0, 10));
    EXPECT_TRUE(Cache::open(folder_).has_value());
}

}  // namespace
}  // namespace shirushi::fetch
