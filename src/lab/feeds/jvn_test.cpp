#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feeds/feeds_samples.hpp"
#include "feeds/jvn_versions.hpp"

namespace shirushi::feeds {
namespace {

using testing::HasSubstr;

class Jvn : public Feeds {};
class Cwe : public Feeds {};

constexpr std::string_view kVuldef = R"(<?xml version="1.0" encoding="UTF-8" ?>
<VULDEF-Document version="3.2" xmlns="http://jvn.jp/vuldef/" xmlns:sec="http://jvn.jp/rss/mod_sec/3.0/" xml:lang="ja">
  <Vulinfo><VulinfoID>JVNDB-2024-000001</VulinfoID><VulinfoData><Title>ルータ A における &lt;認証&gt; の不備</Title>
    <Affected><AffectedItem><Name>甲社</Name><ProductName>ルータ A</ProductName><Cpe version="2.2">cpe:/o:kousha:router_a_firmware</Cpe>
      <VersionNumber>ファームウェア Ver.1.02 およびそれ以前</VersionNumber></AffectedItem>
      <AffectedItem><Name>甲社</Name><ProductName>ルータ B</ProductName><Cpe version="2.2">cpe:/o:kousha:router_b_firmware:2.0</Cpe><VersionNumber/></AffectedItem></Affected>
    <Impact><Cvss version="2.0"><Base>5.0</Base><Vector>AV:N</Vector></Cvss><Cvss version="3.0"><Base>9.8</Base><Vector>CVSS:3.0/AV:N</Vector></Cvss></Impact>
    <Related><RelatedItem type="advisory"><Name>Common Vulnerabilities and Exposures (CVE)</Name><VulinfoID>CVE-2024-20001</VulinfoID></RelatedItem>
      <RelatedItem type="cwe"><Name>JVNDB</Name><VulinfoID>CWE-287</VulinfoID></RelatedItem></Related>
    <DateFirstPublished>2024-01-15T12:00:00+09:00</DateFirstPublished><DateLastUpdated>2024-02-01T12:00:00+09:00</DateLastUpdated></VulinfoData></Vulinfo>
  <Vulinfo><VulinfoID>JVNDB-2024-000002</VulinfoID><VulinfoData><Title>番号のない脆弱性</Title>
    <Affected><AffectedItem><Cpe version="2.2">cpe:/a:otsusha:app</Cpe><VersionNumber>core 2.0 から 3.0 より前</VersionNumber></AffectedItem></Affected>
    <DateLastUpdated>2024-01-20T12:00:00+09:00</DateLastUpdated></VulinfoData></Vulinfo>
  <Vulinfo><VulinfoID>JVNDB-2024-000003</VulinfoID><VulinfoData><Title>二つの脆弱性</Title>
    <Affected><AffectedItem><Cpe version="2.2">cpe:/a:heisha:tool</Cpe><VersionNumber>1.0 から 1.4 より前のバージョン</VersionNumber></AffectedItem></Affected>
    <Impact><Cvss version="3.0"><Base>7.5</Base></Cvss></Impact>
    <Related><RelatedItem type="advisory"><VulinfoID>CVE-2024-20001</VulinfoID></RelatedItem><RelatedItem type="advisory"><VulinfoID>CVE-2024-20002</VulinfoID></RelatedItem></Related>
    </VulinfoData></Vulinfo>
</VULDEF-Document>)";

constexpr std::string_view kRss = R"x(<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:sec="http://jvn.jp/rss/mod_sec/">
<channel rdf:about="x"><title>JVNDB RSS Feed</title><dc:date>2024-03-05T09:00:00+09:00</dc:date></channel>
<item rdf:about="y"><title>ルータ A における認証の不備</title><sec:identifier>JVNDB-2024-000001</sec:identifier>
<sec:references source="CVE" id="CVE-2024-20001">z</sec:references><sec:references title="情報不足(CWE-noinfo)" id="CWE-noinfo">z</sec:references>
<sec:references title="認証(CWE-287)" id="CWE-287">z</sec:references><sec:cpe version="2.2" vendor="v" product="p">cpe:/o:kousha:router_a_firmware</sec:cpe>
<sec:cvss version="3.0" score="9.8" type="Base" severity="Critical" vector="CVSS:3.0/AV:N"/>
<dcterms:issued>2024-01-15T12:05+09:00</dcterms:issued><dcterms:modified>2024-02-01T12:05+09:00</dcterms:modified></item></rdf:RDF>)x";

