#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "fetch/fetch.hpp"
#include "fetch/transfer.hpp"
#include "model/toml_fields.hpp"

namespace shirushi::fetch {

struct FeedList {
    std::vector<FeedSource> feed;
    SHIRUSHI_FIELDS(FeedList, feed)
};

namespace {

constexpr std::size_t kLargestList = std::size_t{1} << 20;
constexpr std::string_view kYear = "{year}";
constexpr std::uint32_t kLargestPage = 2000;  // that NVD gives
constexpr std::uint32_t kMostMib = 65536;

bool is_name(std::string_view text, std::string_view also) {
    return !text.empty() && text.size() <= 100 && text[0] != '.' && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || also.find(c) != std::string_view::npos;
    });
}

std::string with_year(std::string text, int year) {
    for (std::size_t at = text.find(kYear); at != std::string::npos; at = text.find(kYear, at))
        text.replace(at, kYear.size(), fmt::format("{:04}", year));
    return text;
}

Result<void> check(const FeedSource& feed, const toml::node& node, std::string_view file) {
    const auto wrong = [&](std::string_view what) { return toml_text::wrong(file, node, fmt::format("feed \"{}\": {}", excerpt(feed.name, 60), what)); };
    if (!is_name(feed.name, ""))
        return wrong("a name has small letters, digits, '-' and '.' only");
    const auto url = split_url(with_year(feed.url, 2000));
    if (!url)
        return wrong(url.error().message);
    const bool yearly = feed.url.find(kYear) != std::string::npos;
    if (!is_name(with_year(feed.file, 2000), "_ABCDEFGHIJKLMNOPQRSTUVWXYZ") || yearly != (feed.file.find(kYear) != std::string::npos))
        return wrong("\"file\" must be a file's name, without a folder, and hold {year} where the address does");
    if (yearly != (feed.first_year != 0))
        return wrong("\"first_year\" belongs to an address with {year}");
    if (feed.most_mib == 0 || feed.most_mib > kMostMib)
        return wrong(fmt::format("\"most_mib\" must be from 1 to {}", kMostMib));
    if (feed.page == 0 || feed.page > kLargestPage)
        return wrong(fmt::format("\"page\" must be from 1 to {}", kLargestPage));
    if ((feed.requests == 0) != (feed.seconds == 0))
        return wrong("\"requests\" and \"seconds\" belong together");
    if (feed.key_header.find_first_of(": \r\n") != std::string::npos)
        return wrong("\"key_header\" is the name of a header alone");
    return {};
}

}  // namespace
}  // namespace shirushi::fetch

namespace shirushi::toml_text {
template <>
inline constexpr std::string_view optional_keys<fetch::FeedSource>[] = {"kind",      "protocol", "wanted",     "most_mib",   "requests",    "seconds",
                                                                        "requests_with_key", "page", "first_year", "key_header", "key_variable", "redirect_hosts"};
}  // namespace shirushi::toml_text

namespace shirushi::fetch {

Result<std::vector<FeedSource>> read_feed_list(std::string_view text, std::string_view file, int year) {
    const auto table = TRY(toml_text::parse(text, file, kLargestList));
    const auto list = TRY(toml_text::read<FeedList>(table, file, "the file"));
    std::vector<FeedSource> feeds;
    std::set<std::string> names;
    std::set<std::string> files;
    for (std::size_t i = 0; i < list.feed.size(); ++i) {
        const FeedSource& each = list.feed[i];
        const toml::node& node = *table["feed"].as_array()->get(i);
        TRY(check(each, node, file));
        if (!names.insert(each.name).second || !files.insert(each.file).second)
            return toml_text::wrong(file, node, fmt::format("feed \"{}\": its name or file stands twice; rename one", each.name));
        if (each.first_year == 0)
            feeds.push_back(each);
        for (int of = static_cast<int>(each.first_year); each.first_year != 0 && of <= year; ++of) {
            FeedSource& one = feeds.emplace_back(each);
            one.name = fmt::format("{}-{}", each.name, of);
            one.url = with_year(each.url, of);
            one.file = with_year(each.file, of);
        }
    }
    return feeds;
}

Result<std::string> api_key(std::string_view text) {
    constexpr std::size_t longest = 256;
    const std::string_view key = trimmed(text);
    if (key.empty())
        return fail(Errc::bad_input, "the API key is empty");
    if (key.size() > longest || std::ranges::any_of(key, [](char c) { return c <= ' ' || c > '~'; }))
        return fail(Errc::bad_input, fmt::format("the API key must be one word of at most {} printable characters", longest));
    return std::string(key);
}

}  // namespace shirushi::fetch
