#include "sbom/sbom.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sbom/cpe.hpp"
#include "sbom/documents/documents.hpp"
#include "sbom/shipped_identifiers.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::sbom {
namespace {

using unpack::NodeId;
using unpack::TreeBuilder;

Identifiers shipped() {
    auto data = shipped_identifiers();
    return Identifiers::compile(std::move(data.identifiers), std::move(data.aliases)).value();
}

Buffer program(std::string_view text) {
    std::string bytes = "\x7f""ELF";
    bytes += std::string(60, '\0');
    bytes += text;
    bytes += '\0';
    return {bytes.begin(), bytes.end()};
}

Buffer plain(std::string_view text) { return {text.begin(), text.end()}; }

/// A router in small: boot loader in what nothing explains, a kernel, a root file system with packages and programs.
unpack::Tree sample_tree() {
    Buffer image(4096);
    constexpr std::string_view loader = "U-Boot 2013.01 (Jan 10 2014 - 10:00:00)";
    std::ranges::copy(loader, image.begin() + 100);
    auto builder = TreeBuilder::owning(std::move(image));
    const NodeId uimage = builder.add_container(NodeId{0}, "uimage", 512, 512, "");
    builder.add_stream(uimage, "kernel", builder.keep(program("Linux version 4.14.171 (b@h) (gcc version 7.5.0) #0 SMP\n")));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 1024, 1024, "");
    const auto add = [&](const char* path, Buffer content) { builder.add_entry(system, path, {.mode = 0755}, builder.keep(std::move(content))); };
    add("etc/os-release", plain("ID=openwrt\nVERSION_ID=\"19.07.8\"\n"));
    add("usr/lib/opkg/status", plain("Package: dropbear\nVersion: 2019.78-2\nStatus: install user installed\nArchitecture: mips_24kc\n\n"
                                     "Package: libopenssl1.1\nVersion: 1.1.1k-1\nStatus: install ok installed\nArchitecture: mips_24kc\n"));
    add("usr/lib/opkg/info/dropbear.control", plain("Package: dropbear\nVersion: 2019.78-2\nArchitecture: mips_24kc\nLicense: MIT\nMaintainer: OpenWrt\n"));
    add("usr/lib/opkg/info/removed.control", plain("Package: removed\nVersion: 1\nArchitecture: mips_24kc\n"));
    add("usr/sbin/dropbear", program("SSH-2.0-dropbear_2019.78"));
    add("usr/lib/libcrypto.so.1.1", program(std::string("OpenSSL 1.1.1k  25 Mar 2021") + '\0' + "error:%08lX:%s:%s:%s"));
    add("usr/bin/old", program(std::string("OpenSSL 1.0.2u  20 Dec 2019") + '\0' + "error:%08lX:%s:%s:%s"));
    add("usr/bin/client", program("OpenSSL 1.0.1e  11 Feb 2013"));
    add("bin/busybox", program("BusyBox v1.30.1 (2021-08-01 00:00:00 UTC)"));
    add("usr/bin/copy", program("BusyBox v1.30.1 (2021-08-01 00:00:00 UTC)"));
    add("usr/share/readme", plain("This device contains BusyBox v1.19.4 and more"));
    add("lib/libuClibc-0.9.33.2.so", program(""));
    return std::move(builder).finish();
}

const Component* find(const Table<Component>& table, std::string_view id) {
    for (const Component& component : table.rows)
        if (component.id == id)
            return &component;
    return nullptr;
}

