// Each pitfall of CPE matching that users of other tools complain about, as one test with a snapshot made for it.

#include "vuln/match.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "vuln/built_parts.hpp"
#include "vuln/package_names.hpp"
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
                                 .source = "nvd",
                                 .range = "openssl >= 1.0.1, < 1.0.1g",
                                 .score = 7.5,
                                 .vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                                 .score_source = "nvd",
                                 .cwe = {"CWE-119", "CWE-125"},
                                 .published = "2014-04-07",
                                 .exploited_since = "2022-05-04"};
    EXPECT_EQ(matches.rows[0], expected);
}

TEST(Match, SaysWhichPartWasSeenToBeBuilt) {
    Component busybox = component("busybox", "1", {"v:p"});
    busybox.compiled_in = CompiledIn{.applets = {"ash", "awk"}, .configuration = {}, .modules = {}};
    AdvisoryRecord awk = advisory("CVE-1", "v:p", before("", "2"));
    awk.parts = {"awk"};
    EXPECT_EQ(match(table({busybox}), snapshot_of({{"v:p", VersionScheme::generic}}, {awk})).rows.at(0).built_part, "awk");
    Component kernel = component("linux_kernel", "5.4", {"v:p"});
    kernel.compiled_in = CompiledIn{.applets = {}, .configuration = {}, .modules = {"kernel/drivers/net/tun.ko"}};
    constexpr std::string_view tun = "drivers/net/tun.c";
    constexpr std::string_view part = "drivers/net/tap.c";
    EXPECT_EQ(seen_built(std::span(&tun, 1), kernel), "kernel/drivers/net/tun.ko");
    EXPECT_EQ(seen_built(std::span(&part, 1), kernel), "") << "a module beside it proves nothing";
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
    EXPECT_EQ(snapshot.info().advisories, 0U) << "none concerns a product that is covered";
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

// ---- what distributions say, and what was built ------------------------------------------------------------------------

Operand package(std::string product, Status status, std::string fixed) {
    return {.part = 'p', .product = std::move(product), .range = before("", std::move(fixed)), .vulnerable = true, .status = status};
}

/// One row for CVE-2021-0001: upstream says below 2.0, Debian 12 what `statement` says.
std::string decided(Status status, std::string fixed, std::string purl, std::string version) {
    SnapshotBuilder builder;
    builder.add(advisory("CVE-2021-0001", "v:p", before("1.0", "2.0")), Origin::nvd);
    builder.begin_product("deb/debian/bookworm/p", Origin::debian);
    builder.append("CVE-2021-0001", package("deb/debian/bookworm/p", status, std::move(fixed)), Origin::debian);
    const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    components.rows.push_back({.id = "p", .version = std::move(version), .ecosystem = "dpkg", .purl = std::move(purl), .cpe = {"v:p"}});
    const auto rows = match(components, snapshot).rows;
    return rows.size() != 1 ? std::to_string(rows.size()) + " rows" : fmt::format("{} {} {}", name_of(rows[0].state), rows[0].source, rows[0].reason);
}

TEST(Match, TheDistributionDecidesBeforeUpstream) {
    constexpr const char* bookworm = "pkg:deb/debian/p@1.5-2?distro=debian-12";
    EXPECT_EQ(decided(Status::affected, "1.5-1", bookworm, "1.5-2"), "mended debian deb/debian/bookworm/p: mended in 1.5-1");
    EXPECT_EQ(decided(Status::affected, "1.5-3", bookworm, "1.5-2"), "affected debian ");
    EXPECT_EQ(decided(Status::affected, "", bookworm, "1.5-2"), "affected debian ");
    EXPECT_EQ(decided(Status::unaffected, "", bookworm, "1.5-2"), "mended debian deb/debian/bookworm/p: not affected");
    EXPECT_EQ(decided(Status::undecided, "", bookworm, "1.5-2"), "superseded nvd ");
    EXPECT_EQ(decided(Status::affected, "1.5-1", "pkg:deb/debian/p@1.5-2?distro=debian-11", "1.5-2"), "superseded nvd ") << "another release's word";
    EXPECT_EQ(decided(Status::affected, "2.1-1", bookworm, "2.0-1"), "affected debian ") << "the distribution knows of it where upstream's range does not";
    EXPECT_EQ(decided(Status::unaffected, "", bookworm, "2.0-1"), "0 rows");
}

std::string with_parts(std::vector<std::string> parts, CompiledIn built) {
    AdvisoryRecord record = advisory("CVE-2021-42386", "v:p", before("", "2.0"));
    record.parts = std::move(parts);
    SnapshotBuilder builder;
    builder.add(record, Origin::nvd);
    const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    components.rows.push_back({.id = "p", .version = "1.0", .cpe = {"v:p"}, .compiled_in = std::move(built)});
    return std::string(name_of(match(components, snapshot).rows.at(0).state));
}

TEST(Match, RpmAndPacmanCarryUpstreamsVersion) {
    const Snapshot snapshot = one(before("1.2", "1.2.4"));
    EXPECT_EQ(matched(snapshot, "2:1.2.3-4.el9", "v:p", "rpm"), Ids{"CVE-1"});
    EXPECT_EQ(matched(snapshot, "1:1.2.4-1", "v:p", "pacman"), Ids{});
}

TEST(Match, AppletsThatWereNotBuiltAreExcluded) {
    const CompiledIn small{.applets = {"ash", "cat", "wget"}, .configuration = {}, .modules = {}};
    EXPECT_EQ(with_parts({"awk"}, small), "not_compiled_in");
    EXPECT_EQ(with_parts({"awk", "wget"}, small), "affected");
    EXPECT_EQ(with_parts({}, small), "affected");
    EXPECT_EQ(with_parts({"awk"}, {}), "affected") << "nobody could tell what was built";
}

TEST(Match, KernelFilesThatWereNotBuiltAreExcluded) {
    CompiledIn built;
    for (int i = 0; i < 20; ++i)
        built.modules.push_back("kernel/drivers/net/ethernet/a" + std::to_string(i) + ".ko");
    built.modules.emplace_back("kernel/net/ipv6/ipv6.ko");
    std::ranges::sort(built.modules);
    EXPECT_EQ(with_parts({"drivers/gpu/drm/i915/i915_gem.c"}, built), "not_compiled_in");
    EXPECT_EQ(with_parts({"drivers/gpu/drm/i915/i915_gem.c", "net/ipv6/route.c"}, built), "affected");
    EXPECT_EQ(with_parts({"mm/mmap.c"}, built), "affected") << "no module is made of it";
    EXPECT_EQ(with_parts({"net/core.c"}, built), "affected");
    built.modules.resize(3);
    EXPECT_EQ(with_parts({"drivers/gpu/drm/i915/i915_gem.c"}, built), "affected") << "so short a list is not the whole kernel";
}

TEST(Match, OriginsByTrust) {
    SnapshotBuilder builder;
    builder.add(advisory("CVE-2021-0001", "linux:linux_kernel", before("", "6.0"), 'o'), Origin::nvd);
    builder.add(advisory("CVE-2021-0001", "linux:linux_kernel", before("5.10", "5.10.38"), 'o'), Origin::kernel);
    builder.add(advisory("CVE-2021-0002", "v:p", before("", "9")), Origin::nvd);
    builder.add(advisory("CVE-2021-0002", "w:q", before("", "9")), Origin::override_);
    AdvisoryRecord withdrawn = advisory("CVE-2021-0003", "v:p", before("", "9"));
    withdrawn.withdrawn = true;
    builder.add(withdrawn, Origin::nvd);
    const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
    EXPECT_EQ(matched(snapshot, "5.10.40", "linux:linux_kernel"), Ids{}) << "the kernel's own ranges replace NVD's";
    EXPECT_EQ(matched(snapshot, "5.10.37", "linux:linux_kernel"), Ids{"CVE-2021-0001"});
    EXPECT_EQ(matched(snapshot, "1", "v:p"), Ids{}) << "a correction replaces all that NVD says";
    EXPECT_EQ(matched(snapshot, "1", "w:q"), Ids{"CVE-2021-0002"});
}

TEST(PackageNames, UpstreamVersions) {
    const auto upstream = [](const char* ecosystem, const char* version) { return upstream_version(Component{.version = version, .ecosystem = ecosystem}); };
    EXPECT_EQ(upstream("dpkg", "1:1.35.0-4+b3"), "1.35.0");
    EXPECT_EQ(upstream("pacman", "1:1.35.0-4"), "1.35.0");
    EXPECT_EQ(upstream("rpm", "2:1.30-5.el8"), "1.30");
    EXPECT_EQ(upstream("apk", "1.36.1-r2"), "1.36.1");
    EXPECT_EQ(upstream("npm", "1.0.0-rc.1"), "1.0.0-rc.1") << "no distribution's revision";
    EXPECT_EQ(upstream("", " 1.0-1 "), "1.0-1");
    EXPECT_EQ(upstream("", "2.28-251.el8_10.5"), "2.28") << "a bill without package URLs; the mark is Red Hat's";
    EXPECT_EQ(upstream("", "1:2.9.10+dfsg-6.7+deb11u3"), "2.9.10");
    EXPECT_EQ(upstream("", "3.0.2-0ubuntu1.15"), "3.0.2");
    EXPECT_EQ(upstream("", "1.0-rc.electric"), "1.0-rc.electric");
    EXPECT_EQ(upstream("npm", "1.0-1.el8"), "1.0-1.el8");
}

TEST(PackageNames, ByPurlAndRelease) {
    const auto names = [](std::string purl, std::string source = "") {
        Component component{.version = "1.0-1", .source_package = source, .source_version = source.empty() ? "" : "2.0", .purl = std::move(purl)};
        std::string all;
        for (const PackageName& each : package_names(component))
            all += each.product + "@" + each.version + " ";
        return all;
    };
    EXPECT_EQ(names("pkg:deb/debian/libssl3@3.0.11-1?arch=armhf&distro=debian-12", "openssl"), "deb/debian/bookworm/openssl@2.0 deb/debian/bookworm/libssl3@1.0-1 ");
    EXPECT_EQ(names("pkg:deb/debian/zlib@1"), "");
    EXPECT_EQ(names("pkg:apk/alpine/busybox@1.36.1-r0?distro=3.18.4"), "apk/alpine/3.18/busybox@1.0-1 ");
    EXPECT_EQ(names("pkg:alpine/libssl1.1@1.1.1q-r0?arch=x86_64&upstream=openssl&distro=alpine-3.16.2"), "apk/alpine/3.16/openssl@1.0-1 apk/alpine/3.16/libssl1.1@1.0-1 ");
    EXPECT_EQ(names("pkg:npm/%40scope/name@1.0"), "npm/@scope/name@1.0-1 ");
    EXPECT_EQ(names("pkg:golang/github.com/a/b@v1.0#sub"), "golang/github.com/a/b@1.0-1 ");
    for (const auto* const broken : {"", "pkg:", "pkg:deb", "deb/debian/x", "pkg:deb/x?distro=debian-12"})
        EXPECT_EQ(names(broken), "") << broken;
}

TEST(Silence, OfASourceThatTheSnapshotLacksIsSaid) {
    const Snapshot snapshot = snapshot_of({{"maven/org.x/a", VersionScheme::maven}, {"apk/alpine/3.18/busybox", VersionScheme::apk}},
                                          {advisory("CVE-1", "maven/org.x/a", before("", "2")), advisory("CVE-2", "apk/alpine/3.18/busybox", before("", "1.36.1-r1"), 'p')});
    const auto packages = [&](std::vector<std::string> urls, std::vector<std::string> cpe = {}) {
        std::vector<Component> rows;
        for (const std::string& url : urls) {
            rows.push_back(component(url, "1.0", cpe, url.starts_with("pkg:apk") ? "apk" : ""));
            rows.back().purl = url;
        }
        return table(std::move(rows));
    };
    const auto gaps = [&](const Table<Component>& components) { return match(components, snapshot).gaps; };
    EXPECT_EQ(gaps(packages({"pkg:maven/org.x/b@1.0", "pkg:apk/alpine/zlib@1.0?distro=3.18.2"})), Ids{}) << "what is covered and not named has no known fault";
    EXPECT_EQ(gaps(packages({"pkg:npm/a@1.0", "pkg:npm/b@1.0"})), Ids{"npm: the advisory data names none of its packages, 2 of which are here"});
    EXPECT_EQ(gaps(packages({"pkg:npm/a@1.0"}, {"maven/org.x/a"})).size(), 1U) << "no CPE";
    EXPECT_EQ(gaps(packages({"pkg:apk/alpine/zlib@1.0?distro=3.22.0"})), Ids{"apk/alpine/3.22: the advisory data names none of its packages, 1 of which is here"});
    EXPECT_EQ(gaps(packages({"pkg:apk/alpine/zlib@1.0"})), Ids{"apk/alpine: 1 package whose purl names no release (distro)"});
    EXPECT_EQ(gaps(packages({"pkg:opkg/uci@1.0", "pkg:generic/own@1.0"})), Ids{}) << "nobody publishes any by these";
    EXPECT_EQ(unidentified(packages({"pkg:opkg/uci@1.0", "pkg:npm/a@1.0"})), 1U);
    EXPECT_EQ(unidentified(table({component("own", "1.0", {}), component("p", "1.0", {"v:p"}), component("q", "1.0", {"v:*"})})), 2U);
}

}  // namespace
}  // namespace shirushi::vuln
