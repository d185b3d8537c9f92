#include <fmt/format.h>

#include "app/command.hpp"
#include "app/feed_import.hpp"
#include "app/program_files.hpp"
#include "base/civil_time.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"
#include "vuln/snapshot.hpp"

namespace shirushi::app {
namespace {

constexpr std::int64_t kStaleDays = 30;  // since the newest record

Result<void> print_status(const CommonOptions& common, const std::string& given, const std::string& today) {
    const std::string path = given.empty() ? own_snapshot() : given;
    const MappedFile file = TRY(MappedFile::open(path));
    const vuln::Snapshot snapshot = TRY_WITHIN(path, vuln::Snapshot::view(file.bytes()));
    const auto texts = report::Texts::embedded();
    const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
    fmt::print(fmt::runtime(text("feed.snapshot")), path, report::grouped(snapshot.info().advisories), snapshot.info().date, snapshot.info().sha256.hex());
    fmt::print("\n");
    const Date now = TRY(Date::from_text(day_today(today)));
    for (const vuln::FeedFacts& each : snapshot.feeds()) {
        const vuln::FeedRecord feed = snapshot.feed(each);
        fmt::print("  {:<44} {:<10}  {:<10}  {:>9}  {}\n", feed.name, feed.date.empty() ? "-" : feed.date, feed.imported, report::grouped(feed.records), feed.sha256.substr(0, 12));
        if (feed.refused != 0) {
            fmt::print(fmt::runtime(text("feed.lacks")), report::grouped(feed.refused));
            fmt::print("\n");
        }
    }
    if (const auto newest = Date::from_text(snapshot.info().date); newest && now.days() - newest->days() > kStaleDays) {
        fmt::print(fmt::runtime(text("feed.stale")), snapshot.info().date, now.days() - newest->days());
        fmt::print("\n");
    }
    return {};
}

}  // namespace

int run_feed_import(const CommonOptions& common, const FeedImportOptions& options) {
    std::vector<FeedToImport> files;
    for (const std::string& each : options.files)
        files.push_back({.path = each, .kind = options.kind});
    const auto done = import_feeds(common, options, files);
    return done ? 0 : could_not_run(done.error());
}

int run_feed_status(const CommonOptions& common, const std::string& snapshot, const std::string& today) {
    const auto done = print_status(common, snapshot, today);
    return done ? 0 : could_not_run(done.error());
}

}  // namespace shirushi::app