TEST(Components, AreFoundMergedAndSorted) {
    const auto tree = sample_tree();
    const auto table = components(tree, shipped());
    EXPECT_TRUE(table.observed);
    std::vector<std::string> ids;
    for (const Component& component : table.rows)
        ids.push_back(component.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"busybox@1.30.1", "dropbear@2019.78-2", "linux_kernel@4.14.171", "libopenssl1.1@1.1.1k-1", "openssl@1.0.2u",
                                             "openwrt@19.07.8", "u-boot@2013.01", "uclibc@0.9.33.2"}));
    const Component& dropbear = *find(table, "dropbear@2019.78-2");
    EXPECT_EQ(dropbear.purl, "pkg:opkg/dropbear@2019.78-2?arch=mips_24kc&distro=openwrt-19.07.8");
    EXPECT_EQ(dropbear.license, "MIT");
    EXPECT_EQ(dropbear.cpe, std::vector<std::string>{"example:dropbear"});
    ASSERT_EQ(dropbear.evidence.size(), 3U);  // status, control, program
    EXPECT_EQ(dropbear.evidence[2].path, "squashfs@0x400/usr/sbin/dropbear");
    EXPECT_EQ(dropbear.evidence[2].offset, 64U);
    EXPECT_EQ(find(table, "libopenssl1.1@1.1.1k-1")->product, "openssl");
    EXPECT_EQ(find(table, "libopenssl1.1@1.1.1k-1")->evidence.size(), 2U);
    EXPECT_EQ(find(table, "linux_kernel@4.14.171")->source, ComponentSource::kernel_banner);
    EXPECT_EQ(find(table, "uclibc@0.9.33.2")->source, ComponentSource::file_name);
    const Component& loader = *find(table, "u-boot@2013.01");
    EXPECT_EQ(loader.kind, ComponentKind::firmware);
    EXPECT_EQ(loader.evidence, (std::vector<Evidence>{{.path = "", .offset = 100, .excerpt = "U-Boot 2013.01 (Jan 10 2014 - 10:00:00)"}}));
    EXPECT_EQ(find(table, "busybox@1.30.1")->evidence.size(), 2U);  // equal files, both named
    EXPECT_EQ(find(table, "busybox@1.30.1")->purl, "pkg:generic/busybox@1.30.1");
    EXPECT_EQ(find(table, "openwrt@19.07.8")->kind, ComponentKind::operating_system);
    EXPECT_EQ(dropbear.confidence, 100U);
    EXPECT_EQ(find(table, "uclibc@0.9.33.2")->confidence, 60U);
    EXPECT_EQ(find(table, "libopenssl1.1@1.1.1k-1")->source_package, "libopenssl1.1");
}

/// Languages' packages, a builder's list beside the database, a lock file.
TEST(Components, ComeFromLanguagesAndBuildersToo) {
    auto builder = TreeBuilder::owning(Buffer(64));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 0, 64, "");
    const auto add = [&](const char* path, std::string_view text) { builder.add_entry(system, path, {.mode = 0644}, builder.keep(plain(text))); };
    add("etc/openwrt_release", "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='23.05.2'\n");
    add("usr/lib/opkg/status", "Package: curl\nVersion: 8.5.0-1\nStatus: install user installed\nArchitecture: arm\n");
    add("openwrt.manifest", "curl - 8.5.0-1\nextra - 1.0-1\n");
    add("usr/lib/python3/site-packages/requests-2.25.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: requests\nVersion: 2.25.1\n");
    add("srv/requirements.txt", "requests==2.25.1\nflask==2.0.1\n");
    add("srv/node_modules/@x/y/package.json", R"({"name": "@x/y", "version": "1.0.0"})");
    add("java/x-1.2.jar/META-INF/maven/org.x/x/pom.properties", "groupId=org.x\nartifactId=x\nversion=1.2\n");
    add("java/x-1.2.jar/META-INF/MANIFEST.MF", "Implementation-Version: 1.2\nImplementation-Vendor: X\n");
    add("java/y.jar/META-INF/MANIFEST.MF", "Implementation-Version: 3.4\n");
    const auto table = components(std::move(builder).finish(), shipped());
    std::vector<std::string> rows;
    for (const Component& component : table.rows) rows.push_back(component.id + " " + component.purl + " " + std::string(name_of(component.source)));
    EXPECT_EQ(rows,
              (std::vector<std::string>{"curl@8.5.0-1 pkg:opkg/curl@8.5.0-1?arch=arm&distro=openwrt-23.05.2 package_database",
                                        "extra@1.0-1 pkg:opkg/extra@1.0-1?distro=openwrt-23.05.2 declared",
                                        "x@1.2 pkg:maven/org.x/x@1.2 package_database", "y@3.4 pkg:generic/y@3.4 package_database",
                                        "@x/y@1.0.0 pkg:npm/%40x/y@1.0.0 package_database", "openwrt@23.05.2  package_database",
                                        "flask@2.0.1 pkg:pypi/flask@2.0.1 declared", "requests@2.25.1 pkg:pypi/requests@2.25.1 package_database"}));
    EXPECT_EQ(find(table, "curl@8.5.0-1")->evidence.size(), 2U);
    EXPECT_EQ(find(table, "x@1.2")->supplier, "X");
    EXPECT_EQ(find(table, "x@1.2")->evidence.size(), 2U);
    EXPECT_EQ(find(table, "requests@2.25.1")->evidence.size(), 2U);
    EXPECT_EQ(find(table, "requests@2.25.1")->product, "pypi/requests");
    EXPECT_EQ(find(table, "flask@2.0.1")->confidence, 50U);
}

