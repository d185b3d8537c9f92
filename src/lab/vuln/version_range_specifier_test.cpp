#include "vuln/version_range_specifier.hpp"

#include <gtest/gtest.h>

namespace shirushi::vuln {
namespace {

bool holds(std::string_view range, std::string_view version) {
    const auto vers = parse_vers(range);
    EXPECT_TRUE(vers.has_value()) << range << ": " << (vers ? "" : vers.error().message);
    return vers && contains(*vers, version);
}

TEST(Vers, PublishedExamples) {
    EXPECT_TRUE(holds("vers:pypi/<=1.3.0|3.0.0", "1.0.0"));
    EXPECT_TRUE(holds("vers:pypi/<=1.3.0|3.0.0", "3.0"));
    EXPECT_TRUE(holds("vers:pypi/>0.0.2", "0.0.3"));
    EXPECT_TRUE(holds("vers:pypi/<0.0.2", "0.0.0.1"));
    EXPECT_TRUE(holds("vers:pypi/>=1.0.0|<=2.0.0", "1.5"));
    EXPECT_FALSE(holds("vers:pypi/>=1.0.0|<=2.0.0", "2.0.3"));
    EXPECT_FALSE(holds("vers:pypi/>=1.0.0|<=2.0.0", "0.0.9"));
    EXPECT_FALSE(holds("vers:pypi/>=3.0.0|!=2.0.3", "2.0.3"));
    EXPECT_FALSE(holds("vers:pypi/<=1.0.0|>=2.0.0", "1.5"));
    EXPECT_FALSE(holds("vers:pypi/0.0.2|0.0.6|>=3.0.0|0.0.1|0.0.4|0.0.5|0.0.3", "2.0.3"));
    EXPECT_TRUE(holds("vers:npm/1.2.3|>=2.0.0|<5.0.0", "4.9.9"));
    EXPECT_TRUE(holds("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3"));
    EXPECT_FALSE(holds("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.4"));
    EXPECT_FALSE(holds("vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "2.2.1"));
    EXPECT_TRUE(holds("vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "2.2.2"));
}

TEST(Vers, EveryTypeByItsOwnOrder) {
    EXPECT_TRUE(holds("vers:deb/>=1:2.0|<1:2.0-3+deb12u1", "1:2.0-3"));
    EXPECT_FALSE(holds("vers:deb/>=1:2.0|<1:2.0-3+deb12u1", "2.0-3"));
    EXPECT_TRUE(holds("vers:rpm/<0%3A1.0%5E1", "1.0"));
    EXPECT_TRUE(holds("vers:alpine/<1.36.1-r5", "1.36.1-r4"));
    EXPECT_TRUE(holds("vers:OpenSSL/>=1.0.1|<1.0.1g", "1.0.1f"));
    EXPECT_FALSE(holds("vers:openssl/>=1.0.1|<1.0.1g", "1.0.1g"));
    EXPECT_TRUE(holds("vers:maven/<2.0", "2.0-rc1"));
    EXPECT_TRUE(holds("vers:golang/<v1.2.3", "v1.2.3-0.20190101000000-abcdefabcdef"));
    EXPECT_TRUE(parse_vers("vers:deb/*")->of_distribution);
    EXPECT_TRUE(holds("vers:deb/*", "1"));
    EXPECT_TRUE(holds("vers:all/*", "1"));
    EXPECT_FALSE(holds("vers:none/*", "1"));
}

TEST(Vers, BareConstraintsAsCsafAllows) {
    EXPECT_TRUE(holds("<4.2", "4.1.9"));
    EXPECT_FALSE(holds("<4.2", "4.2"));
    EXPECT_TRUE(holds(">= 1.0 | < 2.0", "1.5"));
    EXPECT_TRUE(contains(*parse_vers("<1.0", VersionScheme::dpkg), "1.0~rc1"));
}

TEST(Vers, WhatLeavesOpenWhatIsMeantIsRefused) {
    const auto refused = [](std::string_view text) {
        const auto vers = parse_vers(text);
        return vers ? std::string("read") : vers.error().message;
    };
    EXPECT_NE(refused("vers:lexicographic/<1").find("not known here"), std::string::npos);
    EXPECT_NE(refused("vers:npm").find("no \"/\""), std::string::npos);
    EXPECT_NE(refused("vers:npm/").find("no constraints"), std::string::npos);
    EXPECT_NE(refused("vers:npm/<").find("names no version"), std::string::npos);
    EXPECT_NE(refused("vers:npm/<1|<2").find("both upper ends"), std::string::npos);
    EXPECT_NE(refused("vers:npm/1.0.0|1.0").find("stands twice"), std::string::npos);
    EXPECT_NE(refused(">=1.0,<2.0").find("separated by"), std::string::npos);
    EXPECT_NE(refused("vers:npm/%zz").find("percent-encoded"), std::string::npos);
    EXPECT_NE(refused("vers:npm/%0a1").find("percent-encoded"), std::string::npos);
    EXPECT_NE(refused("<\x01").find("printable"), std::string::npos);
    EXPECT_NE(refused("vers:all/1").find("only \"*\""), std::string::npos);
    EXPECT_NE(refused("").find("empty"), std::string::npos);
    EXPECT_NE(refused("<" + std::string(longest_vers, '1')).find("at most"), std::string::npos);
    EXPECT_NE(refused("<" + std::string(longest_version + 1, '1')).find("at most"), std::string::npos);
    std::string many = "0";
    for (std::size_t i = 1; i <= most_constraints; ++i)
        many += "|" + std::to_string(i);
    EXPECT_NE(refused(many).find("more than"), std::string::npos);
}

}  // namespace
}  // namespace shirushi::vuln
