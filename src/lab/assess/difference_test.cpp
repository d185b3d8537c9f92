#include "assess/difference.hpp"

#include <gtest/gtest.h>

namespace shirushi::assess {
namespace {

Finding finding(std::string fingerprint, Kind kind) { return {.check_id = "SHI-NET-001", .kind = kind, .fingerprint = std::move(fingerprint)}; }

Assessment judged(std::vector<Verdict> verdicts, std::vector<Finding> findings) {
    return {.catalogue = "ccds-27", .verdicts = std::move(verdicts), .findings = std::move(findings)};
}

Difference between(const Assessment& before, const Assessment& after) {
    Difference difference;
    compare(before, after, difference);
    return difference;
}

template <class Row>
Table<Row> seen(std::vector<Row> rows) {
    return {.observed = true, .gaps = {}, .rows = std::move(rows)};
}

TEST(DifferenceOfAssessments, NamesVerdictsThatAreOthers) {
    const auto difference = between(judged({{.requirement = "A-1", .verdict = VerdictKind::fail}, {.requirement = "B-1", .verdict = VerdictKind::pass}, {.requirement = "X", .verdict = VerdictKind::pass}}, {}),
                                    judged({{.requirement = "A-1", .verdict = VerdictKind::pass}, {.requirement = "B-1", .verdict = VerdictKind::pass}, {.requirement = "Y", .verdict = VerdictKind::pass}}, {}));
    EXPECT_EQ(difference.verdicts, (std::vector<VerdictChange>{{"A-1", VerdictKind::fail, VerdictKind::pass}, {"Y", {}, VerdictKind::pass}, {"X", VerdictKind::pass, {}}}));
    EXPECT_FALSE(is_worse(difference));
    EXPECT_FALSE(is_more_open(difference));
}

TEST(DifferenceOfAssessments, KnowsFindingsByTheirFingerprint) {
    const auto difference = between(judged({}, {finding("gone", Kind::fail), finding("stays", Kind::fail), finding("was open", Kind::open)}),
                                    judged({}, {finding("stays", Kind::fail), finding("new", Kind::fail), finding("is open", Kind::open)}));
    ASSERT_EQ(difference.findings.size(), 2U);
    EXPECT_EQ(difference.findings[0].finding.fingerprint, "new");
    EXPECT_EQ(difference.findings[0].change, Change::added);
    EXPECT_EQ(difference.findings[1].finding.fingerprint, "gone");
    EXPECT_EQ(difference.findings[1].change, Change::removed);
    EXPECT_TRUE(is_worse(difference));
}

TEST(DifferenceOfAssessments, TellsWorseFromMoreOpen) {
    const auto verdicts = [](VerdictKind kind) { return judged({{.requirement = "A-1", .verdict = kind}}, {}); };
    EXPECT_TRUE(is_worse(between(verdicts(VerdictKind::pass), verdicts(VerdictKind::fail))));
    EXPECT_TRUE(is_more_open(between(verdicts(VerdictKind::pass), verdicts(VerdictKind::inconclusive))));
    EXPECT_FALSE(is_more_open(between(verdicts(VerdictKind::fail), verdicts(VerdictKind::inconclusive)))) << "what failed and is open now is no loss";
    EXPECT_TRUE(is_more_open(between(judged({}, {}), judged({}, {finding("look", Kind::review)}))));
    EXPECT_FALSE(is_worse(between(verdicts(VerdictKind::fail), verdicts(VerdictKind::fail))));
}

TEST(DifferenceOfAssessments, NamesInputsThatDifferButNotTheFactsThemselves) {
    Assessment before = judged({}, {});
    Assessment after = before;
    Digest other{};
    other.bytes[0] = 1;
    before.inputs = {{"facts.json", {}}, {"checks", {}}, {"words", {}}};
    after.inputs = {{"facts.json", other}, {"checks", other}, {"product.toml", {}}};
    EXPECT_EQ(between(before, after).inputs, (std::vector<InputChange>{{Change::changed, "checks"}, {Change::added, "product.toml"}, {Change::removed, "words"}}));
}

TEST(DifferenceOfFacts, ComparesWhatHasTheSameName) {
    Facts before;
    Facts after;
    before.components = seen<Component>({{.id = "a", .name = "busybox", .version = "1.19"}, {.id = "b", .name = "dropbear", .version = "2012"}, {.id = "c", .name = "zlib", .version = "1.2"}});
    after.components = seen<Component>({{.id = "a", .name = "busybox", .version = "1.36"}, {.id = "c", .name = "zlib", .version = "1.2"}, {.id = "d", .name = "mosquitto", .version = "2.0"}});
    before.services = seen<Service>({{.name = "telnetd", .authenticates = false, .endpoints = {{"tcp", 23, ""}}}});
    after.services = seen<Service>({{.name = "telnetd", .authenticates = true, .endpoints = {{"tcp", 23, ""}}}});
    Difference difference;
    compare(before, after, difference);
    EXPECT_EQ(difference.facts, (std::vector<FactChange>{{"components", Change::added, "mosquitto", "", "2.0"},
                                                         {"components", Change::removed, "dropbear", "2012", ""},
                                                         {"components", Change::changed, "busybox", "1.19", "1.36"},
                                                         {"services", Change::changed, "telnetd", "tcp/23, no login", "tcp/23"}}));
    EXPECT_FALSE(difference.files) << "nobody looked at files";
}

TEST(DifferenceOfFacts, LeavesOutWhatOneOfThemDidNotObserve) {
    Facts before;
    Facts after;
    after.accounts = seen<Account>({{.name = "root", .file = "etc/passwd"}});
    Difference difference;
    compare(before, after, difference);
    EXPECT_TRUE(difference.facts.empty());
}

TEST(DifferenceOfFacts, CountsFiles) {
    Facts before;
    Facts after;
    before.files = seen<File>({{.path = "a", .size = 1}, {.path = "b"}, {.path = "same"}});
    after.files = seen<File>({{.path = "a", .size = 2}, {.path = "same"}, {.path = "new"}, {.path = "newer"}});
    Difference difference;
    compare(before, after, difference);
    EXPECT_EQ(difference.files, (FileChanges{.added = 2, .removed = 1, .changed = 1}));
}

TEST(DifferenceOfFacts, SeveralOfOneNameAreOneLine) {
    Facts before;
    Facts after;
    before.components = seen<Component>({{.id = "a", .name = "lodash", .version = "3"}, {.id = "b", .name = "lodash", .version = "4"}});
    after.components = seen<Component>({{.id = "b", .name = "lodash", .version = "4"}});
    Difference difference;
    compare(before, after, difference);
    EXPECT_EQ(difference.facts, (std::vector<FactChange>{{"components", Change::changed, "lodash", "3, 4", "4"}}));
}

}  // namespace
}  // namespace shirushi::assess
