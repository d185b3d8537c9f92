#include "vuln/version.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace shirushi::vuln {
namespace {

using enum VersionScheme;
constexpr std::array all_schemes = {generic, openssl, kernel, portable, semver, dpkg, opkg, apk, rpm, pep440, gem, maven, composer, nuget};

/// Every version is older than every later one.
void expect_ascending(const std::vector<std::string_view>& versions, VersionScheme scheme) {
    for (std::size_t i = 0; i < versions.size(); ++i)
        for (std::size_t j = 0; j < versions.size(); ++j)
            EXPECT_EQ(compare_versions(versions[i], versions[j], scheme), std::weak_ordering(i <=> j))
                << scheme_name(scheme) << ": " << versions[i] << " and " << versions[j];
}

std::weak_ordering reversed(std::weak_ordering order) {
    return 0 <=> order;
}

void expect_same(const std::vector<std::string_view>& versions, VersionScheme scheme) {
    for (const auto left : versions)
        for (const auto right : versions)
            EXPECT_TRUE(compare_versions(left, right, scheme) == 0) << scheme_name(scheme) << ": " << left << " and " << right;
}

TEST(Version, OpensslLettersComeAfterTheReleaseAndTwoAfterOne) {
    expect_ascending({"0.9.6-beta1",  "0.9.6",       "0.9.8",   "0.9.8a", "0.9.8f",     "0.9.8y",     "0.9.8z", "0.9.8za", "0.9.8zc",
                      "0.9.8zh",      "1.0.0-beta3", "1.0.0",   "1.0.0t", "1.0.1-pre1", "1.0.1",      "1.0.1e", "1.0.1f",  "1.0.1g",
                      "1.0.2",        "1.0.2u",      "1.0.2zd", "1.1.0",  "1.1.0l",     "1.1.1-pre9", "1.1.1",  "1.1.1g",  "1.1.1w",
                      "3.0.0-alpha5", "3.0.0-beta1", "3.0.0",   "3.0.2",  "3.0.15",     "3.1.0"},
                     openssl);
    expect_same({"1.0.2k", "1.0.2k-fips", "1.0.2K", "v1.0.2k", "1.0.2k-16"}, openssl);
}

TEST(Version, GenericKnowsWhatUpstreamsWrite) {
    expect_ascending({"1.8.6", "1.8.6p3", "1.8.6p7", "1.8.6p12", "1.8.7"}, generic);                                 // sudo
    expect_ascending({"0.52", "2011.54", "2012.55", "2017.75", "2019.78", "2022.83"}, generic);                      // dropbear
    expect_ascending({"2.40", "2.78", "2.80test5", "2.80test8", "2.80rc1", "2.80rc2", "2.80", "2.86"}, generic);     // dnsmasq
    expect_ascending({"1.19.4", "1.27.0.git", "1.27.0", "1.27.1", "1.36.1"}, generic);                               // busybox
    expect_ascending({"2016.11", "2017.01-rc1", "2017.01-rc2", "2017.01", "2017.03"}, generic);                      // u-boot
    expect_ascending({"4.2.8", "4.2.8p1", "4.2.8p10"}, generic);                                                     // ntp
    expect_ascending({"9.16.0a1", "9.16.0b2", "9.16.0rc1", "9.16.0", "9.16.0-P1", "9.16.0-P2", "9.16.1"}, generic);  // bind
    expect_ascending({"6a", "6b", "7", "8d", "9", "9a"}, generic);                                                   // libjpeg
    expect_ascending({"3.7.0a4", "3.7.0b1", "3.7.0rc1", "3.7.0", "3.7.1"}, generic);                                 // python
    expect_ascending({"0.9.8", "0.9.8z", "0.9.8za", "1.0.1e", "1.0.1g"}, generic);  // right for OpenSSL even without its scheme
    expect_same({"1.2", "1.2.0", "v1.2", "01.2", "1.2-openwrt", "1.2+git123", "1.2-r4", "1.2.0-final"}, generic);
}

TEST(Version, KernelIgnoresWhatABuilderAppends) {
    expect_ascending({"2.6.0-test5", "2.6.0", "2.6.36.4", "3.18.140", "4.4-rc1", "4.4", "4.14.171", "4.19.191", "5.10.38"}, kernel);
    expect_same({"4.14.171", "4.14.171-openwrt", "4.14.171-8-amd64", "4.14.171+", "4.14.171-g1234abc"}, kernel);
    expect_same({"4.9.0-8", "4.9.0-8-amd64", "4.9"}, kernel);
}

TEST(Version, SemanticVersionsAsClause11Orders) {
    expect_ascending({"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                      "1.0.0", "1.2.0", "1.10.0", "2.0.0"},
                     semver);
    expect_same({"1.0.0+20130313", "1.0.0+exp.sha.5114f85", "1.0.0", "v1.0.0"}, semver);
    expect_ascending({"1.0.0-Beta", "1.0.0-RC.1", "1.0.0-alpha", "1.0.0"}, semver);  // ASCII's order: capitals first
}

TEST(Version, NpmCargoAndGoAreSemantic) {
    expect_ascending({"4.17.20", "4.17.21-beta.1", "4.17.21"}, semver);
    expect_ascending({"0.0.0-20190308221718-c2843e01d9a2", "0.0.0-20210921155107-089bfa567519", "0.1.0"}, semver);
    // Go's three forms of pseudo-versions (go.dev/ref/mod): no earlier tag, after a pre-release, after a release
    expect_ascending({"v1.2.3-pre", "v1.2.3-pre.0.20191109021931-daa7c04131f5", "v1.2.3", "v1.2.4-0.20191109021931-daa7c04131f5",
                      "v1.2.4-0.20200109021931-0123456789ab", "v1.2.4"},
                     semver);
    expect_same({"v2.0.0+incompatible", "2.0.0"}, semver);
}

TEST(Version, NugetHasAFourthNumberAndNoCase) {
    expect_ascending({"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0.1", "1.0.1"},
                     nuget);
    expect_same({"1.0", "1.0.0", "1.0.0.0", "1.00.0", "1.0.0+sha"}, nuget);
    expect_same({"1.0.0-Beta", "1.0.0-BETA", "1.0-beta"}, nuget);
}

TEST(Version, RpmTildeBeforeCaretAfter) {
    expect_ascending({"1.0~~", "1.0~rc1", "1.0~rc1^git1", "1.0", "1.0^", "1.0^git1~pre", "1.0^git1", "1.0^git2", "1.0a", "1.0.1", "1.0.10"}, rpm);
    expect_ascending({"1.0-1.el8", "1.0-1.el8_4", "1.0-2.el8", "1.1-1.el8", "1:0.9-1", "2:0.1-1"}, rpm);
    expect_ascending({"5.5p1", "5.5p2", "5.5p10", "10xyz", "10.1xyz"}, rpm);
    expect_ascending({"xyz10", "xyz10.1"}, rpm);
    expect_ascending({"20101121", "20101122"}, rpm);
    expect_ascending({"6.0", "6.0.rc1"}, rpm);
    expect_ascending({"1.0", "1.0-1"}, rpm);  // no release is older than any
    expect_same({"1.0", "1_0", "0:1.0", "1.00", "1..0"}, rpm);
    EXPECT_EQ(upstream_part("1:1.1.1k-9.el8_7", rpm), "1.1.1k");
    EXPECT_EQ(upstream_part("1.0^20210101git1a2b-3.fc36", rpm), "1.0");
    EXPECT_TRUE(has_distribution_revision("1.1.1k-9.el8", rpm));
}

TEST(Version, PythonAsPep440Orders) {
    expect_ascending({"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456",
                      "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15",
                      "1.1.dev1", "1!0.1"},
                     pep440);
    expect_same({"1.0", "1", "v1.0", "1.0.0", "0!1.0", " 1.0 "}, pep440);
    expect_same({"1.1rc1", "1.1RC1", "1.1c1", "1.1.rc1", "1.1-pre-1", "1.1_preview1", "1.1.rc.1"}, pep440);
    expect_same({"1.0-1", "1.0.post1", "1.0-r1", "1.0.rev1", "1.0post1"}, pep440);
    expect_same({"1.2a", "1.2a0", "1.2.alpha"}, pep440);
    expect_ascending({"french toast", "2004d", "0.1"}, pep440);  // no versions of PEP 440 are older than all that are
}

TEST(Version, RubyLettersAreOlderThanNumbers) {
    expect_ascending({"1.0.a.2", "1.0.b1", "1.0.rc1", "1.0", "1.0.1", "1.1.a", "1.1", "1.2", "1.10"}, gem);
    expect_ascending({"1.13.6-x86", "1.13.6", "1.13.7"}, gem);  // a platform reads as "pre"
    expect_same({"1", "1.0", "1.0.0", "1.00"}, gem);
    expect_same({"1.0-rc1", "1.0.pre.rc1", "1.0.pre.rc.1"}, gem);
    expect_ascending({"4.2.5.rc2", "4.2.5", "4.2.5.1", "4.2.5.2", "5.0.0.beta1", "5.0.0.beta1.1", "5.0.0.beta3", "5.0.0"}, gem);
}

TEST(Version, MavenAsItsSpecificationOrders) {
    expect_ascending({"1.0-alpha-1-SNAPSHOT", "1.0-alpha-1", "1.0-alpha-2", "1.0-beta-1", "1.0-m2", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp",
                      "1.0-whatever", "1.0-1", "1.0-2", "1.0.1", "1.0.1-klm", "1.0.1-123", "1.1"},
                     maven);
    expect_ascending({"2.0.1", "2.0.1-xyz", "2.0.1-123", "2.0.2"}, maven);
    expect_ascending({"1-foo2", "1-foo10"}, maven);
    expect_ascending({"1-sp-1", "1-ga-1"}, maven);
    expect_ascending({"1-ga.1", "1-sp.1"}, maven);
    expect_ascending({"2.15.0-rc2", "2.15.0", "2.16.0", "2.17.1"}, maven);  // log4j
    expect_ascending({"5.3.17", "5.3.18", "6.0.0-M1", "6.0.0-RC1", "6.0.0"}, maven);
    expect_same({"1", "1.0", "1.ga", "1-ga", "1-0", "1-final", "1.0-RELEASE", "1.0.0"}, maven);
    expect_same({"1.foo", "1-foo", "1_FOO"}, maven);
    expect_same({"1-a1", "1-alpha-1", "1.0ALPHA1"}, maven);
    expect_same({"1-rc1", "1-cr1"}, maven);
}

TEST(Version, ComposerStabilitiesAndBranches) {
    expect_ascending({"dev-main", "1.0.0-dev", "1.0.0-alpha1", "1.0.0-alpha2", "1.0.0-beta", "1.0.0-beta.11", "1.0.0-RC1", "1.0.0", "1.0.0-p1", "1.0.0-p2",
                      "1.0.0.1", "1.0.x-dev", "1.1.0", "1.x-dev", "2.0.0"},
                     composer);
    expect_same({"1.0", "v1.0.0", "1.0.0.0", "1.0.0-stable", "1.0.0+build", "1.0.0#abcdef"}, composer);
    expect_same({"1.0-b2", "1.0beta2", "1.0.0_beta.2", "1.0.0-BETA2"}, composer);
    expect_same({"1.0-pl1", "1.0-patch1", "1.0p1"}, composer);
    expect_ascending({"1.0-rc1-dev", "1.0-rc1"}, composer);
}

TEST(Version, DebianAsPolicyOrders) {
    for (const VersionScheme scheme : {dpkg, opkg}) {
        expect_ascending({"1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+b", "1.0.1"}, scheme);
        expect_ascending(
            {"0.9-1", "1.0~rc1-1", "1.0-1~bpo1", "1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2", "1.0-2", "1.0-10", "1:0.1-1", "2:0"}, scheme);
        expect_same({"1.0", "1.0-0", "0:1.0", "1.00"}, scheme);
        expect_ascending({"1.2-3", "1.2-3-1"}, scheme);  // the last dash begins the revision: 1.2 is older than 1.2-3
    }
}

TEST(Version, AlpineAsApkOrders) {
    expect_ascending(
        {"1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre3", "1.0_rc1", "1.0_rc2", "1.0",   "1.0-r0", "1.0-r1", "1.0-r10", "1.0_git20230717",
         "1.0_p1",    "1.0_p1-r0",  "1.0_p2",   "1.0a",     "1.0b",    "1.0.0",   "1.0.1", "1.01",   "1.1",    "1.10"},
        apk);
    expect_ascending({"1.35.0-r17", "1.36.1-r5", "1.36.1-r15"}, apk);
}

TEST(Version, UpstreamPartOfDistributionVersions) {
    EXPECT_EQ(upstream_part("1:2.85-1+deb12u1", dpkg), "2.85");
    EXPECT_EQ(upstream_part("1:9.2p1-2+deb12u2", dpkg), "9.2p1");
    EXPECT_EQ(upstream_part("1.1.1n-0+deb11u3", dpkg), "1.1.1n");
    EXPECT_EQ(upstream_part("2.0.11+dfsg-1", dpkg), "2.0.11");
    EXPECT_EQ(upstream_part("1.2.13.dfsg-1", dpkg), "1.2.13");
    EXPECT_EQ(upstream_part("2.80~rc1-1", dpkg), "2.80~rc1");
    EXPECT_EQ(upstream_part("2.2+really2.1-3", dpkg), "2.1");
    EXPECT_EQ(upstream_part("1.33.1-6", opkg), "1.33.1");
    EXPECT_EQ(upstream_part("4.14.171-1-0b3d2fd5c8e4b0d7c1cf0ea1a0e4a6f1", opkg), "4.14.171");
    EXPECT_EQ(upstream_part("2017.75-5", opkg), "2017.75");
    EXPECT_EQ(upstream_part("6.6.73~a21259e4f338051d27a6443a3a7f7f1f-r1", apk), "6.6.73");
    EXPECT_EQ(upstream_part("1.36.1-r5", apk), "1.36.1");
    EXPECT_EQ(upstream_part("9.3_p2-r0", apk), "9.3_p2");
    EXPECT_EQ(upstream_part("1.2.4_git20230717-r4", apk), "1.2.4");
    EXPECT_EQ(upstream_part(" 1.2-3 ", generic), "1.2-3");
    EXPECT_TRUE(compare_versions("9.3_p2", "9.3p2", portable) == 0);
}

TEST(Version, DistributionRevisionIsSeen) {
    EXPECT_TRUE(has_distribution_revision("2.85-1", dpkg));
    EXPECT_FALSE(has_distribution_revision("2.85", dpkg));
    EXPECT_TRUE(has_distribution_revision("1.36.1-r5", apk));
    EXPECT_FALSE(has_distribution_revision("1.36.1", apk));
    EXPECT_FALSE(has_distribution_revision("1.0-1", generic));
}

TEST(Version, SchemeNamesGoThereAndBack) {
    for (const VersionScheme scheme : all_schemes)
        EXPECT_EQ(scheme_from_name(scheme_name(scheme)), scheme);
    EXPECT_EQ(scheme_from_name("dpgk"), std::nullopt);
}

TEST(Version, HostileTextsAreBounded) {
    const std::string long_text(1 << 20, '9');
    const std::string separators(1 << 20, '.');
    for (const VersionScheme scheme : all_schemes) {
        EXPECT_TRUE(compare_versions(long_text, long_text + "1", scheme) == 0);
        EXPECT_EQ(compare_versions(long_text, separators, scheme), reversed(compare_versions(separators, long_text, scheme)));
        EXPECT_TRUE(compare_versions("", "", scheme) == 0);
        for (const std::string_view odd : {"-", ":", "~", "_", "-r", "_p", "\x01\xff", "1:", ":1", "--", "1-", "+"})
            EXPECT_TRUE(compare_versions(odd, odd, scheme) == 0) << odd;
    }
}

/// Texts from the pieces that versions are made of, by a fixed seed.
std::vector<std::string> generated_versions(std::size_t count) {
    constexpr std::array<std::string_view, 58> pieces = {
        "0",   "00",   "01",   "1",    "2",    "9",       "10", "010",      ".", ".",   ".",     ".",    "-",      "_",
        "+",   "~",    ":",    " ",    "a",    "b",       "z",  "zc",       "p", "rc",  "rc1",   "beta", "_alpha", "_p1",
        "-r1", "-pre", ".git", "test", "dfsg", "openwrt", "-1", "+deb12u1", "v", "~rc", "final", "A",
        "^",   "!",    ".dev1", ".post", "+5",   "-alpha-", "sp", "SNAPSHOT", "ga", "m1",  "-0",    ".x",   "dev-",   "stable",
        "#",   ".pre.", "-r",  "foo"};
    std::mt19937 random(20140407);
    std::vector<std::string> versions;
    for (std::size_t i = 0; i < count; ++i) {
        std::string text;
        for (std::size_t length = random() % 6; length > 0; --length)
            text += pieces[random() % pieces.size()];
        versions.push_back(std::move(text));
    }
    return versions;
}

TEST(Version, EverySchemeIsAWeakOrder) {
    const auto versions = generated_versions(90);
    for (const VersionScheme scheme : all_schemes) {
        std::vector<std::vector<std::weak_ordering>> order;
        for (const auto& left : versions) {
            order.emplace_back();
            for (const auto& right : versions)
                order.back().push_back(compare_versions(left, right, scheme));
        }
        const std::size_t count = versions.size();
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(order[i][i] == 0) << versions[i];
            for (std::size_t j = 0; j < count; ++j) {
                ASSERT_EQ(order[i][j] < 0, order[j][i] > 0) << scheme_name(scheme) << " '" << versions[i] << "' '" << versions[j] << "'";
                for (std::size_t k = 0; k < count; ++k)
                    if (order[i][j] <= 0 && order[j][k] <= 0) {
                        ASSERT_TRUE(order[i][k] <= 0)
                            << scheme_name(scheme) << " '" << versions[i] << "' '" << versions[j] << "' '" << versions[k] << "'";
                        ASSERT_EQ(order[i][k] == 0, order[i][j] == 0 && order[j][k] == 0)
                            << scheme_name(scheme) << " '" << versions[i] << "' '" << versions[j] << "' '" << versions[k] << "'";
                    }
            }
        }
    }
}

}  // namespace
}  // namespace shirushi::vuln
