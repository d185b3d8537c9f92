// match_labels SNAPSHOT CATALOGUES LABELS.jsonl[.xz] [--list]: how the matcher agrees with people's verdicts. A line is {"package",
// "version", "cve", "label": "TP" or "FP"}. Only what can tell anything counts: packages that go by a product's name in the snapshot, and
// advisories that the snapshot has for that product. Prints recall and precision, and what disagrees, by cause.

#include <cstdio>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bench/snapshot_file.hpp"
#include "catalog/catalog.hpp"
#include "feeds/feed_file.hpp"
#include "feeds/json.hpp"
#include "feeds/json_records.hpp"
#include "vuln/vuln.hpp"

namespace shirushi {
namespace {

/// The labels do not say which package manager a version is from; its shape does.
std::string ecosystem_of(std::string_view version) {
    if (vuln::has_distribution_revision(version, vuln::VersionScheme::apk))
        return "apk";
    return vuln::has_distribution_revision(version, vuln::VersionScheme::dpkg) ? "dpkg" : "";
}

struct Label {
    std::string package;
    std::string version;
    std::string cve;
    bool positive = false;
};

Result<std::vector<Label>> read_labels(const std::string& path) {
    auto file = TRY(feeds::FeedFile::open(path));
    feeds::JsonCutter cutter(feeds::Layout::values, "");
    (void)TRY(file.next_member());
    for (std::string_view piece = TRY(file.read()); !piece.empty(); piece = TRY(file.read()))
        TRY(cutter.push(piece));
    TRY(cutter.finish());
    const feeds::Batch batch = cutter.take();
    feeds::JsonParser parser;
    std::vector<Label> labels;
    for (const auto& each : batch.records) {
        const feeds::Json record = TRY(parser.parse(std::string_view(batch.text).substr(each.begin, each.size)));
        const auto label = record["label"].text();
        if (label == "TP" || label == "FP")
            labels.push_back({std::string(record["package"].text()), std::string(record["version"].text()), std::string(record["cve"].text()), label == "TP"});
    }
    return labels;
}

class Count {
public:
    Count(const vuln::Snapshot& snapshot, std::vector<vuln::ProductNames> names) : snapshot_(snapshot), names_(std::move(names)) {
        for (const auto& each : names_)
            by_name_[each.product] = &each;
    }

    void add(const Label& label) {
        const auto found = by_name_.find(label.package);
        if (found == by_name_.end() || !holds(*found->second, label.cve)) {
            ++foreign_;
            return;
        }
        Component component;
        component.id = component.product = label.package;
        component.version = label.version;
        component.ecosystem = ecosystem_of(label.version);
        component.cpe = found->second->cpe;
        Table<Component> one{.observed = true, .gaps = {}, .rows = {std::move(component)}};
        std::string state = "not matched";
        for (const AdvisoryMatch& row : vuln::match(one, snapshot_, names_).rows)
            if (row.advisory == label.cve)
                state = name_of(row.state);
        ++tally_[{label.positive, state}];
        if (label.positive == (state == "not matched"))
            ++disagreements_[fmt::format("{} {} {} {}", label.positive ? "missed" : "alarm", label.package, label.version, label.cve)];
    }

    void print(bool list) const {
        const auto sum = [this](bool positive, bool matched) {
            int all = 0;
            for (const auto& [key, times] : tally_)
                if (key.first == positive && (key.second != "not matched") == matched)
                    all += times;
            return all;
        };
        const int hits = sum(true, true);
        fmt::print("{} labels of other packages, or of advisories the snapshot lacks for the product\n", foreign_);
        for (const auto& [key, times] : tally_)
            fmt::print("  {} {:<16} {}\n", key.first ? "TP" : "FP", key.second, times);
        fmt::print("recall {:.3f} ({} of {}), precision {:.3f} ({} of {})\n", hits / std::max(1.0, 1.0 * (hits + sum(true, false))), hits, hits + sum(true, false),
                   hits / std::max(1.0, 1.0 * (hits + sum(false, true))), hits, hits + sum(false, true));
        for (const auto& [line, times] : disagreements_)
            if (list)
                fmt::print("  {} ({} times)\n", line, times);
    }

private:
    [[nodiscard]] bool holds(const vuln::ProductNames& names, std::string_view cve) const {
        for (const std::string& pair : names.cpe)
            if (const auto* product = snapshot_.product(pair))
                for (const auto& criterion : snapshot_.criteria(*product))
                    if (snapshot_.text(snapshot_.advisory(criterion.advisory).id) == cve)
                        return true;
        return false;
    }

    const vuln::Snapshot& snapshot_;
    std::vector<vuln::ProductNames> names_;
    std::map<std::string, const vuln::ProductNames*, std::less<>> by_name_;
    std::map<std::pair<bool, std::string>, int> tally_;
    std::map<std::string, int> disagreements_;
    int foreign_ = 0;
};

Result<void> run(const std::string& snapshot_path, const std::string& catalogues, const std::string& labels_path, bool list) {
    const vuln::Snapshot snapshot = TRY(bench::read_snapshot(snapshot_path));
    const catalog::Library library = TRY(catalog::load(catalogues));
    std::vector<vuln::ProductNames> names;
    for (const auto& entry : library.components)
        if (const auto scheme = vuln::scheme_from_name(entry.version_scheme))
            names.push_back({.product = entry.product, .cpe = entry.cpe, .scheme = *scheme});
    Count count(snapshot, std::move(names));
    for (const Label& each : TRY(read_labels(labels_path)))
        count.add(each);
    count.print(list);
    return {};
}

}  // namespace
}  // namespace shirushi

int main(int count, char** words) {
    if (count < 4) {
        fmt::print(stderr, "usage: match_labels SNAPSHOT CATALOGUES LABELS.jsonl [--list]\n");
        return 3;
    }
    const auto done = shirushi::run(words[1], words[2], words[3], count > 4);
    if (!done)
        fmt::print(stderr, "match_labels: {}\n", done.error().message);
    return done ? 0 : 3;
}