constexpr std::string_view kCwe = R"(<?xml version="1.0" encoding="UTF-8"?><Weakness_Catalog Name="CWE" Version="4.15" Date="2024-07-16" xmlns="http://cwe.mitre.org/cwe-7">
<Weaknesses><Weakness ID="787" Name="Out-of-bounds Write" Abstraction="Base"><Description>x <b>y</b></Description><Related_Weaknesses>
<Related_Weakness Nature="ChildOf" CWE_ID="119" View_ID="1000" Ordinal="Primary"/><Related_Weakness Nature="ChildOf" CWE_ID="119" View_ID="1003"/>
<Related_Weakness Nature="CanPrecede" CWE_ID="20" View_ID="1000"/></Related_Weaknesses></Weakness></Weaknesses>
<Categories><Category ID="264" Name="Permissions" Status="Obsolete"/></Categories></Weakness_Catalog>)";

TEST_F(Jvn, DetailsAreStatementsAndNames) {
    const auto made = of(kVuldef);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(imported_.kind, "jvn-vuldef");
    EXPECT_EQ(imported_.records, 3U);
    EXPECT_EQ(imported_.date, "2024-02-01");
    const vuln::AdvisoryFacts& facts = *made->advisory("CVE-2024-20001");
    EXPECT_EQ(facts.tenths, 98) << "CVSS 3's; the entry about two CVEs says nothing of one";
    EXPECT_EQ(made->text(made->weaknesses(facts)[0]), "CWE-287");
    ASSERT_EQ(made->aliases(facts).size(), 2U);
    EXPECT_EQ(made->text(made->aliases(facts)[0].id), "JVNDB-2024-000001");
    EXPECT_EQ(made->text(made->aliases(facts)[0].title), "ルータ A における <認証> の不備");
    ASSERT_EQ(ranges(*made, "kousha:router_a_firmware").size(), 1U);
    EXPECT_EQ(ranges(*made, "kousha:router_a_firmware")[0].end, "1.02");
    EXPECT_TRUE(ranges(*made, "kousha:router_a_firmware")[0].end_included);
    EXPECT_EQ(ranges(*made, "kousha:router_b_firmware").at(0).exact, "2.0");
    EXPECT_EQ(made->criteria(*made->product("heisha:tool")).size(), 2U) << "one for each CVE";
    EXPECT_EQ(made->criteria(*made->product("heisha:tool"))[0].origin(), vuln::Origin::jvn);
    EXPECT_LT(made->advisory("CVE-2024-20002")->tenths, 0);
}

TEST_F(Jvn, AnEntryWithoutCveIsAnAdvisory) {
    const auto made = of(kVuldef).value();
    const auto* facts = made.advisory("JVNDB-2024-000002");
    ASSERT_NE(facts, nullptr);
    EXPECT_EQ(made.text(made.aliases(*facts)[0].title), "番号のない脆弱性");
    EXPECT_EQ(ranges(made, "otsusha:app").at(0), vuln::VersionRange{}) << "a text that cannot be read leaves it to a person";
}

