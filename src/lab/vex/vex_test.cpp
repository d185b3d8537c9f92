#include "vex/vex.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shirushi::vex {
namespace {

Result<Document> read_text(std::string_view text) { return read(as_bytes(text)); }

std::string refusal(std::string_view text) {
    const auto document = read_text(text);
    return document ? "read" : document.error().message;
}

constexpr std::string_view kOpenVex =
    R"({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "Example Works", "timestamp": "2026-01-02T00:00:00Z", "version": 1,
 "statements": [
  {"vulnerability": {"name": "CVE-2014-0160", "aliases": ["GHSA-1"]}, "products": [{"@id": "pkg:generic/openssl@1.0.1f"}],
   "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path", "impact_statement": "heartbeats are off"},
  {"vulnerability": {"name": "CVE-2022-1"}, "products": [{"@id": "router-1.0", "hashes": {"sha-256": "AB"}, "subcomponents": [{"@id": "x", "identifiers": {"cpe23": "cpe:2.3:a:busybox:busybox:1.30.1:*:*:*:*:*:*:*"}}]}],
   "status": "affected", "action_statement": "update", "timestamp": "2026-02-01T00:00:00Z"}]})";

constexpr std::string_view kCycloneDx = R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1", "version": 1,
 "metadata": {"timestamp": "2026-01-02T00:00:00Z", "authors": [{"name": "Example Works"}], "component": {"type": "firmware", "bom-ref": "top", "name": "router", "version": "1.0"}},
 "components": [{"type": "library", "bom-ref": "ssl", "name": "openssl", "version": "1.0.1f", "purl": "pkg:generic/openssl@1.0.1f"}],
 "vulnerabilities": [
  {"id": "CVE-2014-0160", "references": [{"id": "GHSA-1", "source": {"name": "GitHub"}}], "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "heartbeats are off"},
   "affects": [{"ref": "ssl"}]},
  {"id": "CVE-2022-1", "recommendation": "update", "analysis": {"state": "exploitable", "lastUpdated": "2026-02-01T00:00:00Z"},
   "affects": [{"ref": "urn:cdx:2c385cf7-e1ee-46e9-a51c-13de1ecb380a/1#busybox", "versions": [{"version": "1.30.1", "status": "affected"}, {"version": "1.31.0", "status": "unaffected"}]}]},
  {"id": "CVE-2022-2", "affects": [{"ref": "top"}]}]})";

constexpr std::string_view kCsaf = R"({"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "Example Works"},
  "tracking": {"id": "EW-1", "current_release_date": "2026-01-02T00:00:00Z"}},
 "product_tree": {"branches": [{"category": "vendor", "name": "Example", "branches": [{"category": "product_name", "name": "openssl", "branches": [
    {"category": "product_version", "name": "1.0.1f", "product": {"product_id": "A", "name": "Example openssl 1.0.1f", "product_identification_helper": {"purl": "pkg:generic/openssl@1.0.1f"}}}]},
    {"category": "product_name", "name": "router", "branches": [{"category": "product_version", "name": "1.0", "product": {"product_id": "R", "name": "router 1.0"}},
      {"category": "product_version_range", "name": "vers:generic/<1.0", "product": {"product_id": "OLD", "name": "router before 1.0"}}]}]}],
  "relationships": [{"category": "default_component_of", "product_reference": "A", "relates_to_product_reference": "R", "full_product_name": {"product_id": "R:A", "name": "openssl in router"}}],
  "product_groups": [{"group_id": "G", "product_ids": ["OLD"]}]},
 "vulnerabilities": [{"cve": "CVE-2014-0160", "ids": [{"system_name": "GitHub", "text": "GHSA-1"}], "product_status": {"known_not_affected": ["R:A"], "known_affected": ["OLD"]},
   "flags": [{"label": "vulnerable_code_not_in_execute_path", "product_ids": ["R:A"]}], "threats": [{"category": "impact", "details": "heartbeats are off", "product_ids": ["R:A"]}],
   "remediations": [{"category": "vendor_fix", "details": "update to 1.0", "group_ids": ["G"]}]}]})";

