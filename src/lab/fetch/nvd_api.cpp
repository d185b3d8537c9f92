#include "fetch/nvd_api.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "fetch/page_archive.hpp"
#include "model/timestamp.hpp"

namespace shirushi::fetch {
namespace {

constexpr long kOk = 200;
constexpr long kNotFound = 404;
constexpr std::size_t kLargestPage = std::size_t{128} << 20;
constexpr std::uint64_t kLargestChanges = std::uint64_t{64} << 20;  // of the archive; beyond it, and beyond the whole, all is fetched anew
constexpr unsigned kMostRestarts = 3;

/// The pages of one question.
class Pages {
public:
    Pages(const FeedSource& feed, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes) : feed_(feed), visitor_(visitor), progress_(progress), bytes_(bytes) {}

    struct Page {
        std::uint64_t start = 0;
        std::string text;
    };
    using Take = std::function<Result<void>(const Page& page)>;

    /// All pages to `take`, which begins anew on `restart`: where the total changes between two pages, records may have moved from one to
    /// the other. What comes back is NVD's clock at the first page.
    Result<std::string> all(const std::string& query, const std::function<Result<void>()>& restart, const Take& take) {
        for (unsigned tries = 0; tries <= kMostRestarts; ++tries) {
            TRY(restart());
            const auto stamp = TRY(once(query, take));
            if (stamp)
                return *stamp;
        }
        return fail(Errc::io, fmt::format("NVD's number of records changed during each of {} attempts: run the update again later", kMostRestarts + 1));
    }

private:
    /// Nothing: the total changed.
    Result<std::optional<std::string>> once(const std::string& query, const Take& take) {
        std::optional<PageFacts> first;
        for (std::uint64_t start = 0; !first || start < first->total;) {
            Page page{.start = start, .text = {}};
            const PageFacts facts = TRY(fetch(query, page));
            if (first && facts.total != first->total)
                return std::optional<std::string>();
            if (!first)
                first = facts;
            if (facts.records == 0)
                break;
            TRY(take(page));
            start += facts.records;
            if (progress_)
                progress_(feed_.name, start, facts.total);
        }
        return std::optional(first->timestamp);
    }

    Result<PageFacts> fetch(const std::string& query, Page& page) {
        PageFacts facts;
        const auto attempt = [&](Client& client) { return ask(client, query, page, facts); };
        TRY(visitor_.persist(feed_, attempt));
        return facts;
    }

    Result<Attempt> ask(Client& client, const std::string& query, Page& page, PageFacts& facts) {
        page.text.clear();
        const char joint = feed_.url.find('?') == std::string::npos ? '?' : '&';
        const Request request{.url = fmt::format("{}{}resultsPerPage={}&startIndex={}{}", feed_.url, joint, feed_.page, page.start, query), .headers = {},
                              .secret = visitor_.secret(feed_), .redirect_hosts = feed_.redirect_hosts};
        const BodySink sink{.begin = [](const Response& /*head*/) -> Result<void> { return {}; }, .write = [&](std::string_view piece) { return append(page.text, piece); }};
        const Response response = TRY(client.get(request, sink));
        if (!response.broken.empty())
            return Attempt{.again = true, .retry_after = {}, .problem = response.broken};
        if (response.status != kOk)
            return refused(response);
        const auto read = page_facts(page.text);
        if (!read)
            return Attempt{.again = true, .retry_after = {}, .problem = fmt::format("page at {}: {}", page.start, read.error().message)};
        facts = *read;
        return fits(facts, page.start);
    }

    Attempt refused(const Response& response) const {
        Attempt attempt = refused_with(response, true);  // 403 is how NVD says that requests come too fast
        if (response.status == kNotFound && !visitor_.secret(feed_).empty())
            attempt.problem += ": is the API key right?";
        return attempt;
    }

    [[nodiscard]] Attempt fits(const PageFacts& facts, std::uint64_t start) const {
        const bool whole = facts.records == std::min<std::uint64_t>(feed_.page, facts.total - std::min(start, facts.total));
        if (facts.start == start && (whole || (facts.records != 0 && facts.records < feed_.page && start + facts.records < facts.total)))
            return {};
        return {.again = true, .retry_after = {}, .problem = fmt::format("the page at {} holds {} records from {} on, of {}", start, facts.records, facts.start, facts.total)};
    }

    Result<void> append(std::string& text, std::string_view piece) {
        const std::uint64_t most = std::uint64_t{feed_.most_mib} << 20U;
        bytes_ += piece.size();
        if (text.size() + piece.size() > kLargestPage || bytes_ > most)
            return fail(Errc::limit, fmt::format("a page of more than {} bytes, or all of more than {} MiB; if that is right, raise the feed's most_mib", kLargestPage, feed_.most_mib));
        text += piece;
        return {};
    }

    const FeedSource& feed_;
    Visitor& visitor_;
    const FetchProgress& progress_;
    std::uint64_t& bytes_;
};

/// "2026-11-28T04:00:00Z" as the API takes it.
std::string query_time(std::int64_t seconds) {
    const std::string utc = utc_text(seconds);
    return utc.substr(0, utc.size() - 1) + ".000%2B00:00";
}

class NvdFetch {
public:
    NvdFetch(const FeedSource& feed, Cache& cache, Pages pages) : feed_(feed), cache_(cache), pages_(pages), now_(seconds_now()), changes_(changes_file(feed.file)) {}

