#include "vuln/inventory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "vuln/sample_records.hpp"

namespace shirushi::vuln {
namespace {

Component component(std::string id, std::string version, std::string pair) {
    Component made;
    made.id = std::move(id);
    made.version = std::move(version);
    made.cpe = {std::move(pair)};
    return made;
}

Table<Component> product(std::vector<Component> rows) { return {.observed = true, .gaps = {}, .rows = std::move(rows)}; }

SnapshotBuilder base() {
    SnapshotBuilder builder;
    builder.add(advisory("CVE-2020-0001", "v:p", before("", "2.0")), Origin::nvd);
    builder.add(advisory("CVE-2020-0002", "w:q", before("", "2.0")), Origin::nvd);
    return builder;
}

Snapshot made(SnapshotBuilder builder) { return Snapshot::read(std::move(builder).finish().value()).value(); }

std::vector<std::string> ids(const Snapshot& snapshot, const std::vector<std::uint32_t>& numbers) {
    std::vector<std::string> all;
    for (const std::uint32_t number : numbers)
        all.emplace_back(snapshot.text(snapshot.advisory(number).id));
    return all;
}

TEST(Inventory, ChangesAreWhatChanged) {
    const Snapshot then = made(base());
    EXPECT_TRUE(changed_advisories(then, made(base())).empty());
    SnapshotBuilder builder = base();
    builder.add(advisory("CVE-2020-0002", "w:q", before("", "2.1")), Origin::nvd);
    builder.add(advisory("CVE-2021-0003", "v:p", before("", "1.1")), Origin::nvd);
    builder.set_epss("CVE-2020-0001", 0.5, 0.9);
    const Snapshot now = made(std::move(builder));
    EXPECT_EQ(ids(now, changed_advisories(then, now)), (std::vector<std::string>{"CVE-2020-0002", "CVE-2021-0003"}));
    SnapshotBuilder exploited = base();
    exploited.set_exploited("CVE-2020-0001", "2026-01-01");
    const Snapshot later = made(std::move(exploited));
    EXPECT_EQ(ids(later, changed_advisories(then, later)), std::vector<std::string>{"CVE-2020-0001"});
}

TEST(Inventory, FindsWhatMatchingEachProductWould) {
    Inventory inventory;
    std::vector<Table<Component>> products;
    for (int i = 0; i < 60; ++i) {
        std::vector<Component> rows{component("p", std::to_string(i % 3) + ".5", "v:p"), component("other", "1", "x:y")};
        if (i % 2 == 0)
            rows.push_back(component("q", "1." + std::to_string(i % 5), "w:q"));
        if (i % 7 == 0)
            rows.push_back(component("kernel", "6.1", "linux:linux_kernel"));
        products.push_back(product(rows));
        EXPECT_EQ(inventory.add(products.back()), static_cast<Inventory::Product>(i));
    }
    EXPECT_LT(inventory.distinct_components(), 22U) << "equal components are held once";
    SnapshotBuilder builder = base();
    Operand windows = platform('o', "microsoft:windows", exactly("-"));
    builder.add(advisory("CVE-2021-0004", {Configuration{{{Operand{'a', "v:p", before("", "2.0"), true}}, {windows}}}}), Origin::nvd);
    const Snapshot snapshot = made(std::move(builder));
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < snapshot.advisories().size(); ++i)
        all.push_back(i);
    std::vector<std::tuple<std::string, std::string, Inventory::Product>> expected;
    for (std::uint32_t i = 0; i < products.size(); ++i)
        for (const AdvisoryMatch& row : match(products[i], snapshot).rows)
            expected.emplace_back(row.advisory, row.component, i);
    std::vector<std::tuple<std::string, std::string, Inventory::Product>> found;
    for (const Inventory::Hit& hit : inventory.match(snapshot, all))
        for (const Inventory::Product each : hit.products)
            found.emplace_back(hit.match.advisory, hit.match.component, each);
    std::ranges::sort(expected);
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
    EXPECT_GT(found.size(), 60U);
    const auto one = inventory.match(snapshot, {1});
    for (const Inventory::Hit& hit : one)
        EXPECT_EQ(hit.match.advisory, "CVE-2020-0002");
    EXPECT_FALSE(one.empty());
}

}  // namespace
}  // namespace shirushi::vuln
