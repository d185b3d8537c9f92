// match_labels SNAPSHOT TABLE.tsv LABELS.jsonl[.xz]: how the matcher agrees with people's verdicts. A line is {"package", "version",
// "cve", "label": "TP" or "FP"}. Only packages named like a component, and CVEs the snapshot has for it, can tell anything.

#include <cstdio>
#include <map>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "make_snapshot/components.hpp"
#include "make_snapshot/feeds.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::make_snapshot {
namespace {

struct Tally {
    int matched = 0;
    int superseded = 0;
    int open_ended = 0;
    int silent = 0;
};

/// The labels do not say which package manager a version is from; its shape does.
std::string ecosystem_of(std::string_view version) {
    if (vuln::has_distribution_revision(version, vuln::VersionScheme::apk))
        return "apk";
    return vuln::has_distribution_revision(version, vuln::VersionScheme::dpkg) ? "dpkg" : "";
}

bool holds(const vuln::Snapshot& snapshot, const vuln::ProductNames& names, std::string_view cve) {
    for (const std::string& pair : names.cpe)
        if (const auto* product = snapshot.product(pair))
            for (const auto& criterion : snapshot.criteria(*product))
                if (snapshot.text(snapshot.advisory(criterion.advisory).id) == cve)
                    return true;
    return false;
}

void count(Tally& tally, const Table<AdvisoryMatch>& matches, std::string_view cve) {
    for (const auto& row : matches.rows)
        if (row.advisory == cve)
            return void(++(row.state == MatchState::superseded   ? tally.superseded
                           : row.state == MatchState::open_ended ? tally.open_ended
                                                                 : tally.matched));
    ++tally.silent;
}

Result<void> run(const std::string& snapshot_path, const std::string& table_path, const std::string& labels_path) {
    const std::string file = TRY(read_text(snapshot_path));
    const vuln::Snapshot snapshot = TRY(vuln::Snapshot::read(as_bytes(file)));
    const std::string table = TRY(read_text(table_path));
    const auto components = components_from_table(table);
    std::map<std::string, const vuln::ProductNames*> by_name;
    for (const auto& each : components)
        by_name[each.product] = &each;
    std::map<std::string, Tally> tallies;
    std::map<std::string, std::map<std::string, int>> disagreements;
    int foreign = 0;
    auto done = for_each_line(labels_path, [&](std::string_view line) -> Result<void> {
        const nlohmann::json label = TRY(parse_json(line));
        const auto found = by_name.find(text_at(label, "package"));
        const auto cve = text_at(label, "cve");
        if (found == by_name.end() || !holds(snapshot, *found->second, cve)) {
            ++foreign;
            return {};
        }
        Component component;
        component.id = component.product = found->first;
        component.version = text_at(label, "version");
        component.ecosystem = ecosystem_of(component.version);
        component.cpe = found->second->cpe;
        Table<Component> one{.observed = true, .gaps = {}, .rows = {std::move(component)}};
        const auto matches = vuln::match(one, snapshot, components);
        Tally own;
        count(own, matches, cve);
        Tally& tally = tallies[text_at(label, "label")];
        tally.matched += own.matched;
        tally.superseded += own.superseded;
        tally.open_ended += own.open_ended;
        tally.silent += own.silent;
        const bool positive = text_at(label, "label") == "TP";
        if (positive == (own.silent != 0))
            ++disagreements[text_at(label, "label")][fmt::format("{} {} {}", found->first, text_at(label, "version"), cve)];
        return {};
    });
    TRY(std::move(done));
    fmt::print("{} labels of other packages or of records the snapshot lacks\n", foreign);
    for (const auto& [label, tally] : tallies)
        fmt::print("{}: {} affected, {} superseded, {} open-ended, {} not matched\n", label, tally.matched, tally.superseded,
                   tally.open_ended, tally.silent);
    for (const auto& [label, lines] : disagreements)
        for (const auto& [line, times] : lines)
            fmt::print("{}  {} ({} times)\n", label, line, times);
    return {};
}

}  // namespace
}  // namespace shirushi::make_snapshot

int main(int count, char** words) {
    using namespace shirushi::make_snapshot;
    if (count != 4) {
        fmt::print(stderr, "usage: match_labels SNAPSHOT TABLE.tsv LABELS.jsonl\n");
        return 3;
    }
    const auto done = run(words[1], words[2], words[3]);
    if (!done)
        fmt::print(stderr, "match_labels: {}\n", done.error().message);
    return done ? 0 : 3;
}
