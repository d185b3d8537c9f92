#include <fmt/format.h>

#include "base/text.hpp"
#include "fetch/download.hpp"
#include "fetch/nvd_api.hpp"

namespace shirushi::fetch {
namespace {

/// A key must not come back in what others say.
std::string without(std::string text, const std::string& key) {
    for (std::size_t at = key.empty() ? std::string::npos : text.find(key); at != std::string::npos; at = text.find(key, at))
        text.replace(at, key.size(), "***");
    return text;
}

Outcome fetch_one(const FeedSource& feed, const UpdateOptions& options, Cache& cache, Visitor& visitor, const FetchProgress& progress) {
    Outcome outcome{.feed = feed.name, .kind = feed.kind, .files = {}, .bytes = 0, .problem = {}};
    const bool api = feed.protocol == Protocol::nvd_api;
    const auto fresh = api ? fetch_nvd(feed, cache, visitor, progress, outcome.bytes) : download(feed, cache, visitor, progress, outcome.bytes);
    for (const std::string& file : {feed.file, changes_file(feed.file)})
        if (const FileState* known = api || file == feed.file ? cache.file(file) : nullptr; known != nullptr)
            outcome.files.push_back({.path = cache.path(file), .sha256 = known->sha256});
    if (fresh) {
        outcome.state = *fresh ? Fetched::fresh : Fetched::unchanged;
        return outcome;
    }
    const auto key = options.keys.find(feed.name);
    outcome.state = outcome.files.empty() ? Fetched::missing : Fetched::kept;
    outcome.problem = without(fresh.error().message, key == options.keys.end() ? std::string() : key->second);
    return outcome;
}

}  // namespace

Result<std::vector<Outcome>> update(const std::vector<FeedSource>& feeds, const UpdateOptions& options, const FetchProgress& progress) {
    Cache cache = TRY(Cache::open(options.folder));
    Visitor visitor(options);
    std::vector<Outcome> outcomes;
    for (const FeedSource& feed : feeds)
        outcomes.push_back(fetch_one(feed, options, cache, visitor, progress));
    return outcomes;
}

Result<void> distrust(const std::string& folder, const std::vector<FeedSource>& feeds) {
    Cache cache = TRY(Cache::open(folder));
    for (const FeedSource& feed : feeds)
        for (const std::string& file : {feed.file, changes_file(feed.file)})
            TRY(cache.distrust(file));
    return {};
}

}  // namespace shirushi::fetch
