#include "model/package_url.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(PackageUrl, IsTakenApart) {
    const auto url = parse_package_url("pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&upstream=openssl&distro=debian-11#x/y");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->type, "deb");
    EXPECT_EQ(url->space, "debian");
    EXPECT_EQ(url->name, "libssl1.1");
    EXPECT_EQ(url->version, "1.1.1n-0+deb11u3");
    EXPECT_EQ(url->qualifiers.at("upstream"), "openssl");
    const auto scoped = parse_package_url("PKG:npm/@angular/cli@17.0.1");
    ASSERT_TRUE(scoped.has_value());
    EXPECT_EQ(scoped->space, "@angular");
    EXPECT_EQ(scoped->version, "17.0.1");
    EXPECT_EQ(parse_package_url("pkg:golang/a.example/b/c@v1")->space, "a.example/b");
    EXPECT_EQ(parse_package_url("pkg:generic/x@")->version, "");
    EXPECT_EQ(parse_package_url("pkg:generic/100%zz")->name, "100%zz");
    for (const char* none : {"", "pkg:", "pkg:deb", "pkg:deb/", "pgk:npm/foo@1", "http://x/y"})
        EXPECT_FALSE(parse_package_url(none).has_value()) << none;
}

TEST(PackageUrl, LanguagesAreToldFromDistributions) {
    for (const char* type : {"npm", "gem", "pypi", "maven", "golang", "cpan"})
        EXPECT_TRUE(is_language_type(type)) << type;
    for (const char* type : {"deb", "apk", "rpm", "opkg", "generic", "github", "conan", ""})
        EXPECT_FALSE(is_language_type(type)) << type;
}

TEST(Cpe, IsTakenApart) {
    const auto formatted = parse_cpe("cpe:2.3:a:treck:tcp\\/ip:6.0.1\\+x:*:*:*:*:*:*:*");
    ASSERT_TRUE(formatted.has_value());
    EXPECT_EQ(formatted->pair, "treck:tcp\\/ip");
    EXPECT_EQ(formatted->version, "6.0.1+x");
    EXPECT_EQ(parse_cpe("cpe:/a:treck:tcp%2fip:6.0.1.66")->pair, "treck:tcp\\/ip") << "as NVD's feeds write it";
    EXPECT_EQ(cpe_part_from_uri("a\\/b%21"), "a\\/b\\!");
    EXPECT_EQ(cpe_fields("a:b\\:c:"), (std::vector<std::string>{"a", "b\\:c", ""}));
    EXPECT_EQ(parse_cpe("cpe:/o:linux:linux_kernel:4.4")->part, 'o');
    EXPECT_EQ(parse_cpe("cpe:/o:linux:linux_kernel:4.4")->version, "4.4");
    EXPECT_EQ(parse_cpe("cpe:2.3:a:openssl:openssl:1.0.1:g:*:*:*:*:*:*")->version, "1.0.1-g");
    EXPECT_EQ(parse_cpe("cpe:2.3:a:busybox:busybox:*:*:*:*:*:*:*:*")->version, "");
    for (const char* none : {"", "cpe:2.3:a:busybox", "cpe:2.3:*:x:y:1", "cpe:2.3:a:*:y:1", "cpe/a:x:y", "cpe:2.3:aa:x:y:1:"})
        EXPECT_FALSE(parse_cpe(none).has_value()) << none;
}

TEST(PackageUrl, IsReadAtEveryLength) {
    const std::string_view url = "pkg:deb/debian/a@1?b=c%41#d";
    const std::string_view cpe = "cpe:2.3:a:b\\:c:d:1\\.2:*";
    for (std::size_t length = 0; length <= url.size(); ++length)
        if (const auto parsed = parse_package_url(url.substr(0, length))) {
            EXPECT_FALSE(parsed->name.empty());
        }
    for (std::size_t length = 0; length <= cpe.size(); ++length)
        if (const auto parsed = parse_cpe(cpe.substr(0, length))) {
            EXPECT_FALSE(parsed->pair.empty());
        }
}

}  // namespace
}  // namespace shirushi