TEST(Vex, OpenVexIsRead) {
    const auto document = read_text(kOpenVex);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->author, "Example Works");
    EXPECT_EQ(document->spec_version, "0.2.0");
    ASSERT_EQ(document->statements.size(), 2U);
    const VexStatement& first = document->statements[0];
    EXPECT_EQ(first.vulnerability, "CVE-2014-0160");
    EXPECT_EQ(first.aliases, std::vector<std::string>{"GHSA-1"});
    EXPECT_EQ(first.status, VexStatus::not_affected);
    EXPECT_EQ(first.justification, VexJustification::vulnerable_code_not_in_execute_path);
    EXPECT_EQ(first.impact, "heartbeats are off");
    EXPECT_EQ(first.timestamp, "2026-01-02T00:00:00Z");
    EXPECT_EQ(first.place, "/statements/0");
    EXPECT_EQ(first.products[0].item.version, "1.0.1f");
    const VexStatement& second = document->statements[1];
    EXPECT_EQ(second.timestamp, "2026-02-01T00:00:00Z");
    EXPECT_EQ(second.products[0].item.sha256, "ab");
    EXPECT_EQ(second.products[0].parts[0].version, "1.30.1");
}

TEST(Vex, CycloneDxIsRead) {
    const auto document = read_text(kCycloneDx);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    ASSERT_EQ(document->statements.size(), 3U);
    EXPECT_EQ(document->statements[0].justification, VexJustification::vulnerable_code_not_in_execute_path);
    EXPECT_EQ(document->statements[0].aliases, std::vector<std::string>{"GHSA-1"});
    EXPECT_EQ(document->statements[0].products[0].item.purl, "pkg:generic/openssl@1.0.1f");
    EXPECT_EQ(document->statements[1].status, VexStatus::not_affected);  // the version that the document lists as unaffected
    EXPECT_EQ(document->statements[1].products[0].item.version, "1.31.0");
    EXPECT_EQ(document->statements[2].status, VexStatus::affected);
    EXPECT_EQ(document->statements[2].products[0].item.name, "busybox");
    EXPECT_EQ(document->statements[2].products[0].item.version, "1.30.1");
    EXPECT_EQ(document->remarks, std::vector<std::string>{"/vulnerabilities/2: has no analysis: nobody states anything about it"});
}

TEST(Vex, CsafIsRead) {
    const auto document = read_text(kCsaf);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->id, "EW-1");
    ASSERT_EQ(document->statements.size(), 2U);
    const VexStatement& safe = document->statements[0];
    EXPECT_EQ(safe.status, VexStatus::not_affected);
    EXPECT_EQ(safe.justification, VexJustification::vulnerable_code_not_in_execute_path);
    EXPECT_EQ(safe.impact, "heartbeats are off");
    EXPECT_EQ(safe.products[0].item.name, "router");
    EXPECT_EQ(safe.products[0].item.version, "1.0");
    ASSERT_EQ(safe.products[0].parts.size(), 1U);
    EXPECT_EQ(safe.products[0].parts[0].purl, "pkg:generic/openssl@1.0.1f");
    const VexStatement& old = document->statements[1];
    EXPECT_EQ(old.status, VexStatus::affected);
    EXPECT_EQ(old.products[0].item.range, "vers:generic/<1.0");
    EXPECT_EQ(old.action, "update to 1.0");
}

TEST(Vex, WhatCannotBeReadIsSaidWithPlace) {
    EXPECT_EQ(refusal(""), "the document is empty");
    EXPECT_TRUE(refusal("<bom/>").starts_with("VEX in XML is not read"));
    EXPECT_TRUE(refusal("{}").starts_with("JSON, but neither OpenVEX"));
    EXPECT_TRUE(refusal(R"({"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"vulnerability": "CVE-1", "status": "safe"}]})")
                    .starts_with("/statements/0: the status \"safe\" is none of not_affected, affected"));
    EXPECT_TRUE(refusal(R"({"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"status": "fixed"}]})")
                    .starts_with("/statements/0: lacks \"vulnerability\""));
    EXPECT_TRUE(refusal(R"({"@context": "https://openvex.dev/ns/v1.0.0"})").starts_with("OpenVEX 1.0.0 is not read"));
    EXPECT_TRUE(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "1.3"})").starts_with("VEX of CycloneDX 1.3 is not read"));
    EXPECT_TRUE(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "1.4", "vulnerabilities": [{"id": "x", "analysis": {"state": "fine"}}]})")
                    .starts_with("/vulnerabilities/0/analysis: the state \"fine\""));
    EXPECT_TRUE(refusal(R"({"document": {"csaf_version": "3.0"}})").starts_with("CSAF 3.0 is not read"));
}

