// Each pitfall of CPE matching that users of other tools complain about, as one test with a snapshot made for it.

#include "vuln/match.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "vuln/sample_records.hpp"

namespace shirushi::vuln {
namespace {

Component component(std::string id, std::string version, std::vector<std::string> cpe, std::string ecosystem = "") {
    Component made;
    made.id = std::move(id);
    made.product = made.id;
    made.version = std::move(version);
    made.cpe = std::move(cpe);
    made.ecosystem = std::move(ecosystem);
    return made;
}
Table<Component> table(std::vector<Component> rows) {
    return {.observed = true, .gaps = {}, .rows = std::move(rows)};
}
std::vector<std::string> ids(const Table<AdvisoryMatch>& matches) {
    std::vector<std::string> out;
    for (const auto& each : matches.rows)
        out.push_back(each.advisory);
    return out;
}
using Ids = std::vector<std::string>;

/// What one component of version `version` matches.
Ids matched(const Snapshot& snapshot, std::string version, std::string cpe = "v:p", std::string ecosystem = "") {
    return ids(match(table({component("p", std::move(version), {std::move(cpe)}, std::move(ecosystem))}), snapshot));
}
Snapshot one(VersionRange range, VersionScheme scheme = VersionScheme::generic) {
    return snapshot_of({{"v:p", scheme}}, {advisory("CVE-1", "v:p", std::move(range))});
}

TEST(Match, RowsCarryTheFactsAndTheRange) {
    const Snapshot snapshot = snapshot_of(sample_records());
    const auto matches = match(table({component("openssl@1.0.1e", "1.0.1e", {"openssl:openssl"})}), snapshot);
    ASSERT_EQ(matches.rows.size(), 1U);
    const AdvisoryMatch expected{.advisory = "CVE-2014-0160",
                                 .component = "openssl@1.0.1e",
                                 .state = MatchState::affected,
                                 .range = "openssl >= 1.0.1, < 1.0.1g",
                                 .score = 7.5,
                                 .vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                                 .cwe = {"CWE-125", "CWE-119"},
                                 .published = "2014-04-07",
                                 .exploited_since = "2022-05-04"};
    EXPECT_EQ(matches.rows[0], expected);
}

TEST(Match, RangesAreWrittenInWords) {
    const auto range = [](VersionRange each) {
        return match(table({component("p", "2", {"v:p"})}), one(std::move(each))).rows.at(0).range;
    };
    EXPECT_EQ(range({}), "p *");
    EXPECT_EQ(range(exactly("2")), "p = 2");
    EXPECT_EQ(range(through("", "2")), "p <= 2");
    EXPECT_EQ(range(before("1", "")), "p >= 1");
    VersionRange after = before("1", "3");
    after.start_excluded = true;
    EXPECT_EQ(range(after), "p > 1, < 3");
}

TEST(Match, SortedByComponentThenAdvisoryAndWithoutRepeats) {
    const Snapshot snapshot = snapshot_of(
        {{"v:p", VersionScheme::generic}, {"w:p", VersionScheme::generic}},
        {advisory("CVE-2", "v:p", before("", "9")), advisory("CVE-1", "w:p", before("", "9")), advisory("CVE-2", "w:p", exactly("1"))});
    const auto forwards = match(table({component("b", "1", {"v:p", "w:p"}), component("a", "1", {"w:p", "v:p"})}), snapshot);
    const auto backwards = match(table({component("a", "1", {"w:p", "v:p"}), component("b", "1", {"v:p", "w:p"})}), snapshot);
    ASSERT_EQ(forwards.rows.size(), backwards.rows.size());
    EXPECT_EQ(forwards, backwards);
    EXPECT_TRUE(
        std::ranges::is_sorted(forwards.rows, {}, [](const AdvisoryMatch& each) { return std::pair(each.component, each.advisory); }));
}

TEST(Match, ObservedAndGapsAreCarriedOver) {
    const Snapshot snapshot = snapshot_of({}, {});
    EXPECT_FALSE(match({}, snapshot).observed);
    const auto matches = match({.observed = true, .gaps = {"etc/opkg: unreadable"}, .rows = {}}, snapshot);
    EXPECT_TRUE(matches.observed);
    EXPECT_EQ(matches.gaps, std::vector<std::string>{"etc/opkg: unreadable"});
}

TEST(Pitfall, DashInAnAdvisoryIsNotAnyVersion) {  // 1
    EXPECT_EQ(matched(one(exactly("-")), "2.4.1"), Ids{});
    EXPECT_EQ(matched(one({}), "2.4.1"), Ids{"CVE-1"});
}

TEST(Pitfall, ComponentNameMustBeConcrete) {  // 2
    const Snapshot snapshot = one({});
    for (const auto* const name : {"*:*", "v:*", "*:p", "v:-", "v", "", ":", "v:p:1", "v:?"})
        EXPECT_EQ(matched(snapshot, "1", name), Ids{}) << name;
}

TEST(Pitfall, PlatformPartsAreNeverTheProduct) {  // 3
    const Configuration device{{{Operand{'o', "maker:router_firmware", before("", "2"), true}}, {platform('a', "v:p", before("", "9"))}}};
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}}, {advisory("CVE-1", {device})});
    EXPECT_EQ(matched(snapshot, "1"), Ids{});
}

