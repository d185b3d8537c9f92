#include <gtest/gtest.h>

#include "sbom/packages/package_file.hpp"
#include "sbom/product_names.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::string_view kDpkg =
    "Package: libssl1.1\nStatus: install ok installed\nArchitecture: armhf\nSource: openssl (1.1.1n-0)\nVersion: 1.1.1n-0+deb11u3\n"
    "Maintainer: Debian OpenSSL Team <x@example.org>\nDescription: SSL\n Package: not-a-field\n .\n\n"
    "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\n"
    "package: busybox-static\nversion: 1:1.35.0-4+b3\nstatus: install ok unpacked\n";
constexpr std::string_view kOpkg =
    "Package: dropbear\nVersion: 2019.78-2\nDepends: libc\nStatus: install user installed\nArchitecture: mips_24kc\n"
    "Source: package/network/services/dropbear\nLicense: MIT\nCPE-ID: cpe:/a:matt_johnston:dropbear_ssh_server\n\n"
    "Package: old\nVersion: 1\nStatus: deinstall ok not-installed\n";
constexpr std::string_view kApk =
    "C:Q1abc=\nP:busybox-binsh\nV:1.36.1-r2\nA:aarch64\nL:GPL-2.0-only\no:busybox\nm:A Maintainer <a@example.org>\nF:bin\nR:sh\na:0:0:777\nZ:Q1x=\n"
    "\np:so:x\nP:musl\nV:1.2.4-r1\n";

TEST(Dpkg, ReadsInstalledPackages) {
    const PackageList list = read_dpkg(as_bytes(kDpkg));
    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[0].name, "libssl1.1");
    EXPECT_EQ(list.packages[0].version, "1.1.1n-0+deb11u3");
    EXPECT_EQ(list.packages[0].source, "openssl");
    EXPECT_EQ(list.packages[0].source_version, "1.1.1n-0");
    EXPECT_EQ(list.packages[0].supplier, "Debian OpenSSL Team <x@example.org>");
    EXPECT_EQ(list.packages[0].offset, 0U);
    EXPECT_EQ(list.packages[1].name, "busybox-static");
    EXPECT_EQ(list.packages[1].offset, kDpkg.find("package: busybox"));
    EXPECT_TRUE(list.gaps.empty());
}

TEST(Opkg, ReadsSourceLicenceAndCpe) {
    const PackageList list = read_opkg(as_bytes(kOpkg));
    ASSERT_EQ(list.packages.size(), 1U);
    EXPECT_EQ(list.packages[0].source, "dropbear");
    EXPECT_EQ(list.packages[0].license, "MIT");
    EXPECT_EQ(list.packages[0].cpe, "matt_johnston:dropbear_ssh_server");
    const PackageList yocto = read_opkg(as_bytes("Package: zlib\nVersion: 1.2.11-r0\nSource: zlib_1.2.11.bb\nCPE-ID: cpe:/a\n"));
    ASSERT_EQ(yocto.packages.size(), 1U);
    EXPECT_EQ(yocto.packages[0].source, "zlib");
    EXPECT_EQ(yocto.packages[0].cpe, "");
}

TEST(Apk, ReadsOneLetterFields) {
    const PackageList list = read_apk(as_bytes(kApk));
    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[0].source, "busybox");
    EXPECT_EQ(list.packages[0].license, "GPL-2.0-only");
    EXPECT_EQ(list.packages[1].name, "musl");  // "p:" is what it provides, not its name
}

TEST(Catalogers, TruncatedAnywhereGiveNoMoreThanThereIs) {
    const auto cut = [](std::string_view whole, PackageList (*read)(Bytes)) {
        const std::size_t all = read(as_bytes(whole)).packages.size();
        for (std::size_t length = 0; length <= whole.size(); ++length)
            EXPECT_LE(read(as_bytes(whole.substr(0, length))).packages.size(), all + 1) << length;
    };
    cut(kDpkg, read_dpkg);
    cut(kOpkg, read_opkg);
    cut(kApk, read_apk);
}

TEST(Catalogers, HostileTextIsBoundedAndPrintable) {
    std::string hostile = "Package: a\x01\xff";
    hostile += std::string(100'000, 'x') + "\nVersion: ";
    hostile += std::string(5, '\0') + "\n";
    for (int i = 0; i < 1000; ++i)
        hostile += "F" + std::to_string(i) + ": v\n";
    const PackageList list = read_dpkg(as_bytes(hostile));
    ASSERT_EQ(list.packages.size(), 1U);
    EXPECT_LE(list.packages[0].name.size(), 260U);
    EXPECT_TRUE(list.packages[0].name.starts_with("a\\x01\\xff"));
    EXPECT_EQ(list.gaps.size(), 1U);
}

TEST(Catalogers, DistributionAndPackageUrl) {
    const Distribution distribution = distribution_from(as_bytes("NAME=x\nID=\"Debian\"\nVERSION_ID='12'\n"));
    EXPECT_EQ(distribution.id, "debian");
    const Package package{.name = "libstdc++6", .version = "1:12.2.0-14+b1", .architecture = "armhf"};
    EXPECT_EQ(package_url(catalogers()[0].ecosystem, package, distribution), "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=armhf&distro=debian-12");
    EXPECT_EQ(package_url(catalogers()[1].ecosystem, package, {}), "pkg:opkg/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=armhf");
    EXPECT_EQ(package_url(catalogers()[2].ecosystem, {.name = "musl", .version = "1.2.4-r1"}, {.id = "alpine", .version = "3.18.4"}),
              "pkg:apk/alpine/musl@1.2.4-r1?distro=alpine-3.18.4");
}

TEST(UpstreamVersion, DropsWhatTheDistributionAdded) {
    EXPECT_EQ(upstream_version("dpkg", "1:1.35.0-4+b3"), "1.35.0");
    EXPECT_EQ(upstream_version("dpkg", "1.2.13.dfsg-1"), "1.2.13");
    EXPECT_EQ(upstream_version("dpkg", "4.4.3-P1-2"), "4.4.3-P1");
    EXPECT_EQ(upstream_version("dpkg", "1.1.1n-0+deb11u3"), "1.1.1n");
    EXPECT_EQ(upstream_version("apk", "1.36.1-r2"), "1.36.1");
    EXPECT_EQ(upstream_version("opkg", "5.4.188-1-4f4e0d1"), "5.4.188");
    EXPECT_EQ(upstream_version("rpm", "2:1.2.3-4.el9"), "1.2.3");
    EXPECT_EQ(upstream_version("npm", "1.0.0-beta.1"), "1.0.0-beta.1");
    EXPECT_EQ(upstream_version("", "2.4-devel"), "2.4-devel");
}

TEST(Stanzas, OffsetsAreThoseOfTheFirstField) {
    StanzaReader reader(as_bytes("\n\n continuation of nothing\nA: 1\r\nB: 2\n\nC:3"));
    Stanza stanza;
    ASSERT_TRUE(reader.next(stanza));
    EXPECT_EQ(stanza.offset, 27U);
    EXPECT_EQ(stanza.field("a"), "1");
    EXPECT_EQ(stanza.field("a", true), "");
    ASSERT_TRUE(reader.next(stanza));
    EXPECT_EQ(stanza.field("C"), "3");
    EXPECT_FALSE(reader.next(stanza));
}

}  // namespace
}  // namespace shirushi::sbom