TEST(Vex, ManyCopiesOfOneProductAreRefused) {
    std::string text = R"({"@context": "https://openvex.dev/ns", "statements": [{"vulnerability": "CVE-1", "status": "fixed", "products": [)";
    for (int i = 0; i < 4000; ++i)
        text += std::string(i == 0 ? "" : ",") + "\"p" + std::to_string(i) + "\"";
    text += "], \"subcomponents\": [";
    for (int i = 0; i < 40; ++i)
        text += std::string(i == 0 ? "" : ",") + "\"" + std::string(60'000, 'a') + "\"";
    EXPECT_EQ(read_text(text + "]}]}").error().code, Errc::limit);
}

TEST(Vex, IsReadAtEveryLength) {
    for (const std::string_view whole : {kOpenVex, kCycloneDx, kCsaf})
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_FALSE(read_text(whole.substr(0, length)).has_value()) << length;
}

TEST(Vex, WhatIsWrittenIsReadAgain) {
    std::filesystem::create_directories("vex-samples");
    for (const std::string_view text : {kOpenVex, kCycloneDx, kCsaf}) {
        const Document document = read_text(text).value();
        const std::string name = std::string(name_of(document.format));
        const std::string openvex = write_openvex(document).value();
        std::ofstream("vex-samples/" + name + ".openvex.json") << openvex;
        const auto again = read_text(openvex);
        ASSERT_TRUE(again.has_value()) << again.error().message;
        ASSERT_EQ(again->statements.size(), document.statements.size());
        for (std::size_t i = 0; i < document.statements.size(); ++i) {
            EXPECT_EQ(again->statements[i].vulnerability, document.statements[i].vulnerability);
            EXPECT_EQ(again->statements[i].status, document.statements[i].status);
            EXPECT_EQ(again->statements[i].justification, document.statements[i].justification);
            EXPECT_EQ(again->statements[i].timestamp, document.statements[i].timestamp);
            EXPECT_EQ(again->statements[i].products.size(), document.statements[i].products.size());
        }
        for (const char* version : {"1.4", "1.5", "1.6"}) {
            const std::string cyclonedx = write_cyclonedx(document, version).value();
            std::ofstream("vex-samples/" + name + "-" + version + ".cdx.json") << cyclonedx;  // tests/schemas validates these
            EXPECT_EQ(cyclonedx, write_cyclonedx(document, version).value());
            const auto round = read_text(cyclonedx);
            ASSERT_TRUE(round.has_value()) << round.error().message;
            ASSERT_GE(round->statements.size(), 2U);
            EXPECT_EQ(round->statements[0].vulnerability, "CVE-2014-0160");
            EXPECT_EQ(round->statements[0].justification, VexJustification::vulnerable_code_not_in_execute_path);
            EXPECT_EQ(round->statements[0].products[0].item.purl, "pkg:generic/openssl@1.0.1f");
        }
    }
    EXPECT_EQ(write_cyclonedx({}, "1.3").error().code, Errc::unsupported);
    EXPECT_EQ(write_openvex({}).error().code, Errc::bad_input);
}

const Table<Component> kComponents{.observed = true,
                                   .gaps = {},
                                   .rows = {{.id = "openssl@1.0.1f",
                                             .product = "openssl",
                                             .name = "openssl",
                                             .version = "1.0.1f",
                                             .purl = "pkg:generic/openssl@1.0.1f",
                                             .cpe = {"openssl:openssl"}},
                                            {.id = "busybox@1:1.30.1-4",
                                             .product = "busybox",
                                             .name = "busybox",
                                             .version = "1:1.30.1-4",
                                             .ecosystem = "dpkg",
                                             .purl = "pkg:deb/debian/busybox@1:1.30.1-4?arch=armhf",
                                             .cpe = {"busybox:busybox"}}}};
const Table<AdvisoryMatch> kMatches{.observed = true, .gaps = {}, .rows = {{.advisory = "CVE-2014-0160", .component = "openssl@1.0.1f"},
                                                                          {.advisory = "CVE-2022-1", .component = "busybox@1:1.30.1-4"}}};

VexStatement stated(std::string vulnerability, VexStatus status, VexProduct product, std::string time = "") {
    return {.vulnerability = std::move(vulnerability),
            .status = status,
            .justification = status == VexStatus::not_affected ? VexJustification::vulnerable_code_not_in_execute_path : VexJustification::none,
            .timestamp = std::move(time),
            .products = {std::move(product)}};
}

/// The outcome for the first match, or nothing.
std::optional<Outcome> outcome(const VexStatement& statement, const Subject& subject = {.name = "router", .version = "1.0", .sha256 = "ab"}) {
    const auto decisions = apply({statement}, subject, kComponents, kMatches);
    return decisions.empty() ? std::nullopt : std::optional(decisions.front().outcome);
}

TEST(VexApplied, NeedsTheSameVersion) {
    const auto of = [](std::string purl, std::string version) {
        return stated("CVE-2014-0160", VexStatus::fixed,
                      {.item = {.name = "openssl", .version = std::move(version), .purl = std::move(purl)}, .parts = {}});
    };
    EXPECT_EQ(outcome(of("pkg:generic/openssl@1.0.1f", "1.0.1f")), Outcome::suppressed);
    EXPECT_EQ(outcome(of("pkg:generic/openssl@1.0.1g", "1.0.1g")), Outcome::other_version);
    EXPECT_EQ(outcome(of("pkg:generic/openssl", "")), Outcome::no_version);
    EXPECT_EQ(outcome(of("pkg:generic/libressl@1.0.1f", "1.0.1f")), std::nullopt);
    EXPECT_EQ(outcome(of("", "1.0.1f")), Outcome::suppressed);
    VexStatement ranged = of("", "");
    ranged.products[0].item.range = "vers:generic/<1.0.1g";
    EXPECT_EQ(outcome(ranged), Outcome::suppressed);
    ranged.vulnerability = "CVE-1";
    ranged.aliases = {"CVE-2014-0160"};
    EXPECT_EQ(outcome(ranged), Outcome::suppressed);
    ranged.aliases.clear();
    EXPECT_EQ(outcome(ranged), std::nullopt);
}

TEST(VexApplied, RangesByTheOrderTheyName) {
    const auto in_range = [](std::string range, std::string name = "openssl") {
        return outcome(stated("CVE-2014-0160", VexStatus::fixed, {.item = {.name = std::move(name), .range = std::move(range)}, .parts = {}}));
    };
    EXPECT_EQ(in_range("vers:openssl/>=1.0.1|<1.0.1g"), Outcome::suppressed);
    EXPECT_EQ(in_range("vers:openssl/>=1.0.1g"), Outcome::other_version);
    EXPECT_EQ(in_range("<1.0.1g"), Outcome::suppressed);  // as CSAF allows
    EXPECT_EQ(in_range("vers:lexicographic/<2"), Outcome::range_not_compared);
    EXPECT_EQ(in_range("all before 1.0.1g"), Outcome::range_not_compared);
    EXPECT_EQ(in_range(">=1.0,<2.0"), Outcome::range_not_compared);
    EXPECT_EQ(in_range("vers:generic/<2.0", "router"), Outcome::suppressed);  // the product itself
    EXPECT_EQ(in_range("vers:generic/<1.0", "router"), Outcome::other_version);
    const auto of_package = [](std::string range) {
        return apply({stated("CVE-2022-1", VexStatus::fixed, {.item = {.name = "busybox", .range = std::move(range), .purl = "pkg:deb/debian/busybox"}, .parts = {}})},
                     {}, kComponents, kMatches)
            .at(0)
            .outcome;
    };
    EXPECT_EQ(of_package("vers:deb/>=1:1.30.1-4"), Outcome::suppressed);
    EXPECT_EQ(of_package("vers:deb/>=1:1.30.1-5"), Outcome::other_version);
    EXPECT_EQ(of_package("vers:generic/<=1.30.1"), Outcome::suppressed);  // upstream's number
}

TEST(VexApplied, RangesOfDocuments) {
    const auto of_document = [](std::string_view text) {
        const auto document = read_text(text);
        EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
        return apply(document->statements, {}, kComponents, kMatches).at(0).outcome;
    };
    const std::string cyclonedx = R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "bom-ref": "ssl", "name": "openssl"}],
 "vulnerabilities": [{"id": "CVE-2014-0160", "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
  "affects": [{"ref": "ssl", "versions": [{"range": "vers:openssl/>=1.0.1|<1.0.1g", "status": "unaffected"}]}]}]})";
    EXPECT_EQ(of_document(cyclonedx), Outcome::suppressed);
    const std::string csaf = R"({"document": {"csaf_version": "2.0", "publisher": {"name": "maker"}}, "product_tree": {"branches": [{"category": "product_name", "name": "openssl",
 "branches": [{"category": "product_version_range", "name": "vers:openssl/<1.0.1f", "product": {"product_id": "P", "name": "openssl"}}]}]},
 "vulnerabilities": [{"cve": "CVE-2014-0160", "product_status": {"known_not_affected": ["P"]}, "flags": [{"label": "vulnerable_code_not_in_execute_path", "product_ids": ["P"]}]}]})";
    EXPECT_EQ(of_document(csaf), Outcome::other_version);
}

