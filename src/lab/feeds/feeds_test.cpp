#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feeds/feeds_samples.hpp"
#include "feeds/parts.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::feeds {
namespace {

using testing::HasSubstr;

constexpr std::string_view kNvd1 = R"({"CVE_data_type":"CVE","CVE_data_timestamp":"2023-08-18T07:01Z","CVE_Items":[
{"cve":{"CVE_data_meta":{"ID":"CVE-2014-0160"},"problemtype":{"problemtype_data":[{"description":[{"lang":"en","value":"CWE-125"}]}]},
 "description":{"description_data":[{"lang":"en","value":"A fault."}]}},
 "configurations":{"nodes":[{"operator":"OR","children":[],"cpe_match":[{"vulnerable":true,"cpe23Uri":"cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*",
 "versionStartIncluding":"1.0.1","versionEndExcluding":"1.0.1g"}]}]},
 "impact":{"baseMetricV3":{"cvssV3":{"vectorString":"CVSS:3.1/AV:N","baseScore":7.5}},"baseMetricV2":{"cvssV2":{"baseScore":5.0}}},
 "publishedDate":"2014-04-07T22:55Z","lastModifiedDate":"2023-02-10T16:55Z"},
{"cve":{"CVE_data_meta":{"ID":"CVE-2020-0002"},"description":{"description_data":[{"lang":"en","value":"** REJECT ** no."}]}},
 "configurations":{"nodes":[{"operator":"AND","children":[{"operator":"OR","cpe_match":[{"vulnerable":true,"cpe23Uri":"cpe:2.3:o:v:firmware:1.0:rc1:*:*:*:*:*:*"}]},
 {"operator":"OR","cpe_match":[{"vulnerable":false,"cpe23Uri":"cpe:2.3:h:v:device:-:*:*:*:*:*:*:*"}]}]}]},"publishedDate":"2020-01-01T00:00Z"}]})";

TEST_F(Feeds, Nvd1) {
    const auto made = of(kNvd1);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(imported_.kind, "nvd-1.1");
    EXPECT_EQ(imported_.records, 2U);
    EXPECT_EQ(imported_.date, "2023-08-18");
    ASSERT_EQ(ranges(*made, "openssl:openssl").size(), 1U);
    EXPECT_EQ(ranges(*made, "openssl:openssl")[0].end, "1.0.1g");
    const vuln::AdvisoryFacts& facts = *made->advisory("CVE-2014-0160");
    EXPECT_EQ(facts.tenths, 75);
    EXPECT_EQ(made->text(facts.modified), "2023-02-10");
    EXPECT_EQ(made->text(made->weaknesses(facts)[0]), "CWE-125");
    EXPECT_TRUE(made->advisory("CVE-2020-0002")->withdrawn());
    ASSERT_EQ(ranges(*made, "v:firmware").size(), 1U);
    EXPECT_EQ(ranges(*made, "v:firmware")[0].update, "rc1");
    const auto& criterion = made->criteria(*made->product("v:firmware"))[0];
    ASSERT_NE(criterion.platform, 0U);
    EXPECT_EQ(made->text(made->operands(made->platform(criterion.platform)[0])[0].product), "h:v:device");
    EXPECT_EQ(made->product("v:device"), nullptr) << "a device is no product of the matcher";
}

TEST_F(Feeds, EveryTruncationIsRefused) {
    for (std::size_t length = 0; length < kNvd1.size(); ++length)
        EXPECT_NE(error(kNvd1.substr(0, length), {.kind = "nvd-1.1"}), "") << length;
}

TEST_F(Feeds, ThreadsDoNotMatter) {
    const std::string path = file("feed.json", kNvd1);
    vuln::SnapshotBuilder one;
    vuln::SnapshotBuilder two;
    ASSERT_TRUE(import_feed(path, {.threads = 1}, one).has_value());
    ASSERT_TRUE(import_feed(path, {.threads = 2}, two).has_value());
    EXPECT_EQ(std::move(one).finish().value(), std::move(two).finish().value());
}