TEST_F(Jvn, ItemsTakeNoStatementsAway) {
    vuln::SnapshotBuilder builder;
    ASSERT_TRUE(import_feed(file("detail.rdf", kVuldef), {}, builder).has_value());
    const auto imported = import_feed(file("new.rdf", kRss), {}, builder);
    ASSERT_TRUE(imported.has_value()) << imported.error().message;
    EXPECT_EQ(imported->kind, "jvn-rss");
    EXPECT_EQ(imported->date, "2024-03-05");
    const Buffer first = std::move(builder).finish().value();
    const auto made = vuln::Snapshot::read(first).value();
    EXPECT_EQ(ranges(made, "kousha:router_a_firmware").size(), 1U);
    vuln::SnapshotBuilder again;
    again.load(made);
    EXPECT_EQ(std::move(again).finish().value(), first) << "names survive a load";
}

TEST_F(Jvn, ANewerEntryReplacesTheOlder) {
    std::string newer(kVuldef);
    newer.replace(newer.find("Ver.1.02"), 8, "Ver.1.05");
    const auto made = of(kVuldef).value();
    vuln::SnapshotBuilder builder;
    builder.load(made);
    ASSERT_TRUE(import_feed(file("detail.rdf", newer), {}, builder).has_value());
    const auto after = vuln::Snapshot::read(std::move(builder).finish().value()).value();
    ASSERT_EQ(ranges(after, "kousha:router_a_firmware").size(), 1U);
    EXPECT_EQ(ranges(after, "kousha:router_a_firmware")[0].end, "1.05");
}

TEST_F(Jvn, NvdSpeaksBefore) {
    constexpr std::string_view nvd = R"({"format":"NVD_CVE","vulnerabilities":[{"cve":{"id":"CVE-2024-20001","configurations":[{"nodes":[{"operator":"OR",
"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:o:kousha:router_a_firmware:*:*:*:*:*:*:*:*","versionEndExcluding":"1.01"}]}]}]}}]})";
    vuln::SnapshotBuilder builder;
    ASSERT_TRUE(import_feed(file("detail.rdf", kVuldef), {}, builder).has_value());
    ASSERT_TRUE(import_feed(file("nvd.json", nvd), {}, builder).has_value());
    const auto made = vuln::Snapshot::read(std::move(builder).finish().value()).value();
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    components.rows.push_back({.id = "it", .version = "1.02", .cpe = {"kousha:router_a_firmware"}});
    EXPECT_TRUE(vuln::match(components, made).rows.empty());
    components.rows[0].version = "1.00";
    EXPECT_EQ(vuln::match(components, made).rows.at(0).source, "nvd");
}

TEST_F(Jvn, EveryTruncationIsRefused) {
    for (const std::string_view feed : {kVuldef, kRss, kCwe}) {
        ASSERT_EQ(error(feed), "");
        const Kind& kind = *kind_of(feed);
        for (std::size_t length = 0; length < feed.size(); ++length) {
            const auto cutter = record_cutter(kind.layout, kind.array);
            EXPECT_FALSE(cutter->push(feed.substr(0, length)).has_value() && cutter->finish().has_value()) << kind.name << ", " << length;
        }
    }
}

TEST_F(Jvn, HostileXmlIsRefused) {
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text(kVuldef);
        return text.replace(text.find(from), from.size(), to);
    };
    EXPECT_THAT(error(with("<VULDEF-Document", "<!DOCTYPE x [<!ENTITY a \"b\">]><VULDEF-Document")), HasSubstr("it has a document type"));
    EXPECT_THAT(error(with("<Name>", "<Name>" + [] { std::string deep; for (int i = 0; i < 100; ++i) deep += "<x>"; return deep; }())), HasSubstr("elements deep"));
    EXPECT_THAT(error(with("番号", "&unknown;")), HasSubstr("no XML"));
    EXPECT_THAT(error(with("JVNDB-2024-000002", "2024")), HasSubstr("record 2, which begins at byte"));
    EXPECT_THAT(error(with("<VULDEF-Document", "<VULDEF-Document wide=\"" + std::string(3U << 20U, 'x') + "\"")), HasSubstr("a tag or comment"));
    std::string many;
    for (int i = 0; i < 200'001; ++i)
        many += "<x/>";
    EXPECT_THAT(error(with("<Name>", many + "<Name>")), HasSubstr("more than 200000 elements"));
    EXPECT_THAT(error(with("ルータ", "\xff\xfe")), HasSubstr("no XML"));
    const auto skipped = of(with("JVNDB-2024-000002", "2024"), {.skip_broken = true});
    ASSERT_TRUE(skipped.has_value()) << skipped.error().message;
    EXPECT_EQ(imported_.refused, 1U);
}

