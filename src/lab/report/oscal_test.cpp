#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "report/report.hpp"
#include "sample.hpp"

namespace shirushi::report {
namespace {

using nlohmann::json;

json results_of(const report_sample::Sample& sample) { return json::parse(oscal(sample.assessment, sample.catalogue)).at("assessment-results"); }

void collect_uuids(const json& node, std::vector<std::string>& into) {
    if (node.is_object() && node.contains("uuid"))
        into.push_back(node["uuid"]);
    for (const json& each : node)
        if (each.is_structured())
            collect_uuids(each, into);
}

TEST(Oscal, HasAFindingForEachVerdictWithItsState) {
    const auto sample = report_sample::router();
    const json document = results_of(sample);
    EXPECT_EQ(document["metadata"]["oscal-version"], "1.1.2");
    const json& result = document["results"][0];
    ASSERT_EQ(result["findings"].size(), sample.assessment.verdicts.size());
    for (std::size_t i = 0; i < sample.assessment.verdicts.size(); ++i) {
        const Verdict& verdict = sample.assessment.verdicts[i];
        const json& finding = result["findings"][i];
        EXPECT_EQ(finding["props"][0]["value"], name_of(verdict.verdict));
        const bool good = verdict.verdict == VerdictKind::pass || verdict.verdict == VerdictKind::not_applicable;
        EXPECT_EQ(finding["target"]["status"]["state"], good ? "satisfied" : "not-satisfied") << verdict.requirement;
        EXPECT_EQ(finding["related-observations"].size(), verdict.findings.size() + verdict.reasons.size());
    }
    EXPECT_EQ(result["observations"].size(), sample.assessment.findings.size() +
                                                 [&] {
                                                     std::size_t reasons = 0;
                                                     for (const Verdict& each : sample.assessment.verdicts)
                                                         reasons += each.reasons.size();
                                                     return reasons;
                                                 }());
}

TEST(Oscal, IdentifiersAreOfVersionFiveUniqueAndResolved) {
    const json document = results_of(report_sample::router());
    std::vector<std::string> all;
    collect_uuids(document, all);
    const std::set<std::string> unique(all.begin(), all.end());
    EXPECT_EQ(unique.size(), all.size());
    const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    for (const std::string& each : all)
        EXPECT_TRUE(std::regex_match(each, form)) << each;
    const json& result = document["results"][0];
    for (const json& finding : result["findings"])
        for (const json& related : finding["related-observations"])
            EXPECT_TRUE(unique.contains(related["observation-uuid"])) << related;
    for (const json& observation : result["observations"])
        EXPECT_TRUE(unique.contains(observation["subjects"][0]["subject-uuid"]));
}

TEST(Oscal, NamesOfRequirementsAreTokens) {
    auto sample = report_sample::router();
    sample.assessment.catalogue = "2019 list";
    sample.assessment.verdicts = {{.requirement = "5.1-5 (a)/é", .verdict = VerdictKind::pass, .reasons = {{}}}};
    const json finding = results_of(sample)["results"][0]["findings"][0];
    EXPECT_TRUE(std::regex_match(finding["target"]["target-id"].get<std::string>(), std::regex("[A-Za-z_][A-Za-z0-9._-]*")));
}

TEST(Oscal, TheSameAssessmentGivesTheSameBytesAndAnotherImageOtherIdentifiers) {
    auto sample = report_sample::router();
    const std::string once = oscal(sample.assessment, sample.catalogue);
    EXPECT_EQ(once, oscal(sample.assessment, sample.catalogue));
    ASSERT_TRUE(sample.assessment.image);
    sample.assessment.image->sha256.bytes[0] ^= 1U;
    EXPECT_NE(json::parse(once)["assessment-results"]["uuid"], results_of(sample)["uuid"]);
}

TEST(Oscal, HostileTextsAreNoControlCharacters) {
    auto sample = report_sample::router();
    sample.assessment.findings[0].message.en = "a\x1b[31mb\xff";
    for (const char c : oscal(sample.assessment, sample.catalogue))
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    sample.assessment = {};
    EXPECT_NO_THROW((void)json::parse(oscal(sample.assessment, sample.catalogue)));
}

}  // namespace
}  // namespace shirushi::report