TEST_F(Feeds, BrokenRecordsAreNamedWithTheirPlace) {
    std::string wrong(kNvd1);
    wrong.replace(wrong.find("\"CVE-2020-0002\""), 15, "12345");
    EXPECT_THAT(error(wrong), HasSubstr("record 2, which begins at byte " + std::to_string(kNvd1.find("{\"cve\":{\"CVE_data_meta\":{\"ID\":\"CVE-2020"))));
    EXPECT_THAT(error(wrong), HasSubstr("is no CVE id"));
    std::string type(kNvd1);
    type.replace(type.find("\"1.0.1g\""), 8, "[1]");
    EXPECT_THAT(error(type), HasSubstr("\"versionEndExcluding\" is not a text"));
    std::string twice(kNvd1);
    twice.replace(twice.find("\"versionEndExcluding\""), 21, "\"versionStartIncluding\"");
    EXPECT_THAT(error(twice), HasSubstr("\"versionStartIncluding\" stands twice"));
    const auto skipped = of(type, {.skip_broken = true});
    ASSERT_TRUE(skipped.has_value());
    EXPECT_EQ(imported_.records, 1U);
    EXPECT_EQ(imported_.refused, 1U);
    EXPECT_THAT(imported_.first_refusal, HasSubstr("record 1"));
    EXPECT_EQ(skipped->feed(skipped->feeds()[0]).refused, 1U);
}

TEST_F(Feeds, WhatIsNoFeedIsSaid) {
    EXPECT_THAT(error("<html>moved</html>"), HasSubstr("not a feed that is known here"));
    EXPECT_THAT(error(""), HasSubstr("feed.json: "));
    EXPECT_THAT(error("{}", {.kind = "nvd"}), HasSubstr("there is no kind \"nvd\""));
    EXPECT_THAT(error(R"({"CVE_Items":[]})"), HasSubstr("there is no record in it"));
    EXPECT_EQ(error(R"({"distroversion":"v3.3","packages":[]})"), "") << "Alpine publishes branches without fixes";
    EXPECT_EQ(snapshot(folder_ / "absent").error().code, Errc::not_found);
    EXPECT_THAT(snapshot(folder_).error().message, HasSubstr("is a folder"));
}