TEST(JvnVersions, AsTheyAreWritten) {
    const auto range = [](std::string_view text) {
        const auto found = range_from_japanese(text);
        return !found ? std::string("?")
                      : found->exact + "|" + found->start + "|" + found->end + (found->end_included ? "]" : "");
    };
    EXPECT_EQ(range("5.16.3 未満"), "||5.16.3");
    EXPECT_EQ(range("7.3.7 より前のバージョン"), "||7.3.7");
    EXPECT_EQ(range("2.13.0 から 2.15.0 より前のバージョン"), "|2.13.0|2.15.0");
    EXPECT_EQ(range("1.0 以上 2.0 未満"), "|1.0|2.0");
    EXPECT_EQ(range("1.0 から 1.5 まで"), "|1.0|1.5]");
    EXPECT_EQ(range("1.0 から 1.5"), "|1.0|1.5]");
    EXPECT_EQ(range("１．０　以下"), "||1.0]");
    EXPECT_EQ(range("バージョン 3.2 およびそれ以前のバージョン"), "||3.2]");
    EXPECT_EQ(range("Ver.1.02 以前"), "||1.02]");
    EXPECT_EQ(range("v2.1 以降"), "|2.1|");
    EXPECT_EQ(range("4.4"), "4.4||");
    EXPECT_EQ(range("すべてのバージョン"), "||");
    for (const std::string_view wrong : {"core 2.0 から 3.0 より前", "1.0 (Windows)", "1.0 から", "最新版", "", "1.0 未満と 2.0", "1.0 より前の機種"})
        EXPECT_EQ(range(wrong), "?") << wrong;
}

TEST_F(Cwe, NamesAndParents) {
    const auto made = of(kCwe);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(imported_.kind, "cwe");
    EXPECT_EQ(imported_.date, "2024-07-16");
    ASSERT_NE(made->weakness("CWE-787"), nullptr);
    EXPECT_EQ(made->text(made->weakness("CWE-787")->name), "Out-of-bounds Write");
    EXPECT_EQ(made->text(made->weakness("CWE-787")->parents), "CWE-119");
    EXPECT_EQ(made->text(made->weakness("CWE-264")->name), "Permissions");
    EXPECT_EQ(made->info().date, "") << "a list of words makes no advisories newer";
    EXPECT_EQ(made->weakness("CWE-1"), nullptr);
    const auto table = of("CWE-ID,Name,Weakness Abstraction,Status,Related Weaknesses,Notes\n787,\"Out-of-bounds \"\"Write\"\"\",Base,Draft,"
                          "::NATURE:ChildOf:CWE ID:119:VIEW ID:1000:ORDINAL:Primary::NATURE:ChildOf:CWE ID:119:VIEW ID:1003::,\"a\nb\",\n");
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ(imported_.kind, "cwe-csv");
    EXPECT_EQ(table->text(table->weakness("CWE-787")->name), "Out-of-bounds \"Write\"");
    EXPECT_EQ(table->text(table->weakness("CWE-787")->parents), "CWE-119");
    EXPECT_THAT(error("CWE-ID,Name,Weakness Abstraction\nx,y,z\n"), HasSubstr("is no weakness"));
    EXPECT_THAT(error("CWE-ID,Name,Weakness Abstraction\n787,\"y,z\n"), HasSubstr("a quote is not closed"));
}

}  // namespace
}  // namespace shirushi::feeds