TEST(Components, AreTheSameWithAnyNumberOfWorkers) {
    const auto tree = sample_tree();
    const auto identifiers = shipped();
    const auto one = components(tree, identifiers, 1);
    for (unsigned workers = 2; workers <= 4; ++workers)
        EXPECT_EQ(components(tree, identifiers, workers), one) << workers;
}

TEST(Components, OfNothingAreNotObserved) {
    const auto tree = TreeBuilder::owning({}).tree().size();
    EXPECT_EQ(tree, 1U);
    auto builder = TreeBuilder::owning({});
    builder.gap("nothing there");
    const auto table = components(std::move(builder).finish(), shipped());
    EXPECT_FALSE(table.observed);
    EXPECT_EQ(table.gaps, std::vector<std::string>{"nothing there"});
}

TEST(Components, KeepAtMostSixteenEvidences) {
    auto builder = TreeBuilder::owning(Buffer(64));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 0, 64, "");
    for (int i = 0; i < 40; ++i)
        builder.add_entry(system, "lib/modules/m" + std::to_string(i) + ".ko", {}, builder.keep(program("vermagic=4.14.171 SMP " + std::to_string(i))));
    const auto table = components(std::move(builder).finish(), shipped());
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(table.rows[0].evidence.size(), 16U);
}