TEST(VexApplied, NotAffectedMustSayWhy) {
    VexStatement bare = stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "openssl", .version = "1.0.1f"}, .parts = {}});
    EXPECT_EQ(outcome(bare), Outcome::suppressed);
    bare.justification = VexJustification::none;
    EXPECT_EQ(outcome(bare), Outcome::unexplained);
    bare.impact = " ";
    EXPECT_EQ(outcome(bare), Outcome::unexplained);
    bare.impact = "heartbeats are off";
    EXPECT_EQ(outcome(bare), Outcome::suppressed);
}

TEST(VexApplied, WhatWasObservedGoesBeforeWhatIsStated) {
    VexStatement statement = stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "openssl", .version = "1.0.1f"}, .parts = {}});
    statement.author = "maker";
    statement.justification = VexJustification::component_not_present;
    Table<Component> components = kComponents;
    components.rows[0].evidence = {{.path = "usr/lib/libssl.so", .offset = {}, .excerpt = {}}};
    Table<AdvisoryMatch> matches = kMatches;
    auto decisions = apply({statement}, {}, components, matches);
    ASSERT_EQ(decisions.size(), 1U);
    EXPECT_EQ(decisions[0].outcome, Outcome::contradicted);
    EXPECT_EQ(decisions[0].contradiction, "openssl@1.0.1f was found in usr/lib/libssl.so");
    record({statement}, decisions, matches);
    EXPECT_EQ(matches.rows[0].statement->use, StatementUse::contradicted);
    EXPECT_EQ(matches.rows[0].statement->author, "maker");
    EXPECT_FALSE(matches.rows[1].statement.has_value());
    components.rows[0].source = ComponentSource::declared;  // to be installed, nobody saw it
    EXPECT_EQ(apply({statement}, {}, components, matches).at(0).outcome, Outcome::suppressed);

    statement.justification = VexJustification::vulnerable_code_not_present;
    EXPECT_EQ(apply({statement}, {}, components, matches).at(0).outcome, Outcome::suppressed);
    matches.rows[0].built_part = "awk";
    EXPECT_EQ(apply({statement}, {}, components, matches).at(0).contradiction, "awk was built into openssl@1.0.1f");
    statement.justification = VexJustification::vulnerable_code_not_in_execute_path;  // may be built and never run
    EXPECT_EQ(apply({statement}, {}, components, matches).at(0).outcome, Outcome::suppressed);
}