TEST(Pitfall, RunningOnIsReportedUnlessContradicted) {  // 3
    const auto on = [](std::vector<Operand> platforms) {
        return snapshot_of({{"v:p", VersionScheme::generic}},
                           {advisory("CVE-1", {Configuration{{{Operand{'a', "v:p", before("", "9"), true}}, std::move(platforms)}}})});
    };
    const auto with_linux = [](const Snapshot& snapshot) {
        return ids(match(table({component("linux_kernel", "5.4", {"linux:linux_kernel"}), component("p", "1", {"v:p"})}), snapshot));
    };
    const Snapshot windows = on({platform('o', "microsoft:windows", exactly("-")), platform('o', "apple:mac_os_x")});
    EXPECT_EQ(with_linux(windows), Ids{});
    EXPECT_EQ(matched(windows, "1"), Ids{"CVE-1"});  // nobody saw a kernel: not contradicted
    EXPECT_EQ(with_linux(on({platform('o', "microsoft:windows"), platform('o', "linux:linux_kernel")})), Ids{"CVE-1"});
    EXPECT_EQ(with_linux(on({platform('h', "maker:router", exactly("-"))})), Ids{"CVE-1"});
}

TEST(Pitfall, EveryGroupOfAnAndCanBeTheProduct) {  // 3
    const Configuration both{{{Operand{'a', "v:p", before("", "2"), true}}, {Operand{'a', "w:q", before("", "3"), true}}}};
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}, {"w:q", VersionScheme::generic}}, {advisory("CVE-1", {both})});
    EXPECT_EQ(matched(snapshot, "1", "v:p"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "1", "w:q"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "3", "w:q"), Ids{});
}

TEST(Pitfall, RecordsWithoutOperandsDoNotCount) {  // 4
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}}, {advisory("CVE-1", {}), advisory("CVE-2", {Configuration{}}),
                                                                              advisory("CVE-3", {Configuration{{{}, {}}}})});
    EXPECT_EQ(matched(snapshot, "1"), Ids{});
    EXPECT_EQ(snapshot.info().advisories, 3U);
}

TEST(Pitfall, TargetSoftwareIsNotTheProduct) {  // 5
    VersionRange for_linux = before("", "9");
    for_linux.edition = "linux_kernel";
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}, {"linux:linux_kernel", VersionScheme::kernel}},
                                          {advisory("CVE-1", "v:p", for_linux)});
    EXPECT_EQ(matched(snapshot, "5.4", "linux:linux_kernel"), Ids{});
    EXPECT_EQ(matched(snapshot, "1"), Ids{"CVE-1"});
}

TEST(Pitfall, WildcardProductOfABadRecordMatchesNothing) {  // 5
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}}, {advisory("CVE-1", "*:*", {}), advisory("CVE-2", "v:*", {})});
    EXPECT_EQ(matched(snapshot, "1"), Ids{});
}

TEST(Pitfall, EveryAliasOfAComponentIsAsked) {  // 6
    const Snapshot snapshot = snapshot_of(
        {{"thekelleys:dnsmasq", VersionScheme::generic}, {"dnsmasq:dnsmasq", VersionScheme::generic}},
        {advisory("CVE-1", "thekelleys:dnsmasq", before("", "2.78")), advisory("CVE-2", "dnsmasq:dnsmasq", before("", "2.30"))});
    const std::vector<ProductNames> names = {{"dnsmasq", {"thekelleys:dnsmasq", "dnsmasq:dnsmasq"}, VersionScheme::generic}};
    const auto unnamed = table({component("dnsmasq", "2.20", {})});
    EXPECT_EQ(ids(match(unnamed, snapshot, names)), (Ids{"CVE-1", "CVE-2"}));
    EXPECT_EQ(ids(match(unnamed, snapshot)), Ids{});
    EXPECT_EQ(ids(match(table({component("dnsmasq", "2.20", {"dnsmasq:dnsmasq"})}), snapshot, names)), Ids{"CVE-2"});
}