TEST(Scanner, SaysWhenItStoppedTrying) {
    const auto identifiers = Identifiers::compile({{.product = "x", .pattern = R"(xy(\d))"}}).value();
    auto scanner = Scanner::make(identifiers).value();
    std::string bait;
    for (int i = 0; i < 10'050; ++i)
        bait += "xy.";
    const Scan scan = scanner.scan(as_bytes(bait), 0, bait.size());
    EXPECT_TRUE(scan.incomplete);
    EXPECT_TRUE(scan.sightings.empty());
}

TEST(Scanner, PiecesFindEachAnchorOnce) {
    const auto identifiers = Identifiers::compile({{.product = "x", .pattern = R"(^product (\d+\.\d+))"}}).value();
    auto scanner = Scanner::make(identifiers).value();
    const Buffer file = program("product 12.34");
    for (std::size_t cut = 0; cut <= file.size(); ++cut) {
        const Scan first = scanner.scan(file, 0, cut);
        const Scan second = scanner.scan(file, cut, file.size() - cut);
        ASSERT_EQ(first.sightings.size() + second.sightings.size(), 1U) << cut;
        EXPECT_EQ((first.sightings.empty() ? second : first).sightings[0].version, "12.34");
    }
}

TEST(Scanner, TruncatedFilesAreRead) {
    const auto identifiers = shipped();
    auto scanner = Scanner::make(identifiers).value();
    const Buffer file = program("BusyBox v1.30.1 (2021)");
    for (std::size_t length = 0; length < file.size(); ++length) {
        const Scan scan = scanner.scan(clipped(file, 0, length), 0, length);
        EXPECT_LE(scan.sightings.size(), 1U);
    }
}

TEST(Scanner, BareVersionsAreReadOnLinesOfTheirOwnBesideTheirCompany) {
    const auto identifiers = Identifiers::compile({{.product = "x", .pattern = R"(^v?(\d+\.\d+)$)", .with = {"x says hello"}}}).value();
    auto scanner = Scanner::make(identifiers).value();
    std::string text = "binary";
    text += '\0';
    for (const char* line : {"x says hello", "1.2.3", "at 4.5", "6.7", "v8.9"})
        (text += line) += '\0';
    const Scan scan = scanner.scan(as_bytes(text), 0, text.size());
    ASSERT_EQ(scan.sightings.size(), 2U);
    EXPECT_EQ(scan.sightings[0].version, "6.7");
    EXPECT_EQ(scan.sightings[0].offset, text.find("6.7"));
    EXPECT_EQ(scan.sightings[1].version, "8.9");
    EXPECT_TRUE(scanner.scan(as_bytes(text.substr(20)), 0, text.size() - 20).sightings.empty());
}

TEST(Identifiers, RefuseWhatCannotBeLookedFor) {
    EXPECT_EQ(Identifiers::compile({{.product = "x", .pattern = "(\\d+"}}).error().code, Errc::bad_input);
    EXPECT_EQ(Identifiers::compile({{.product = "x", .pattern = "(\\d+)"}}).error().code, Errc::bad_input);
    EXPECT_EQ(Identifiers::compile({{.product = "x", .kind = "gadget", .pattern = "abc"}}).error().message, "identifier 1 (x): kind \"gadget\" is not known");
    EXPECT_EQ(Identifiers::compile({{.product = "x", .pattern = "abc", .where = "moon"}}).error().code, Errc::bad_input);
    EXPECT_TRUE(Identifiers::compile({}).has_value());
}

TEST(Cpe, IsBoundByTheRules) {
    EXPECT_EQ(cpe_name('a', "treck:tcp\\/ip", "6.0"), "cpe:2.3:a:treck:tcp\\/ip:6.0:*:*:*:*:*:*:*");
    EXPECT_EQ(cpe_name('o', "linux:linux_kernel", "4.14.171-RC1+x y"), "cpe:2.3:o:linux:linux_kernel:4.14.171-rc1\\+x_y:*:*:*:*:*:*:*");
    EXPECT_EQ(cpe_name('a', "amazon:freertos+fat", "-"), "cpe:2.3:a:amazon:freertos\\+fat:\\-:*:*:*:*:*:*:*");
    EXPECT_EQ(cpe_name('a', "busybox:busybox", ""), "");
    EXPECT_EQ(cpe_name('a', "busybox", "1"), "");
    EXPECT_EQ(cpe_name('a', "busy\\:box", "1"), "");
}

Table<AdvisoryMatch> sample_matches() {
    return {.observed = true, .gaps = {}, .rows = {{.advisory = "CVE-2014-0160", .component = "openssl@1.0.2u", .range = "openssl >= 1.0.1", .score = 7.5,
                                                    .vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", .cwe = {"CWE-125", "NVD-CWE-noinfo"},
                                                    .published = "2014-04-07", .exploited_since = "2022-05-04"},
                                                   {.advisory = "CVE-2014-0160", .component = "libopenssl1.1@1.1.1k-1", .state = MatchState::superseded},
                                                   {.advisory = "CVE-2010-1", .component = "busybox@1.30.1", .score = 10.0, .vector = "AV:N/AC:L/Au:N/C:C/I:C/A:C"}}};
}

SbomSubject sample_subject() { return {.product = "ACR-1200", .vendor = "Example", .version = "1.0", .sha256 = Digest{}, .program_version = "0.1.0", .timestamp = ""}; }

std::string cyclonedx(const Table<Component>& table, const Table<AdvisoryMatch>* matches, const SbomSubject& subject) {
    return write_document(document_of(table, matches, subject), {}, shipped_licences()).value();
}

TEST(CycloneDx, HasTheStructureTheSpecificationAsks) {
    const auto table = components(sample_tree(), shipped());
    const auto matches = sample_matches();
    const std::string text = cyclonedx(table, &matches, sample_subject());
    // Schema validation reads these files (tests/schemas).
    std::filesystem::create_directories("sbom-samples");
    std::ofstream("sbom-samples/full.cdx.json") << text;
    std::ofstream("sbom-samples/empty.cdx.json") << cyclonedx({}, nullptr, {.product = "x", .vendor = "", .version = "", .sha256 = {}, .program_version = "", .timestamp = ""});
    auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["specVersion"], "1.6");
    EXPECT_EQ(json["metadata"]["component"]["hashes"][0]["alg"], "SHA-256");
    ASSERT_EQ(json["components"].size(), table.rows.size());
    auto& dropbear = json["components"][1];
    EXPECT_EQ(dropbear["cpe"], "cpe:2.3:a:example:dropbear:2019.78:*:*:*:*:*:*:*");
    EXPECT_EQ(dropbear["licenses"][0]["license"]["id"], "MIT");
    EXPECT_EQ(dropbear["evidence"]["identity"][0]["methods"][0]["technique"], "manifest-analysis");
    EXPECT_EQ(dropbear["evidence"]["occurrences"][2]["offset"], 64);
    EXPECT_EQ(json["components"][2]["type"], "operating-system");
    EXPECT_EQ(json["dependencies"][0]["dependsOn"].size(), table.rows.size());
    ASSERT_EQ(json["vulnerabilities"].size(), 2U);
    auto& first = json["vulnerabilities"][0];
    EXPECT_EQ(first["ratings"][0]["method"], "CVSSv2");
    EXPECT_EQ(first["ratings"][0]["severity"], "high");
    auto& second = json["vulnerabilities"][1];
    EXPECT_EQ(second["cwes"], nlohmann::json::array({125}));
    EXPECT_EQ(second["affects"].size(), 2U);
    EXPECT_EQ(second["ratings"][0]["method"], "CVSSv31");
    EXPECT_FALSE(second.contains("analysis"));
}

