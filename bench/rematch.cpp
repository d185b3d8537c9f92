// rematch BEFORE.snapshot AFTER.snapshot: a day's changes against many stored products. Makes 1,000, 10,000 and 100,000 products of 200
// components each (names that the snapshot covers, versions that it names, by a fixed generator), matches what changed against each set,
// and checks some of the answers against matching those products anew.

#include <chrono>
#include <cstdio>
#include <set>

#include <fmt/format.h>

#include "bench/snapshot_file.hpp"
#include "vuln/vuln.hpp"

namespace shirushi {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Fixed, so that every run measures the same.
class Generator {
public:
    std::uint32_t below(std::uint32_t limit) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>((state_ >> 33) % limit);
    }

private:
    std::uint64_t state_ = 20261128;
};

/// Components as devices have them: few products make up most of it, in some dozens of versions each.
class Devices {
public:
    explicit Devices(const vuln::Snapshot& snapshot) : snapshot_(snapshot) {
        for (const vuln::ProductCriteria& each : snapshot.products())
            if (each.count >= 20)
                common_.push_back(&each);
    }

    Table<Component> next() {
        Table<Component> device{.observed = true, .gaps = {}, .rows = {}};
        for (int i = 0; i < 200; ++i) {
            const vuln::ProductCriteria& product = *common_[generator_.below(static_cast<std::uint32_t>(std::min<std::size_t>(common_.size(), 3000)))];
            const auto criteria = snapshot_.criteria(product);
            const vuln::Range& range = snapshot_.range(criteria[generator_.below(std::min<std::uint32_t>(product.count, 40))].range);
            const std::string version(snapshot_.text(range.exact != 0 ? range.exact : range.end));
            Component component;
            component.product = component.name = std::string(snapshot_.text(product.product));
            component.version = version.empty() || version == "-" ? "1.0" : version;
            component.id = fmt::format("{}@{}", component.name, component.version);
            component.cpe = {component.name};
            device.rows.push_back(std::move(component));
        }
        return device;
    }

private:
    const vuln::Snapshot& snapshot_;
    std::vector<const vuln::ProductCriteria*> common_;
    Generator generator_;
};

int check(const vuln::Snapshot& snapshot, const std::vector<std::uint32_t>& changed, const std::vector<vuln::Inventory::Hit>& hits, const std::vector<Table<Component>>& sample) {
    std::set<std::string> wanted;
    for (const std::uint32_t number : changed)
        wanted.emplace(snapshot.text(snapshot.advisory(number).id));
    std::set<std::string> found;
    std::set<std::string> expected;
    for (const auto& hit : hits)
        for (const auto product : hit.products)
            if (product < sample.size())
                found.insert(fmt::format("{} {} {}", product, hit.match.component, hit.match.advisory));
    for (std::size_t i = 0; i < sample.size(); ++i)
        for (const AdvisoryMatch& row : vuln::match(sample[i], snapshot).rows)
            if (wanted.contains(row.advisory))
                expected.insert(fmt::format("{} {} {}", i, row.component, row.advisory));
    if (found != expected) {
        fmt::print(stderr, "wrong answer: {} rows for the sample, where matching anew gives {}\n", found.size(), expected.size());
        return 1;
    }
    return 0;
}

Result<int> run(const std::string& before_path, const std::string& after_path) {
    const vuln::Snapshot before = TRY(bench::read_snapshot(before_path));
    const vuln::Snapshot after = TRY(bench::read_snapshot(after_path));
    auto start = Clock::now();
    const auto changed = vuln::changed_advisories(before, after);
    fmt::print("{} of {} advisories changed, found in {:.3f} s\n", changed.size(), after.info().advisories, seconds_since(start));
    for (const std::size_t count : {1'000U, 10'000U, 100'000U}) {
        Devices devices(after);
        vuln::Inventory inventory;
        std::vector<Table<Component>> sample;
        for (std::size_t i = 0; i < count; ++i) {
            Table<Component> device = devices.next();
            inventory.add(device);
            if (sample.size() < 20)
                sample.push_back(std::move(device));
        }
        start = Clock::now();
        const auto hits = inventory.match(after, changed);
        const double took = seconds_since(start);
        std::size_t rows = 0;
        for (const auto& hit : hits)
            rows += hit.products.size();
        fmt::print("{:>7} products of 200 components ({} distinct): {:.3f} s, {} advisories for {} products' rows\n", count, inventory.distinct_components(), took, hits.size(), rows);
        if (const int wrong = check(after, changed, hits, sample); wrong != 0)
            return wrong;
    }
    return 0;
}

}  // namespace
}  // namespace shirushi

int main(int count, char** words) {
    if (count != 3) {
        fmt::print(stderr, "usage: rematch BEFORE.snapshot AFTER.snapshot\n");
        return 3;
    }
    const auto done = shirushi::run(words[1], words[2]);
    if (!done)
        fmt::print(stderr, "rematch: {}\n", done.error().message);
    return done ? *done : 3;
}