TEST(Pitfall, SameNameOfAnotherVendorOrHardwareIsNotIt) {  // 7
    const Snapshot snapshot = snapshot_of({{"redis:redis", VersionScheme::generic}, {"espressif:esp32", VersionScheme::generic}},
                                          {advisory("CVE-1", "redis:redis", {}), advisory("CVE-2", "espressif:esp32", {}, 'h')});
    EXPECT_EQ(matched(snapshot, "1", "node_redis:redis"), Ids{});
    EXPECT_EQ(matched(snapshot, "1", "espressif:esp32"), Ids{});
}

TEST(Pitfall, OtherImplementationsAreAnotherProduct) {  // 7
    VersionRange go = before("", "9");
    go.edition = "go";
    const auto matches = match(table({component("linux_kernel", "5.4", {"linux:linux_kernel"}), component("p", "1", {"v:p"})}), one(go));
    EXPECT_TRUE(matches.rows.empty());
}

TEST(Pitfall, LetterVersions) {  // 8
    const Snapshot letters = one(before("0.9.8", "0.9.8zd"), VersionScheme::openssl);
    EXPECT_EQ(matched(letters, "0.9.8zc"), Ids{"CVE-1"});
    EXPECT_EQ(matched(letters, "0.9.8y"), Ids{"CVE-1"});
    EXPECT_EQ(matched(letters, "0.9.8zd"), Ids{});
    const Snapshot base = one(exactly("1.1.1"), VersionScheme::openssl);
    EXPECT_EQ(matched(base, "1.1.1"), Ids{"CVE-1"});
    EXPECT_EQ(matched(base, "1.1.1g"), Ids{});
    EXPECT_EQ(matched(one(through("1.8.0", "1.8.6p6")), "1.8.6p7"), Ids{});
    EXPECT_EQ(matched(one(through("1.8.0", "1.8.6p7")), "1.8.6p7"), Ids{"CVE-1"});
}

TEST(Pitfall, UpdatesArePartOfTheVersion) {  // 8
    EXPECT_EQ(matched(one(exactly("1.8.6", "p7")), "1.8.6p7"), Ids{"CVE-1"});
    EXPECT_EQ(matched(one(exactly("1.8.6", "p7")), "1.8.6"), Ids{});
    EXPECT_EQ(matched(one(exactly("2.80", "test5")), "2.80test5"), Ids{"CVE-1"});
    EXPECT_EQ(matched(one(exactly("2.80", "test5")), "2.80"), Ids{});
    EXPECT_EQ(matched(one(exactly("1.0", "supported_preview")), "1.0"), Ids{});
    EXPECT_EQ(matched(one(exactly("1.0", "-")), "1.0"), Ids{"CVE-1"});
    EXPECT_EQ(matched(one(exactly("1.0.0", "beta5"), VersionScheme::openssl), "1.0.0-beta5"), Ids{"CVE-1"});
}

TEST(Pitfall, DistributionRevisionMakesUpstreamRangesAHint) {  // 10
    const Snapshot snapshot = one(before("", "2.86"));
    const auto state = [&](std::string version, std::string ecosystem) {
        return match(table({component("p", std::move(version), {"v:p"}, std::move(ecosystem))}), snapshot).rows.at(0).state;
    };
    EXPECT_EQ(state("1:2.85-1+deb12u1", "dpkg"), MatchState::superseded);
    EXPECT_EQ(state("2.85-1", "dpkg"), MatchState::superseded);
    EXPECT_EQ(state("2.85", "dpkg"), MatchState::affected);
    EXPECT_EQ(state("2.85-r3", "apk"), MatchState::superseded);
    EXPECT_EQ(state("2.85-3", "opkg"), MatchState::affected);
    EXPECT_EQ(state("2.85", ""), MatchState::affected);
    EXPECT_EQ(matched(snapshot, "2:2.86-1", "v:p", "dpkg"), Ids{});
}

TEST(Pitfall, RangesWithoutAnEndAreForAPerson) {
    VersionRange after = before("3.2.60", "");
    after.start_excluded = true;  // CVE-2014-3153 in NVD
    const auto row = [](const Snapshot& snapshot, std::string version, std::string ecosystem = "") {
        return match(table({component("p", std::move(version), {"v:p"}, std::move(ecosystem))}), snapshot).rows.at(0);
    };
    EXPECT_EQ(row(one(after), "6.17.8").state, MatchState::open_ended);
    EXPECT_EQ(row(one({}), "1").state, MatchState::open_ended);
    EXPECT_EQ(row(one({}), "1-r3", "apk").state, MatchState::open_ended);
    EXPECT_EQ(row(one(exactly("1")), "1").state, MatchState::affected);
    EXPECT_EQ(row(one(through("", "1")), "1").state, MatchState::affected);
}

