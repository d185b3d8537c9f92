#include "app/feed_import.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "app/pipeline.hpp"
#include "app/program_files.hpp"
#include "app/progress.hpp"
#include "base/civil_time.hpp"
#include "feeds/import.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"
#include "vuln/snapshot_builder.hpp"

namespace shirushi::app {
namespace {

constexpr double kLoss = 0.9;            // of a feed's records: fewer than this share of the last time's is a loss

using Counts = std::map<std::string, std::uint64_t>;  // records of each feed

Counts counts_of(const vuln::Snapshot& snapshot) {
    Counts counts;
    for (const vuln::FeedFacts& each : snapshot.feeds())
        counts[std::string(snapshot.text(each.name))] = each.records;
    return counts;
}

/// Feeds of a day's changes hold more or fewer records every day; they go by these names.
bool holds_changes_only(const std::string& feed) { return feed.find("modified") != std::string::npos || feed.find("recent") != std::string::npos; }

/// A feed that shrank is more likely broken than right, and its lost records would turn findings into silence.
Result<void> refuse_losses(const Counts& before, const std::string& feed, std::uint64_t records, bool accepted) {
    const auto known = before.find(feed);
    if (known == before.end() || accepted || holds_changes_only(feed) || static_cast<double>(records) >= kLoss * static_cast<double>(known->second))
        return {};
    return fail(Errc::bad_input, fmt::format("{} holds {} records where it held {} last time. The snapshot stays as it was; if the loss is right, say --accept-losses", feed, records,
                                             known->second));
}

Result<Counts> start_from(const FeedImportOptions& options, const std::string& path, vuln::SnapshotBuilder& builder) {
    if (options.anew || !std::filesystem::exists(path))
        return Counts();
    const MappedFile file = TRY(MappedFile::open(path));
    const vuln::Snapshot earlier = TRY_WITHIN(path, vuln::Snapshot::view(file.bytes()));
    builder.load(earlier);
    return counts_of(earlier);
}

Result<void> restrict_to_components(const CommonOptions& common, vuln::SnapshotBuilder& builder) {
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::lists));
    std::vector<vuln::ProductRecord> products;
    for (const auto& names : product_names(knowledge.library))
        for (const std::string& pair : names.cpe)
            products.push_back({pair, names.scheme});
    builder.restrict_to(products);
    return {};
}

/// The snapshot of everything; what it was gathered in is given back with the return.
Result<Buffer> gather(const CommonOptions& common, const FeedImportOptions& options, const std::vector<FeedToImport>& files, const std::string& path, std::string& at) {
    vuln::SnapshotBuilder builder;
    if (options.components_only)
        TRY(restrict_to_components(common, builder));
    const Counts before = TRY(start_from(options, path, builder));
    const auto texts = report::Texts::embedded();
    const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
    ProgressLine progress(common.progress);
    for (const auto& [file, kind] : files) {
        const std::string name = std::filesystem::path(file).filename().string();
        at = file;
        const auto imported = TRY(feeds::import_feed(file, {.kind = kind, .skip_broken = options.skip_broken, .today = day_today(options.today)}, builder,
                                                     [&](std::uint64_t done, std::uint64_t total, std::uint64_t) { progress.show(name, done, total); }));
        TRY(refuse_losses(before, fmt::format("{} {}", imported.kind, name), imported.records, options.accept_losses));
        progress.clear();
        fmt::print(fmt::runtime(text("feed.imported")), name, imported.kind, report::grouped(imported.records), imported.date.empty() ? "-" : imported.date);
        fmt::print("\n");
        if (imported.refused != 0) {
            fmt::print(fmt::runtime(text("feed.refused")), report::grouped(imported.refused), imported.first_refusal);
            fmt::print("\n");
        }
    }
    at.clear();
    progress.show(path, 1, 1);
    return std::move(builder).finish();
}

}  // namespace

std::string day_today(const std::string& given) {
    if (!given.empty())
        return given;
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
    return Date::from_days(days).text();
}

Result<void> import_feeds(const CommonOptions& common, const FeedImportOptions& options, const std::vector<FeedToImport>& files, std::string* broken) {
    const std::string path = options.snapshot.empty() ? own_snapshot() : options.snapshot;
    std::string at;
    auto gathered = gather(common, options, files, path, at);
    if (!gathered && broken != nullptr)
        *broken = at;
    Buffer snapshot = TRY(std::move(gathered));
    const vuln::Snapshot made = TRY(vuln::Snapshot::view(snapshot));
    const std::string digest = made.info().sha256.hex();
    const std::uint64_t advisories = made.info().advisories;
    if (options.packed)
        snapshot = TRY(vuln::pack_snapshot(snapshot));
    const std::filesystem::path target(path);
    const OutputFolder folder = TRY(OutputFolder::open(target.has_parent_path() ? target.parent_path().string() : "."));
    const std::uint64_t size = snapshot.size();
    TRY(folder.write({{target.filename().string(), std::string(as_text(snapshot))}}));
    fmt::print(fmt::runtime(report::Texts::embedded().of("feed.written").in(common.language)), path, report::grouped(advisories), report::human_size(size), digest);
    fmt::print("\n");
    return {};
}

}  // namespace shirushi::app
