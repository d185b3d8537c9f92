#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "app/command.hpp"
#include "app/feed_import.hpp"
#include "app/program_files.hpp"
#include "app/progress.hpp"
#include "base/civil_time.hpp"
#include "fetch/fetch.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"
#include "vuln/snapshot.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kLargestList = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargestKey = 4096;
constexpr int kSomeNotFetched = 2;

std::string environment(std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return value;
    return {};
}

Result<std::vector<fetch::FeedSource>> listed_feeds(const CommonOptions& common, const FeedUpdateOptions& options) {
    std::filesystem::path list(options.list);
    if (list.empty())
        list = TRY(catalogues_folder(common.catalogues_folder)) / "feeds/public.toml";
    const Buffer text = TRY(read_file(list, kLargestList));
    const Date today = TRY(Date::from_text(day_today(options.import.today)));
    return fetch::read_feed_list(as_text(text), list.string(), today.year);
}

/// A name means the feed, or all years of it.
Result<std::vector<fetch::FeedSource>> wanted_feeds(const CommonOptions& common, const FeedUpdateOptions& options) {
    const auto all = TRY(listed_feeds(common, options));
    std::vector<fetch::FeedSource> wanted;
    const auto is_named = [](const fetch::FeedSource& feed, const std::string& name) {
        return feed.name == name || (feed.first_year != 0 && feed.name.size() == name.size() + 5 && feed.name.starts_with(name + "-"));
    };
    for (const std::string& name : options.names)
        if (std::ranges::none_of(all, [&](const fetch::FeedSource& feed) { return is_named(feed, name); })) {
            std::string known;
            for (const fetch::FeedSource& each : all)
                known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
            return fail(Errc::not_found, fmt::format("there is no feed \"{}\" in the list; there are {}", name, known));
        }
    for (const fetch::FeedSource& feed : all)
        if (options.names.empty() ? feed.wanted : std::ranges::any_of(options.names, [&](const std::string& name) { return is_named(feed, name); }))
            wanted.push_back(feed);
    return wanted;
}

/// From the files that are named, else from the environment. No message holds a key.
Result<void> take_keys(const FeedUpdateOptions& options, const std::vector<fetch::FeedSource>& feeds, std::map<std::string, std::string>& keys) {
    for (const fetch::FeedSource& feed : feeds)
        if (const std::string key = feed.key_variable.empty() ? std::string() : environment({feed.key_variable.c_str()}); !key.empty())
            keys[feed.name] = TRY_WITHIN(feed.key_variable, fetch::api_key(key));
    for (const std::string& each : options.key_files) {
        const auto equals = each.find('=');
        const std::string name = each.substr(0, equals);
        if (equals == std::string::npos || std::ranges::find(feeds, name, &fetch::FeedSource::name) == feeds.end())
            return fail(Errc::bad_input, "--key-file takes FEED=FILE, where FEED is one of those that are fetched");
        const std::string path = each.substr(equals + 1);
        const Buffer bytes = TRY(read_file(path, kLargestKey));
        keys[name] = TRY_WITHIN(path, fetch::api_key(as_text(bytes)));
    }
    return {};
}

