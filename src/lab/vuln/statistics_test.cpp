#include "vuln/statistics.hpp"

#include <gtest/gtest.h>

#include "vuln/sample_records.hpp"

namespace shirushi::vuln {
namespace {

constexpr std::string_view kTable[] = {
    "cve\tpublished\tlastModified\tcwes\tcvss3_version\tcvss3_score\tcvss3_severity\tcvss3_vector\tcvss2_score\tcvss2_severity\trejected",
    "CVE-1\t2016-05-05T01:59Z\tx\tCWE-79|CWE-79|CWE-20\t3.0\t9.8\tCRITICAL\tv\t5.0\tMEDIUM\t0",
    "CVE-2\t2017-05-11T14:29Z\tx\tCWE-79\t3.0\t7.0\tHIGH\tv\t5.0\tMEDIUM\t0",
    "CVE-3\t2017-05-12T14:29Z\tx\tNVD-CWE-noinfo\t3.0\t7.0\tHIGH\tv\t5.0\tMEDIUM\t0",
    "CVE-4\t2017-05-11T14:29Z\tx\t\t\t\t\t\t\t\t1",
    "CVE-5\t2017-05-11T14:29Z\tx\tCWE-20\t\t\t\t\t5.0\tMEDIUM\t0",
    "CVE-6\t2018-01-01T00:00Z\tx\tCWE-20\t3.1\t6.9\tMEDIUM\tv\t5.0\tMEDIUM\t0",
};

AdvisoryTable table() {
    AdvisoryTable made;
    for (const std::string_view line : kTable)
        EXPECT_TRUE(made.line(line).has_value()) << line;
    return made;
}

TEST(Statistics, CountsEachWeaknessOfAnAdvisoryOnce) {
    const auto all = count_weaknesses(table().advisories, {});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].cwe, "CWE-79");
    EXPECT_EQ(all[0].total, 2U);
    EXPECT_EQ(all[0].critical, 1U);
    EXPECT_EQ(all[0].high, 1U);
    EXPECT_EQ(all[1].cwe, "CWE-20");
    EXPECT_EQ(all[1].total, 2U);
    EXPECT_EQ(all[1].severe(), 1U);
    EXPECT_EQ(all[1].rank, 2U);
}

TEST(Statistics, WindowsHoldBothTheirDays) {
    EXPECT_EQ(count_weaknesses(table().advisories, {.from = "2017-05-11", .to = "2017-05-11"}).at(0).total, 1U);
    EXPECT_TRUE(count_weaknesses(table().advisories, {.from = "2019-01-01", .to = ""}).empty());
    EXPECT_EQ(count_weaknesses(table().advisories, {.from = "", .to = "2016-12-31"}).size(), 2U);
}

TEST(Statistics, BrokenTablesAreNamed) {
    AdvisoryTable no_heading;
    EXPECT_EQ(no_heading.line("CVE-1\t2016").error().message, "its first line names no column \"cve\"");
    AdvisoryTable made = table();
    EXPECT_EQ(made.line("CVE-7\t2017-05-11\tx\tCWE-20\t3.0\tten\tHIGH\tv\t5.0\tMEDIUM\t0").error().message, "line 8: \"ten\" is no score");
    EXPECT_TRUE(made.line("CVE-8").has_value()) << "a line that was cut has no score";
}

TEST(Statistics, OfASnapshotOnlyTheNewScoresCount) {
    SnapshotBuilder builder;
    AdvisoryRecord old = advisory("CVE-2010-0001", "v:p", before("", "1"));
    old.score = 10.0;
    old.vector = "AV:N/AC:L/Au:N/C:C/I:C/A:C";
    old.cwe = {"CWE-78"};
    AdvisoryRecord scored = advisory("CVE-2020-0001", "v:p", before("", "1"));
    scored.score = 8.8;
    scored.vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H";
    scored.cwe = {"CWE-78"};
    builder.add(old, Origin::nvd);
    builder.add(scored, Origin::nvd);
    const auto counts = count_weaknesses(scored_advisories(Snapshot::read(std::move(builder).finish().value()).value()), {});
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].total, 1U);
    EXPECT_EQ(counts[0].high, 1U);
}

}  // namespace
}  // namespace shirushi::vuln