    Result<bool> run() {
        const FileState* const whole = cache_.file(feed_.file);
        const FileState* const changes = cache_.file(changes_);
        if (whole == nullptr || whole->url != feed_.url || !seconds_of(whole->until) || (changes != nullptr && changes->size > std::max(kLargestChanges, whole->size)))
            return fetch_all();
        const bool continued = changes != nullptr && changes->url == feed_.url && seconds_of(changes->until);
        return fetch_changes(continued ? *seconds_of(changes->until) : *seconds_of(whole->until), continued ? cache_.path(changes_) : std::string());
    }

private:
    [[nodiscard]] FileState state(const std::string& file, const std::string& until) const {
        return {.file = file, .url = feed_.url, .etag = {}, .modified = {}, .sha256 = {}, .size = 0, .fetched = utc_text(now_), .until = until};
    }
    /// Changes are asked for from here on next time: by NVD's clock, where ours is ahead of it.
    [[nodiscard]] static std::string until(std::int64_t ours, const std::string& theirs) { return theirs.empty() ? utc_text(ours) : std::min(utc_text(ours), theirs); }

    Result<bool> fetch_all() {
        std::optional<PageArchive> archive;
        const std::string part = cache_.path(feed_.file) + ".part";
        std::uint64_t count = 0;
        const auto stamp = pages_.all({}, [&]() -> Result<void> {
            archive = TRY(PageArchive::begin(part, {}));
            count = 0;
            return {};
        }, [&](const Pages::Page& page) {
            ++count;
            return archive->add(fmt::format("{:07}.json", page.start), page.text);
        });
        if (!stamp || count == 0) {
            TRY(cache_.drop_part(feed_.file));
            return stamp ? fail(Errc::bad_input, "NVD says that it has no records") : std::unexpected(stamp.error());
        }
        TRY(archive->finish());
        TRY(cache_.complete(state(feed_.file, until(now_, *stamp))));
        TRY(cache_.drop(changes_));
        return true;
    }

    /// Window by window; what a window brought is kept even if the next one fails.
    Result<bool> fetch_changes(std::int64_t from, std::string earlier) {
        bool fresh = false;
        for (const TimeWindow& window : windows(from, now_)) {
            if (TRY(fetch_window(window, earlier))) {
                fresh = true;
                earlier = cache_.path(changes_);
            }
        }
        return fresh;
    }

    Result<bool> fetch_window(const TimeWindow& window, const std::string& earlier) {
        std::optional<PageArchive> archive;
        const std::string query = fmt::format("&lastModStartDate={}&lastModEndDate={}", query_time(window.from), query_time(window.to));
        std::uint64_t count = 0;
        const auto stamp = pages_.all(query, [&]() -> Result<void> {
            archive = TRY(PageArchive::begin(cache_.path(changes_) + ".part", earlier));
            count = 0;
            return {};
        }, [&](const Pages::Page& page) {
            ++count;
            return archive->add(fmt::format("{}-{:07}.json", utc_text(window.from), page.start), page.text);
        });
        if (!stamp || count == 0) {
            TRY(cache_.drop_part(changes_));
            if (!stamp)
                return std::unexpected(stamp.error());
            TRY(cache_.touch(earlier.empty() ? feed_.file : changes_, utc_text(now_), until(window.to, *stamp)));
            return false;
        }
        TRY(archive->finish());
        TRY(cache_.complete(state(changes_, until(window.to, *stamp))));
        return true;
    }

    const FeedSource& feed_;
    Cache& cache_;
    Pages pages_;
    std::int64_t now_;
    std::string changes_;
};

}  // namespace

std::vector<TimeWindow> windows(std::int64_t from, std::int64_t to) {
    std::vector<TimeWindow> all;
    for (; from < to; from = all.back().to)
        all.push_back({.from = from, .to = std::min(to, from + longest_window)});
    return all;
}

std::optional<std::int64_t> seconds_of(std::string_view utc) {
    constexpr std::size_t length = 20;
    if (utc.size() != length || utc_text(utc) != utc)
        return std::nullopt;
    const auto date = Date::from_text(utc.substr(0, 10));
    const auto number = [&](std::size_t at) { return to_integer<std::int64_t>(utc.substr(at, 2)).value_or(0); };
    return date ? std::optional(((date->days() * 24 + number(11)) * 60 + number(14)) * 60 + number(17)) : std::nullopt;
}

Result<PageFacts> page_facts(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::element page;
    if (const auto error = parser.parse(simdjson::padded_string(text)).get(page))
        return fail(Errc::bad_input, fmt::format("no JSON: {}", simdjson::error_message(error)));
    PageFacts facts;
    simdjson::dom::array records;
    std::string_view format;
    if (page["totalResults"].get(facts.total) != simdjson::SUCCESS || page["startIndex"].get(facts.start) != simdjson::SUCCESS ||
        page["vulnerabilities"].get(records) != simdjson::SUCCESS || page["format"].get(format) != simdjson::SUCCESS || format != "NVD_CVE")
        return fail(Errc::bad_input, "it is no page of NVD's API 2.0");
    for ([[maybe_unused]] const auto each : records)
        ++facts.records;
    if (std::string_view stamp; page["timestamp"].get(stamp) == simdjson::SUCCESS)
        facts.timestamp = utc_text(stamp.ends_with('Z') ? std::string(stamp) : std::string(stamp) + "Z");
    return facts;
}

std::string changes_file(const std::string& file) {
    const auto dot = file.find('.');
    return file.substr(0, dot) + "-modified" + (dot == std::string::npos ? "" : file.substr(dot));
}

Result<bool> fetch_nvd(const FeedSource& feed, Cache& cache, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes) {
    return NvdFetch(feed, cache, Pages(feed, visitor, progress, bytes)).run();
}

}  // namespace shirushi::fetch