Result<std::vector<fetch::Outcome>> fetch_feeds(const CommonOptions& common, const FeedUpdateOptions& options, const std::vector<fetch::FeedSource>& feeds,
                                                const std::string& folder) {
    fetch::UpdateOptions update{.folder = folder, .certificates = options.certificates, .proxy = options.proxy, .no_proxy = {}, .keys = {}, .attempts = options.attempts};
    if (update.proxy.empty()) {
        update.proxy = environment({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
        update.no_proxy = environment({"no_proxy", "NO_PROXY"});
    }
    TRY(take_keys(options, feeds, update.keys));
    ProgressLine progress(common.progress);
    return fetch::update(feeds, update, [&](std::string_view feed, std::uint64_t done, std::uint64_t total) { progress.show(feed, done, total); });
}

void print_outcome(const fetch::Outcome& outcome, Language language) {
    const auto text = [&](const char* key) { return report::Texts::embedded().of(key).in(language); };
    switch (outcome.state) {
        case fetch::Fetched::fresh: fmt::print(fmt::runtime(text("feed.fetched") + "\n"), outcome.feed, report::human_size(outcome.bytes)); break;
        case fetch::Fetched::unchanged: fmt::print(fmt::runtime(text("feed.unchanged") + "\n"), outcome.feed); break;
        case fetch::Fetched::kept: fmt::print(stderr, fmt::runtime(text("feed.kept") + "\n"), outcome.feed, outcome.problem); break;
        case fetch::Fetched::missing: fmt::print(stderr, fmt::runtime(text("feed.missing") + "\n"), outcome.feed, outcome.problem); break;
    }
}

/// What the snapshot does not hold yet. Behind a file that it lacks, all later ones of the same feed count again: they are changes to it.
Result<std::vector<FeedToImport>> files_to_import(const std::vector<fetch::Outcome>& outcomes, const std::string& snapshot_path) {
    std::optional<MappedFile> file;
    std::optional<vuln::Snapshot> snapshot;
    if (std::filesystem::exists(snapshot_path)) {
        file.emplace(TRY(MappedFile::open(snapshot_path)));
        snapshot.emplace(TRY_WITHIN(snapshot_path, vuln::Snapshot::view(file->bytes())));
    }
    const auto holds = [&](const fetch::StoredFile& stored) {
        const std::string name = std::filesystem::path(stored.path).filename().string();
        return snapshot && std::ranges::any_of(snapshot->feeds(), [&](const vuln::FeedFacts& each) {
            return snapshot->text(each.sha256) == stored.sha256 && snapshot->text(each.name).ends_with(" " + name);
        });
    };
    std::vector<FeedToImport> wanted;
    for (const fetch::Outcome& outcome : outcomes) {
        auto each = std::ranges::find_if_not(outcome.files, holds);
        for (; each != outcome.files.end(); ++each)
            wanted.push_back({.path = each->path, .kind = outcome.kind});
    }
    return wanted;
}

/// The feed that a broken file is of is fetched whole the next time.
Result<void> import_what_is_new(const CommonOptions& common, const FeedUpdateOptions& options, const std::vector<fetch::FeedSource>& feeds,
                                const std::vector<fetch::Outcome>& outcomes, const std::string& folder) {
    const std::string path = options.import.snapshot.empty() ? own_snapshot() : options.import.snapshot;
    const auto files = TRY(files_to_import(outcomes, path));
    if (files.empty()) {
        fmt::print(fmt::runtime(report::Texts::embedded().of("feed.nothing_new").in(common.language) + "\n"), path);
        return {};
    }
    std::string broken;
    const auto imported = import_feeds(common, options.import, files, &broken);
    for (std::size_t i = 0; !imported && !broken.empty() && i < outcomes.size(); ++i)
        if (std::ranges::find(outcomes[i].files, broken, &fetch::StoredFile::path) != outcomes[i].files.end())
            TRY(fetch::distrust(folder, {feeds[i]}));
    return imported;
}

Result<int> update_feeds(const CommonOptions& common, const FeedUpdateOptions& options) {
    const auto feeds = TRY(wanted_feeds(common, options));
    const std::string folder = options.cache.empty() ? own_feed_folder() : options.cache;
    const auto outcomes = TRY(fetch_feeds(common, options, feeds, folder));
    for (const fetch::Outcome& each : outcomes)
        print_outcome(each, common.language);
    if (std::ranges::all_of(outcomes, [](const fetch::Outcome& each) { return each.state == fetch::Fetched::missing; }))
        return fail(Errc::io, "no feed could be fetched, and none is there from before; the snapshot stays as it was");
    if (!options.fetch_only)
        TRY(import_what_is_new(common, options, feeds, outcomes, folder));
    const bool all = std::ranges::all_of(outcomes, [](const fetch::Outcome& each) { return each.problem.empty(); });
    return all ? 0 : kSomeNotFetched;
}

}  // namespace

int run_feed_update(const CommonOptions& common, const FeedUpdateOptions& options) {
    const auto done = update_feeds(common, options);
    return done ? *done : could_not_run(done.error());
}

}  // namespace shirushi::app