TEST(CycloneDx, SerialNumberFollowsTheContentAlone) {
    const auto table = components(sample_tree(), shipped());
    const std::string once = cyclonedx(table, nullptr, sample_subject());
    EXPECT_EQ(once, cyclonedx(table, nullptr, sample_subject()));
    EXPECT_EQ(nlohmann::json::parse(once).contains("vulnerabilities"), false);
    auto other = sample_subject();
    other.version = "1.1";
    const std::string serial = nlohmann::json::parse(once)["serialNumber"];
    EXPECT_NE(serial, nlohmann::json::parse(cyclonedx(table, nullptr, other))["serialNumber"].get<std::string>());
    EXPECT_EQ(serial.size(), 45U);
    EXPECT_EQ(serial[23], '8');  // the version of RFC 9562 5.8
}

TEST(CycloneDx, LicencesBecomeIdsExpressionsOrNames) {
    Table<Component> table{.observed = true, .gaps = {}, .rows = {}};
    for (const char* text : {"GPL-2.0-only", "(MIT OR GPL-2.0-only) AND Zlib", "GPL2 and others", "MIT AND", "MIT Zlib"})
        table.rows.push_back({.id = text, .product = "p", .name = "n", .license = text, .evidence = {{.path = "x"}}});
    auto json = nlohmann::json::parse(cyclonedx(table, nullptr, sample_subject()));
    EXPECT_EQ(json["components"][0]["licenses"][0]["license"]["id"], "GPL-2.0-only");
    EXPECT_EQ(json["components"][1]["licenses"][0]["expression"], "(MIT OR GPL-2.0-only) AND Zlib");
    for (const std::size_t i : {2U, 3U, 4U})
        EXPECT_EQ(json["components"][i]["licenses"][0]["license"]["name"], table.rows[i].license);
}

}  // namespace
}  // namespace shirushi::sbom