TEST(VexApplied, CpeMeansTheUpstreamVersion) {
    const auto decisions =
        apply({stated("CVE-2022-1", VexStatus::not_affected,
                      {.item = {.version = "1.30.1", .cpe = "cpe:2.3:a:busybox:busybox:1.30.1:*:*:*:*:*:*:*"}, .parts = {}})},
              {}, kComponents, kMatches);
    EXPECT_EQ(decisions, (std::vector<Decision>{{.match = 1, .statement = 0, .outcome = Outcome::suppressed}}));
}

TEST(VexApplied, APreReleaseIsNoDistributionsRevision) {
    const Table<Component> components{.observed = true, .gaps = {}, .rows = {{.id = "express", .product = "npm/express", .name = "express", .version = "1.0.0-rc.1", .ecosystem = "npm"}}};
    const Table<AdvisoryMatch> matches{.observed = true, .gaps = {}, .rows = {{.advisory = "CVE-2022-1", .component = "express"}}};
    const auto outcome_for = [&](const char* version) {
        const auto decisions = apply({stated("CVE-2022-1", VexStatus::not_affected, {.item = {.name = "express", .version = version}, .parts = {}})}, {}, components, matches);
        return decisions.at(0).outcome;
    };
    EXPECT_EQ(outcome_for("1.0.0-rc.1"), Outcome::suppressed);
    EXPECT_EQ(outcome_for("1.0.0"), Outcome::other_version) << "what is stated of the release says nothing of what came before it";
}