TEST_F(Feeds, Nvd2AndBrokenNodes) {
    const auto made = of(R"({"resultsPerPage":2,"format":"NVD_CVE","timestamp":"2024-01-02T00:00:00.000","vulnerabilities":[
{"cve":{"id":"CVE-2021-3156","published":"2021-01-26T21:15:12.987","lastModified":"2024-01-01T00:00:00","vulnStatus":"Analyzed","cisaExploitAdd":"2022-04-06",
"metrics":{"cvssMetricV40":[{"type":"Secondary","cvssData":{"baseScore":8.5,"vectorString":"CVSS:4.0/AV:L"}}],"cvssMetricV31":[{"type":"Primary","cvssData":{"baseScore":7.8,"vectorString":"CVSS:3.1/AV:L"}}]},
"weaknesses":[{"description":[{"lang":"en","value":"CWE-193"}]}],
"configurations":[{"nodes":[{"operator":"OR","negate":false},{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:sudo_project:sudo:*:*:*:*:*:*:*:*","versionStartIncluding":"1.9.0","versionEndExcluding":"1.9.5"}]}]}]}},
{"cve":{"id":"CVE-2021-9999","vulnStatus":"Rejected","configurations":[{}]}}]})");
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(imported_.date, "2024-01-02");
    const vuln::AdvisoryFacts& facts = *made->advisory("CVE-2021-3156");
    EXPECT_EQ(facts.tenths, 85);
    EXPECT_EQ(made->text(facts.exploited_since), "2022-04-06");
    ASSERT_EQ(ranges(*made, "sudo_project:sudo").size(), 1U);
    EXPECT_TRUE(made->advisory("CVE-2021-9999")->withdrawn());
}

TEST_F(Feeds, Cve5WithTheKernelsBranches) {
    const auto made = of(R"({"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-2021-46988","assignerShortName":"Linux","state":"PUBLISHED","datePublished":"2024-02-28T08:13:13Z","dateUpdated":"2024-05-29T05:03:01Z"},
"containers":{"cna":{"affected":[{"vendor":"Linux","product":"Linux","defaultStatus":"unaffected","programFiles":["mm/userfaultfd.c"],"versions":[{"version":"1c9e8def43a3","lessThan":"319116227e52","status":"affected","versionType":"git"}]},
{"vendor":"Linux","product":"Linux","defaultStatus":"affected","programFiles":["mm/userfaultfd.c"],"versions":[{"version":"4.11","status":"affected"},{"version":"0","lessThan":"4.11","status":"unaffected"},
{"version":"4.14.233","lessThanOrEqual":"4.14.*","status":"unaffected"},{"version":"5.13","lessThanOrEqual":"*","status":"unaffected"}]}]}}}
{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-2024-1","assignerShortName":"x","state":"PUBLISHED"},"containers":{"cna":{"affected":[{"vendor":"Acme Corp","product":"Smart Cam","versions":[{"version":"1.0","lessThanOrEqual":"1.4","status":"affected"},{"version":"see notes","status":"affected"}]}]}}})",
                         {.skip_broken = true});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto kernel = ranges(*made, "linux:linux_kernel");
    ASSERT_EQ(kernel.size(), 2U);
    EXPECT_EQ(kernel[0].start + " " + kernel[0].end, "4.11 4.14.233");
    EXPECT_EQ(kernel[1].start + " " + kernel[1].end, "4.15 5.13");
    EXPECT_EQ(made->criteria(*made->product("linux:linux_kernel"))[0].origin(), vuln::Origin::kernel);
    const auto parts = made->parts(*made->advisory("CVE-2021-46988"));
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(made->text(parts[0]), "mm/userfaultfd.c");
    EXPECT_EQ(imported_.refused, 1U) << "CVE-2024-1 is no id: four digits at least";
}

TEST_F(Feeds, KevAndEpss) {
    const auto kev = of(R"({"title":"CISA","catalogVersion":"2025.08.25","dateReleased":"2025-08-25T14:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2021-36260","dateAdded":"2022-01-10"}]})");
    ASSERT_TRUE(kev.has_value()) << kev.error().message;
    EXPECT_EQ(kev->text(kev->advisory("CVE-2021-36260")->exploited_since), "2022-01-10");
    EXPECT_EQ(imported_.date, "2025-08-25");
    const auto epss = of("#model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z\ncve,epss,percentile\nCVE-2021-36260,0.94,0.999\nCVE-1999-0001,0.01151,0.7802");
    ASSERT_TRUE(epss.has_value()) << epss.error().message;
    EXPECT_EQ(epss->advisory("CVE-2021-36260")->epss, 940'000);
    EXPECT_EQ(epss->advisory("CVE-1999-0001")->percentile, 780'200);
    EXPECT_EQ(imported_.date, "2025-12-26");
    EXPECT_THAT(error("cve,epss\nCVE-2021-36260,2.5\n"), HasSubstr("record 1, which begins at byte 9: "));
    EXPECT_THAT(error("cve,epss,percentile\nCVE-2021-36260,0.5\n"), HasSubstr("2 fields where the heading names 3"));
    const auto table = of("cveID,vendorProject,vulnerabilityName,dateAdded\nCVE-2021-36260,Hikvision,\"cameras, \"\"IP\"\"\nand more\",2022-01-10\n");
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ(table->text(table->advisory("CVE-2021-36260")->exploited_since), "2022-01-10");
    EXPECT_EQ(imported_.kind, "kev-csv");
}

TEST_F(Feeds, OsvRangesAndEcosystems) {
    const auto made = of(R"({"schema_version":"1.6.0","id":"CVE-2012-6702","modified":"2025-01-14T06:07:49Z","affected":[{"package":{"ecosystem":"Alpine:v3.2","name":"expat"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.2.0-r0"}]}],"versions":["2.0.1-r0"]}]}
{"schema_version":"1.6.0","id":"GHSA-x","aliases":["CVE-2021-23337"],"modified":"2022-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"4.17.21"},{"introduced":"5.0.0"},{"last_affected":"5.0.2"}]},{"type":"GIT","events":[{"introduced":"0"}]}]}]}
{"schema_version":"1.6.0","id":"PYSEC-1","modified":"2022-01-01T00:00:00Z","withdrawn":"2022-02-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"django"},"versions":["1.0","1.1"]}]})");
    ASSERT_TRUE(made.has_value()) << made.error().message;
    ASSERT_EQ(ranges(*made, "apk/alpine/3.2/expat").size(), 1U);
    EXPECT_EQ(ranges(*made, "apk/alpine/3.2/expat")[0].end, "2.2.0-r0");
    const auto lodash = ranges(*made, "npm/lodash");
    ASSERT_EQ(lodash.size(), 2U);
    EXPECT_TRUE(lodash[1].end_included);
    EXPECT_NE(made->advisory("CVE-2021-23337"), nullptr) << "goes by its CVE id";
    EXPECT_EQ(ranges(*made, "pypi/django").size(), 2U);
    EXPECT_TRUE(made->advisory("PYSEC-1")->withdrawn());
    EXPECT_EQ(made->product("pypi/django")->scheme(), vuln::VersionScheme::pep440);
    EXPECT_EQ(made->product("npm/lodash")->scheme(), vuln::VersionScheme::semver);
    EXPECT_EQ(made->product("apk/alpine/3.2/expat")->scheme(), vuln::VersionScheme::apk);
}

TEST_F(Feeds, OsvEcosystemsChooseTheOrderOfVersions) {
    const auto record = [](int number, std::string_view ecosystem, std::string_view name) {
        return fmt::format(R"({{"schema_version":"1.6.0","id":"OSV-{}","modified":"2025-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{}","name":"{}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"2.0"}}]}}]}}]}})",
                           number, ecosystem, name) + "\n";
    };
    const auto made = of(record(1, "Maven", "org.example:lib") + record(2, "RubyGems", "rails") + record(3, "Packagist", "a/b") + record(4, "NuGet", "Json") + record(5, "AlmaLinux:8", "zlib") +
                         record(6, "Go", "example.org/x") + record(7, "crates.io", "time"));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto scheme = [&](std::string_view product) { return made->product(product) == nullptr ? vuln::VersionScheme::kernel : made->product(product)->scheme(); };
    EXPECT_EQ(scheme("maven/org.example/lib"), vuln::VersionScheme::maven);
    EXPECT_EQ(scheme("gem/rails"), vuln::VersionScheme::gem);
    EXPECT_EQ(scheme("composer/a/b"), vuln::VersionScheme::composer);
    EXPECT_EQ(scheme("nuget/Json"), vuln::VersionScheme::nuget);
    EXPECT_EQ(scheme("rpm/almalinux/8/zlib"), vuln::VersionScheme::rpm);
    EXPECT_EQ(scheme("golang/example.org/x"), vuln::VersionScheme::semver);
    EXPECT_EQ(scheme("cargo/time"), vuln::VersionScheme::semver);
}