TEST(Pitfall, AnEndIsBelievedBeforeItsAbsence) {
    const auto fits = [](std::string product, VersionRange range) { return Operand{'a', std::move(product), std::move(range), true}; };
    for (const bool open_first : {true, false}) {
        std::vector<Operand> operands = {fits("v:p", {}), fits("v:p", before("1", "3")), fits("v:p", before("1", ""))};
        if (!open_first)
            std::ranges::reverse(operands);
        const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}}, {advisory("CVE-1", {Configuration{{operands}}})});
        const auto inside = match(table({component("p", "2", {"v:p"})}), snapshot);
        ASSERT_EQ(inside.rows.size(), 1U);
        EXPECT_EQ(inside.rows[0].state, MatchState::affected);
        EXPECT_EQ(inside.rows[0].range, "p >= 1, < 3");
        EXPECT_EQ(match(table({component("p", "4", {"v:p"})}), snapshot).rows.at(0).state, MatchState::open_ended);
    }
    const Snapshot aliases = snapshot_of({{"v:p", VersionScheme::generic}, {"w:p", VersionScheme::generic}},
                                         {advisory("CVE-1", {Configuration{{{fits("v:p", {}), fits("w:p", before("", "9"))}}}})});
    EXPECT_EQ(match(table({component("p", "2", {"v:p", "w:p"})}), aliases).rows.at(0).state, MatchState::affected);
    EXPECT_EQ(match(table({component("p", "2", {"w:p", "v:p"})}), aliases).rows.at(0).state, MatchState::affected);
}

TEST(Pitfall, KernelBranchesHaveTheirOwnEnds) {  // 11
    const Snapshot snapshot =
        snapshot_of({{"linux:linux_kernel", VersionScheme::kernel}},
                    {advisory("CVE-1", {Configuration{{{Operand{'o', "linux:linux_kernel", before("4.11", "4.14.233"), true},
                                                        Operand{'o', "linux:linux_kernel", before("4.15", "4.19.191"), true}}}}})});
    EXPECT_EQ(matched(snapshot, "4.14.171-openwrt", "linux:linux_kernel"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "4.14.240", "linux:linux_kernel"), Ids{});
    EXPECT_EQ(matched(snapshot, "4.19.190", "linux:linux_kernel"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "4.9.0-8", "linux:linux_kernel"), Ids{});
}

TEST(Pitfall, RangeStartIsRespected) {  // 15
    const Snapshot snapshot = one(before("3.0.0", "3.0.10"), VersionScheme::openssl);
    EXPECT_EQ(matched(snapshot, "1.1.1k"), Ids{});
    EXPECT_EQ(matched(snapshot, "3.0.0"), Ids{"CVE-1"});
    VersionRange after = before("3.0.0", "3.0.10");
    after.start_excluded = true;
    EXPECT_EQ(matched(one(after), "3.0.0"), Ids{});
    EXPECT_EQ(matched(one(after), "3.0.1"), Ids{"CVE-1"});
}

TEST(Match, UnknownVersionIsOneRowWithACount) {
    const Snapshot snapshot = snapshot_of({{"v:p", VersionScheme::generic}, {"w:q", VersionScheme::generic}},
                                          {advisory("CVE-1", "v:p", before("", "2")), advisory("CVE-2", "v:p", exactly("-"))});
    for (const auto* const version : {"", "unknown", "-"}) {
        const auto matches = match(table({component("p", version, {"v:p"}), component("q", version, {"w:q"})}), snapshot);
        ASSERT_EQ(matches.rows.size(), 1U) << version;
        EXPECT_EQ(matches.rows[0].state, MatchState::version_unknown);
        EXPECT_EQ(matches.rows[0].advisory, "");
        EXPECT_EQ(matches.rows[0].range, "p: 2");
    }
}

TEST(Match, PortsOfOpensshAreInsideAnInclusiveEnd) {
    const Snapshot snapshot = one(through("", "7.7"), VersionScheme::portable);
    EXPECT_EQ(matched(snapshot, "7.7p1"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "7.8p1"), Ids{});
    EXPECT_EQ(matched(one(before("", "7.7"), VersionScheme::portable), "7.7p1"), Ids{});
    EXPECT_EQ(matched(one(through("", "4.2.8")), "4.2.8p10"), Ids{});  // NTP's patches are releases of their own
}

}  // namespace
}  // namespace shirushi::vuln