TEST(VexApplied, TheImageItselfOrPartsOfIt) {
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "Router", .version = "1.0"}, .parts = {}})),
              Outcome::suppressed);
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "Router", .version = "1.1"}, .parts = {}})),
              Outcome::other_version);
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.id = "x", .sha256 = "ab"}, .parts = {}})), Outcome::suppressed);
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.id = "x", .sha256 = "cd"}, .parts = {}})), std::nullopt);
    const VexItem part{.name = "openssl"};
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "router", .version = "1.0"}, .parts = {part}})),
              Outcome::suppressed);
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "switch", .version = "1.0"}, .parts = {part}})),
              std::nullopt);
    EXPECT_EQ(outcome(stated("CVE-2014-0160", VexStatus::not_affected, {.item = {.name = "router"}, .parts = {part}})), Outcome::no_version);
}

TEST(VexApplied, TheLatestStatementCounts) {
    const VexProduct product{.item = {.name = "openssl", .version = "1.0.1f"}, .parts = {}};
    const VexProduct other{.item = {.name = "openssl", .version = "2"}, .parts = {}};
    const std::vector<VexStatement> statements = {stated("CVE-2014-0160", VexStatus::fixed, product, "2026-02-01T00:00:00Z"),
                                                  stated("CVE-2014-0160", VexStatus::affected, product, "2026-03-01T00:00:00Z"),
                                                  stated("CVE-2014-0160", VexStatus::under_investigation, product, "2026-01-01T00:00:00Z"),
                                                  stated("CVE-2014-0160", VexStatus::fixed, other, "2026-04-01T00:00:00Z")};
    EXPECT_EQ(apply(statements, {}, kComponents, kMatches), (std::vector<Decision>{{.match = 0, .statement = 1, .outcome = Outcome::confirmed}}));
}

/// As Documents.OfOthersAreReadOrRefused in sbom.
TEST(Vex, OfOthersIsReadOrRefused) {
    const char* folder = std::getenv("SHIRUSHI_EXAMPLE_DOCUMENTS");
    if (folder == nullptr)
        GTEST_SKIP() << "SHIRUSHI_EXAMPLE_DOCUMENTS names no folder of documents";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json")
            continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto document = read_text(text);
        std::printf("%s: %s\n", entry.path().c_str(),
                    document ? (std::to_string(document->statements.size()) + " statements" +
                                (document->remarks.empty() ? "" : ", " + document->remarks.front()))
                                   .c_str()
                             : document.error().message.c_str());
        if (document && !document->author.empty() && !document->timestamp.empty()) {
            const auto again = read_text(write_openvex(*document).value());
            ASSERT_TRUE(again.has_value()) << entry.path() << ": " << again.error().message;
            EXPECT_EQ(again->statements.size(), document->statements.size()) << entry.path();
            EXPECT_TRUE(read_text(write_cyclonedx(*document).value()).has_value()) << entry.path();
        }
    }
}

}  // namespace
}  // namespace shirushi::vex