TEST_F(Feeds, DistributionsDecideForTheirPackages) {
    const auto debian = of(R"({"busybox":{"CVE-2021-42373":{"scope":"local","releases":{"bookworm":{"status":"resolved","repositories":{"bookworm":"1:1.35.0-4"},"fixed_version":"1:1.35.0-1"},
"bullseye":{"status":"open","repositories":{"bullseye":"1:1.30.1-6"}},"trixie":{"status":"resolved","repositories":{},"fixed_version":"0"}}},"TEMP-1":{"releases":{}}}})");
    ASSERT_TRUE(debian.has_value()) << debian.error().message;
    EXPECT_EQ(imported_.kind, "debian");
    const auto state = [&](const vuln::Snapshot& snapshot, std::string purl, std::string version) {
        Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
        components.rows.push_back({.id = "it", .version = std::move(version), .purl = std::move(purl)});
        const auto rows = vuln::match(components, snapshot).rows;
        return rows.empty() ? std::string("none") : rows[0].source + " " + std::string(name_of(rows[0].state));
    };
    EXPECT_EQ(state(*debian, "pkg:deb/debian/busybox@1:1.30.1-6?distro=debian-11", "1:1.30.1-6"), "debian affected");
    EXPECT_EQ(state(*debian, "pkg:deb/debian/busybox@1:1.30.1-6?distro=debian-12", "1:1.30.1-6"), "debian affected");
    EXPECT_EQ(state(*debian, "pkg:deb/debian/busybox@1:1.35.0-4?distro=debian-12", "1:1.35.0-4"), "none");
    EXPECT_EQ(state(*debian, "pkg:deb/debian/busybox@1:1.37.0-4?distro=trixie", "1:1.37.0-4"), "none");
    const auto alpine = of(R"x({"apkurl":"x","distroversion":"v3.18","packages":[{"pkg":{"name":"busybox","secfixes":{"1.36.1-r1":["CVE-2023-42366 (+)"],"0":["CVE-2022-28391"]}}}]})x");
    ASSERT_TRUE(alpine.has_value()) << alpine.error().message;
    EXPECT_EQ(state(*alpine, "pkg:apk/alpine/busybox@1.36.1-r0?distro=alpine-3.18.4", "1.36.1-r0"), "alpine affected");
    EXPECT_EQ(state(*alpine, "pkg:apk/alpine/busybox@1.36.1-r2?distro=alpine-3.18.4", "1.36.1-r2"), "none");
}

TEST_F(Feeds, CsafProductTrees) {
    const auto made = of(R"({"document":{"category":"csaf_security_advisory","csaf_version":"2.0","tracking":{"current_release_date":"2024-03-01T00:00:00Z"}},
"product_tree":{"branches":[{"category":"vendor","name":"V","branches":[{"category":"product_name","name":"P","branches":[{"category":"product_version_range","name":"vers:generic/>=1.0|<1.2",
"product":{"product_id":"P1","name":"P","product_identification_helper":{"cpe":"cpe:2.3:o:v:p_firmware:*:*:*:*:*:*:*:*"}}}]}]}]},
"vulnerabilities":[{"cve":"CVE-2024-12345","cwe":{"id":"CWE-78"},"product_status":{"known_affected":["P1","absent"]},"scores":[{"cvss_v3":{"baseScore":9.8,"vectorString":"CVSS:3.1/AV:N"}}]}]})");
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto found = ranges(*made, "v:p_firmware");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].start + " " + found[0].end, "1.0 1.2");
    EXPECT_EQ(made->advisory("CVE-2024-12345")->tenths, 98);
}

