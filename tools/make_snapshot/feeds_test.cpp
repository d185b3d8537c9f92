#include "make_snapshot/feeds.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "make_snapshot/components.hpp"
#include "make_snapshot/record_set.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::make_snapshot {
namespace {

using nlohmann::json;
const std::set<std::string> kernel_and_curl = {"linux:linux_kernel", "haxx:curl"};

json nvd_item(json nodes) {
    return {{"cve",
             {{"CVE_data_meta", {{"ID", "CVE-2014-0160"}}},
              {"problemtype", {{"problemtype_data", {{{"description", {{{"value", "CWE-125"}}, {{"value", "NVD-CWE-Other"}}}}}}}}}}},
            {"configurations", {{"nodes", std::move(nodes)}}},
            {"impact",
             {{"baseMetricV2", {{"cvssV2", {{"baseScore", 5.0}, {"vectorString", "AV:N/AC:L/Au:N/C:P/I:N/A:N"}}}}},
              {"baseMetricV3", {{"cvssV3", {{"baseScore", 7.5}, {"vectorString", "CVSS:3.1/AV:N"}}}}}}},
            {"publishedDate", "2014-04-07T22:55Z"},
            {"lastModifiedDate", "2022-11-15T19:30Z"}};
}
json cpe_match(std::string cpe, bool vulnerable = true) {
    return {{"cpe23Uri", std::move(cpe)}, {"vulnerable", vulnerable}};
}

TEST(Cpe, NamesAreSplitAtUnescapedColons) {
    const auto operand = operand_from_cpe(R"(cpe:2.3:a:treck:tcp\/ip:6.2\(2\):rc1:*:*:*:linux:x86:*)");
    ASSERT_TRUE(operand.has_value());
    EXPECT_EQ(operand->product, R"(treck:tcp\/ip)");
    EXPECT_EQ(operand->range.exact, "6.2(2)");
    EXPECT_EQ(operand->range.update, "rc1");
    EXPECT_EQ(operand->range.edition, "linux:x86");
    EXPECT_EQ(operand_from_cpe(R"(cpe:2.3:a:v\:w:p:*:*:*:*:*:*:*:*)")->product, R"(v\:w:p)");
    EXPECT_EQ(operand_from_cpe("cpe:2.3:a:v:p:-:*:*:*:*:*:*:*")->range.exact, "-");
    EXPECT_EQ(operand_from_cpe("cpe:2.3:a:v:p:*:*:*:*:*:*:*:*")->range.exact, "");
    for (const auto* const broken : {"", "cpe:/a:v:p", "cpe:2.3:a:v:p", "cpe:2.3:application:v:p:*:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:\\"})
        EXPECT_FALSE(operand_from_cpe(broken).has_value()) << broken;
}

TEST(Nvd, ItemsGiveFactsAndRanges) {
    json match = cpe_match("cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*");
    match["versionStartIncluding"] = "1.0.1";
    match["versionEndExcluding"] = "1.0.1g";
    const FeedRecord record = record_from_nvd_item(nvd_item({{{"operator", "OR"}, {"cpe_match", {match}}}})).value();
    EXPECT_EQ(record.modified, "2022-11-15");
    EXPECT_EQ(record.advisory.published, "2014-04-07");
    EXPECT_EQ(record.advisory.score, 7.5);
    EXPECT_EQ(record.advisory.vector, "CVSS:3.1/AV:N");
    EXPECT_EQ(record.advisory.cwe, std::vector<std::string>{"CWE-125"});
    ASSERT_EQ(record.advisory.configurations.size(), 1U);
    const vuln::Operand& operand = record.advisory.configurations[0].groups.at(0).at(0);
    EXPECT_EQ(operand.range.start, "1.0.1");
    EXPECT_EQ(operand.range.end, "1.0.1g");
    EXPECT_FALSE(operand.range.start_excluded);
    EXPECT_FALSE(operand.range.end_included);
}

TEST(Nvd, TheOlderScoreStandsInForTheNewer) {
    json item = nvd_item(json::array());
    item["impact"].erase("baseMetricV3");
    EXPECT_EQ(record_from_nvd_item(item).value().advisory.score, 5.0);
    item.erase("impact");
    EXPECT_EQ(record_from_nvd_item(item).value().advisory.score, std::nullopt);
}

TEST(Nvd, AndNodesKeepTheirGroupsAndPlatforms) {
    const json product = {{"operator", "OR"}, {"cpe_match", {cpe_match("cpe:2.3:a:v:p:1:*:*:*:*:*:*:*")}}};
    const json under = {{"operator", "OR"}, {"cpe_match", {cpe_match("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", false)}}};
    const auto record = record_from_nvd_item(nvd_item({{{"operator", "AND"}, {"children", {product, under}}}})).value();
    const auto& groups = record.advisory.configurations.at(0).groups;
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_TRUE(groups[0].at(0).vulnerable);
    EXPECT_FALSE(groups[1].at(0).vulnerable);
    EXPECT_EQ(groups[1][0].part, 'o');
}

TEST(Nvd, BrokenNodesAreSurvived) {
    const json nodes = {{{"operator", "OR"}},
                        {{"operator", "AND"}},
                        "node",
                        nullptr,
                        {{"operator", 7}, {"cpe_match", "none"}},
                        {{"cpe_match", {nullptr, 3, json::object(), {{"cpe23Uri", 5}}}}},
                        {{"operator", "AND"}, {"children", {1, nullptr}}},
                        {{"operator", "OR"}, {"negate", true}, {"cpe_match", {cpe_match("cpe:2.3:a:v:p:1:*:*:*:*:*:*:*")}}}};
    const auto record = record_from_nvd_item(nvd_item(nodes)).value();
    for (const auto& configuration : record.advisory.configurations)
        for (const auto& group : configuration.groups)
            EXPECT_TRUE(group.empty());
    EXPECT_FALSE(record_from_nvd_item(json::array()).has_value());
    EXPECT_FALSE(record_from_nvd_item({{"cve", 1}}).has_value());
}

TEST(Commits, AreToldFromVersions) {
    const std::string digits(40, '7');
    for (const std::string& commit : {std::string("1424ab4bb386"), std::string("cea750c"), std::string("A218CAFE4D3B"), digits})
        EXPECT_TRUE(is_commit(commit)) << commit;
    for (const std::string& version : {std::string(), std::string("1.0.1e"), std::string("20140722"), std::string("abcdef"),
                                       std::string("5.10.218"), std::string("n/a"), digits + "a", digits.substr(1)})
        EXPECT_FALSE(is_commit(version)) << version;
}

TEST(Nvd, CommitsAreNoBounds) {
    const auto operands = [](json match) {
        const auto record = record_from_nvd_item(nvd_item({{{"operator", "OR"}, {"cpe_match", {std::move(match)}}}})).value();
        return record.advisory.configurations.at(0).groups.at(0);
    };
    json match = cpe_match("cpe:2.3:a:avahi:avahi:*:*:*:*:*:*:*:*");
    match["versionEndIncluding"] = "78eab31128479f06e30beb8c1cbf99dd921e2524";
    EXPECT_EQ(operands(match).at(0).range, vuln::VersionRange{}) << "open: for a person";
    match.erase("versionEndIncluding");
    match["versionStartExcluding"] = "a218cafe4d3b";
    match["versionEndExcluding"] = "8.0";
    const vuln::VersionRange range = operands(match).at(0).range;
    EXPECT_EQ(range.start, "");
    EXPECT_FALSE(range.start_excluded);
    EXPECT_EQ(range.end, "8.0");
    EXPECT_TRUE(operands(cpe_match("cpe:2.3:a:ntpsec:ntpsec:a5fb34b9cc89b92a8fef2f459004865c93bb7f92:*:*:*:*:*:*:*")).empty());
}

TEST(Cve, CommitsAreNoVersions) {  // CVE-2021-4440: "custom", and yet a commit
    const json item = {
        {"cveMetadata", {{"cveId", "CVE-2021-4440"}, {"state", "PUBLISHED"}}},
        {"containers",
         {{"adp",
           {{{"affected",
              {{{"cpes", {"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"}},
                {"versions",
                 {{{"status", "affected"}, {"version", "cea750c99d8f"}, {"lessThan", "1424ab4bb386"}, {"versionType", "custom"}},
                  {{"status", "affected"}, {"version", "6670e1524477"}},
                  {{"status", "affected"}, {"version", "5.10.215"}, {"lessThan", "5.10.218"}, {"versionType", "custom"}}}}}}}}}}}}};
    const auto record = record_from_cve(item, kernel_and_curl).value().record;
    const auto& operands = record.advisory.configurations.at(0).groups.at(0);
    ASSERT_EQ(operands.size(), 1U);
    EXPECT_EQ(operands[0].range.start, "5.10.215");
    EXPECT_EQ(operands[0].range.end, "5.10.218");
}

TEST(Overrides, UseTheNewerForm) {
    const json item = {
        {"_annotation", {{"cve_id", "CVE-2024-1"}}},
        {"cve",
         {{"configurations",
           {{{"operator", "AND"},
             {"nodes",
              {{{"cpeMatch",
                 {{{"criteria", "cpe:2.3:a:haxx:curl:*:*:*:*:*:*:*:*"}, {"versionEndIncluding", "8.1"}, {"vulnerable", true}}}}},
               {{"cpeMatch", {{{"criteria", "cpe:2.3:o:apple:macos:-:*:*:*:*:*:*:*"}, {"vulnerable", false}}}}}}}},
            {{"nodes", {{{"operator", "OR"}}}}}}}}}};
    const auto record = record_from_override(item).value();
    ASSERT_EQ(record.advisory.configurations.size(), 2U);
    EXPECT_EQ(record.advisory.configurations[0].groups.size(), 2U);
    EXPECT_TRUE(record.advisory.configurations[0].groups[0].at(0).range.end_included);
}

json kernel_record(json versions) {
    return {
        {"cveMetadata",
         {{"cveId", "CVE-2021-46988"},
          {"state", "PUBLISHED"},
          {"assignerShortName", "Linux"},
          {"datePublished", "2024-02-28T08:13:15Z"},
          {"dateUpdated", "2024-08-04T05:24:38Z"}}},
        {"containers",
         {{"cna",
           {{"affected", {{{"vendor", "Linux"}, {"product", "Linux"}, {"defaultStatus", "affected"}, {"versions", std::move(versions)}}}}}},
          {"adp",
           {{{"metrics",
              {{{"cvssV4_0", {{"baseScore", 9.9}}}}, {{"cvssV3_1", {{"baseScore", 5.5}, {"vectorString", "CVSS:3.1/AV:L"}}}}}}}}}}}};
}
json unaffected(std::string from, std::string to) {
    return {{"status", "unaffected"}, {"version", std::move(from)}, {"lessThanOrEqual", std::move(to)}};
}

TEST(Cve, KernelBranchesBecomeRanges) {
    const json versions = {{{"status", "affected"}, {"version", "4.11"}},
                           {{"status", "unaffected"}, {"version", "0"}, {"lessThan", "4.11"}},
                           unaffected("5.4.120", "5.4.*"),
                           unaffected("4.14.233", "4.14.*"),
                           unaffected("5.13", "*")};
    const auto record = record_from_cve(kernel_record(versions), kernel_and_curl).value();
    EXPECT_TRUE(record.kernel_ranges);
    EXPECT_EQ(record.record.advisory.score, 5.5);
    std::vector<std::string> ranges;
    for (const auto& operand : record.record.advisory.configurations.at(0).groups.at(0))
        ranges.push_back(operand.range.start + " to " + operand.range.end);
    EXPECT_EQ(ranges, (std::vector<std::string>{"4.11 to 4.14.233", "4.15 to 5.4.120", "5.5 to 5.13"}));
}

TEST(Cve, KernelFaultWithoutBeginningOrEnd) {
    const auto from_the_first = record_from_cve(kernel_record({unaffected("6.1.5", "6.1.*")}), kernel_and_curl).value();
    const auto& operands = from_the_first.record.advisory.configurations.at(0).groups.at(0);
    ASSERT_EQ(operands.size(), 2U);
    EXPECT_EQ(operands[0].range.start, "");
    EXPECT_EQ(operands[0].range.end, "6.1.5");
    EXPECT_EQ(operands[1].range.start, "6.2");
    EXPECT_EQ(operands[1].range.end, "");
    EXPECT_FALSE(
        record_from_cve(kernel_record({{{"status", "affected"}, {"version", "cb658a45"}, {"versionType", "git"}}}), kernel_and_curl)
            .value()
            .kernel_ranges);
}

TEST(Cve, RangesOfNamedProductsOnly) {
    const json item = {{"cveMetadata", {{"cveId", "CVE-2024-2"}, {"state", "PUBLISHED"}}},
                       {"containers",
                        {{"cna",
                          {{"datePublic", "2024-01-09T00:00:00Z"},
                           {"problemTypes", {{{"descriptions", {{{"cweId", "CWE-295"}}}}}}},
                           {"affected",
                            {{{"vendor", "Haxx"},
                              {"product", "curl"},
                              {"versions",
                               {{{"status", "affected"}, {"version", "7.0"}, {"lessThan", "8.4.0"}},
                                {{"status", "affected"}, {"version", "0"}, {"lessThanOrEqual", "6.5"}},
                                {{"status", "affected"}, {"version", "n/a"}},
                                {{"status", "affected"}, {"version", "abc"}, {"versionType", "git"}, {"lessThan", "def"}},
                                {{"status", "unaffected"}, {"version", "8.4.0"}}}}},
                             {{"vendor", "Other"}, {"product", "curl"}, {"versions", {{{"status", "affected"}, {"version", "1"}}}}}}}}}}}};
    const auto record = record_from_cve(item, kernel_and_curl).value().record;
    EXPECT_EQ(record.advisory.published, "2024-01-09");
    EXPECT_EQ(record.advisory.cwe, std::vector<std::string>{"CWE-295"});
    const auto& operands = record.advisory.configurations.at(0).groups.at(0);
    ASSERT_EQ(operands.size(), 2U);
    EXPECT_EQ(operands[0].product, "haxx:curl");
    EXPECT_EQ(operands[0].range.start, "7.0");
    EXPECT_EQ(operands[1].range.start, "");
    EXPECT_TRUE(operands[1].range.end_included);
}

TEST(Cve, RejectedRecordsSayNothing) {
    json item = kernel_record({unaffected("5.13", "*")});
    item["cveMetadata"]["state"] = "REJECTED";
    EXPECT_TRUE(record_from_cve(item, kernel_and_curl).value().record.advisory.configurations.empty());
    EXPECT_FALSE(record_from_cve(json::object(), kernel_and_curl).has_value());
}

FeedRecord nvd_kernel_record(std::string modified, std::string end) {
    FeedRecord record;
    record.advisory.id = "CVE-2021-46988";
    record.modified = std::move(modified);
    vuln::Operand operand{'o', "linux:linux_kernel", {}, true};
    operand.range.end = std::move(end);
    record.advisory.configurations = {{{{std::move(operand)}}}};
    return record;
}

TEST(RecordSet, TheKernelsOwnRangesReplaceNvds) {
    RecordSet set({{"linux:linux_kernel", vuln::VersionScheme::kernel}});
    set.add_nvd(nvd_kernel_record("2023-01-01", "5.13"));
    set.add_nvd(nvd_kernel_record("2022-01-01", "5.0"));  // older: not taken
    set.add_cve(record_from_cve(kernel_record({unaffected("4.14.233", "4.14.*"), unaffected("5.13", "*")}), set.products()).value());
    set.add_exploited({{"CVE-2021-46988", "2024-05-01"}, {"CVE-1999-1", "2022-01-01"}});
    const auto records = std::move(set).finish();
    EXPECT_EQ(records.date, "2024-08-04");
    ASSERT_EQ(records.advisories.size(), 1U);
    EXPECT_EQ(records.advisories[0].exploited_since, "2024-05-01");
    EXPECT_EQ(records.advisories[0].score, 5.5);
    ASSERT_EQ(records.advisories[0].configurations.size(), 1U);
    EXPECT_EQ(records.advisories[0].configurations[0].groups[0].size(), 2U);
}

TEST(RecordSet, OverridesReplaceAndForeignRecordsAreLeftOut) {
    RecordSet set({{"haxx:curl", vuln::VersionScheme::generic}});
    set.add_nvd(nvd_kernel_record("2023-01-01", "5.13"));
    FeedRecord record = nvd_kernel_record("", "8.0");
    record.advisory.configurations[0].groups[0][0].product = "haxx:curl";
    set.add_override(record);
    const auto records = std::move(set).finish();
    ASSERT_EQ(records.advisories.size(), 1U);
    EXPECT_EQ(records.date, "2023-01-01");  // the facts are NVD's, the configuration is not
    EXPECT_EQ(records.advisories[0].configurations[0].groups[0][0].product, "haxx:curl");
}

TEST(Components, SiblingsAreComponentsOfTheirOwn) {
    const auto components = components_from_table(
        "component\tnvd_records\tnvd_vendor_product_pairs\nopenssl\t224\topenssl:openssl openssl_project:openssl\n"
        "miniupnpd\t27\tminiupnp_project:miniupnpd miniupnp_project:miniupnpc\nbroken\n");
    ASSERT_EQ(components.size(), 3U);
    EXPECT_EQ(components[0].product, "miniupnpc");
    EXPECT_EQ(components[1].cpe, std::vector<std::string>{"miniupnp_project:miniupnpd"});
    EXPECT_EQ(components[2].scheme, vuln::VersionScheme::openssl);
    EXPECT_EQ(products_of(components).size(), 4U);
    EXPECT_TRUE(components_toml(components)
                    .ends_with("\n[[component]]\nproduct = \"openssl\"\ncpe = ['openssl:openssl', "
                               "'openssl_project:openssl']\nversion_scheme = \"openssl\"\n"));
}

TEST(Lines, AreReadFromFilesWithTheirNumbers) {
    const auto path = std::filesystem::path(testing::TempDir()) / "make_snapshot_lines.txt";
    std::ofstream(path) << "one\n\ntwo";
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) -> Result<void> {
        lines.emplace_back(line);
        return line == "two" ? fail(Errc::bad_input, "stop") : Result<void>{};
    };
    const auto done = for_each_line(path.string(), keep);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
    ASSERT_FALSE(done.has_value());
    EXPECT_TRUE(done.error().message.ends_with("line 3: stop")) << done.error().message;
    std::filesystem::remove(path);
    EXPECT_EQ(read_text(path.string()).error().code, Errc::io);
}

}  // namespace
}  // namespace shirushi::make_snapshot