TEST_F(Feeds, CompressedAndArchivedFilesAreTheSame) {
    const auto pack = [&](const std::string& name, int (*filter)(struct archive*), int (*format)(struct archive*)) {
        const std::string path = folder_ / name;
        struct archive* writer = archive_write_new();
        filter(writer);
        format(writer);
        EXPECT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
        struct archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, "nvd.json");
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(kNvd1.size()));
        EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
        EXPECT_EQ(archive_write_data(writer, kNvd1.data(), kNvd1.size()), static_cast<la_ssize_t>(kNvd1.size()));
        archive_entry_free(entry);
        archive_write_free(writer);
        return path;
    };
    const auto plain = of(kNvd1).value().criteria_count();
    for (const std::string& path : {pack("a.xz", archive_write_add_filter_xz, archive_write_set_format_raw), pack("a.gz", archive_write_add_filter_gzip, archive_write_set_format_raw),
                                    pack("a.zst", archive_write_add_filter_zstd, archive_write_set_format_raw), pack("a.zip", archive_write_add_filter_none, archive_write_set_format_zip),
                                    pack("a.tar.gz", archive_write_add_filter_gzip, archive_write_set_format_pax_restricted)}) {
        const auto made = snapshot(path);
        ASSERT_TRUE(made.has_value()) << path << ": " << made.error().message;
        EXPECT_EQ(made->criteria_count(), plain) << path;
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
        EXPECT_FALSE(snapshot(path).has_value()) << path << ", cut in half";
    }
}

TEST(Names, CpeInBothForms) {
    const auto name = operand_from_cpe(R"(cpe:2.3:a:treck:tcp\/ip:6.0.1.66:-:*:*:lite:*:*:*)").value();
    EXPECT_EQ(name.product, "treck:tcp\\/ip");
    EXPECT_EQ(name.range.exact, "6.0.1.66");
    EXPECT_EQ(name.range.update, "-");
    EXPECT_EQ(name.range.edition, "lite");
    const auto uri = operand_from_cpe("cpe:/a:treck:tcp%2fip:6.0.1.66").value();
    EXPECT_EQ(uri.product, "treck:tcp\\/ip");
    EXPECT_EQ(uri.range.exact, "6.0.1.66");
    for (const auto* const wrong : {"", "cpe:2.3:a:b", "cpe:/", "cpe:/a:b", "cpe:2.3:app:a:b:1:*:*:*:*:*:*:*", "cpe:/x:::"})
        EXPECT_FALSE(operand_from_cpe(wrong).has_value()) << wrong;
}

TEST(Names, CommitsDaysAndIds) {
    EXPECT_TRUE(is_commit("1424ab4bb386"));
    EXPECT_FALSE(is_commit("20210401"));
    EXPECT_EQ(day_of("2021-01-26T21:15:12.987"), "2021-01-26");
    EXPECT_EQ(day_of("26/01/2021"), "");
    EXPECT_TRUE(is_cve_id("CVE-1999-0001"));
    for (const auto* const wrong : {"CVE-1999-001", "CVE-19a9-0001", "cve-1999-0001", "CVE-1999-0001x", "TEMP-0000000-AAAA"})
        EXPECT_FALSE(is_cve_id(wrong)) << wrong;
}

TEST(Parts, AppletsOfBusyBoxOnly) {
    vuln::AdvisoryRecord record;
    add_applets("A use-after-free in Busybox's awk applet leads to denial of service when processing a crafted awk pattern in the getvar_i function", record);
    EXPECT_EQ(record.parts, std::vector<std::string>{"awk"});
    vuln::AdvisoryRecord other;
    add_applets("A fault in gawk's awk", other);
    EXPECT_TRUE(other.parts.empty());
    record.configurations = {vuln::Configuration{{{vuln::Operand{'a', "busybox:busybox", {}, true}}}}};
    keep_applets_of_busybox(record);
    EXPECT_EQ(record.parts.size(), 1U);
    record.configurations.push_back(vuln::Configuration{{{vuln::Operand{'a', "gnu:tar", {}, true}}}});
    keep_applets_of_busybox(record);
    EXPECT_TRUE(record.parts.empty());
}

}  // namespace
}  // namespace shirushi::feeds
