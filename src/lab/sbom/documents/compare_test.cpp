#include "sbom/documents/compare.hpp"

#include <gtest/gtest.h>

#include "sbom/documents/quality.hpp"

namespace shirushi::sbom {
namespace {

Component found(std::string id, std::string product, std::string name, std::string version, std::string ecosystem = "",
                std::string purl = "", std::vector<std::string> cpe = {}) {
    return {.id = std::move(id),
            .product = std::move(product),
            .name = std::move(name),
            .version = std::move(version),
            .ecosystem = std::move(ecosystem),
            .purl = std::move(purl),
            .cpe = std::move(cpe)};
}

DocumentComponent declared(std::string ref, std::string name, std::string version, std::string purl = "", std::vector<std::string> cpe = {}) {
    return {.ref = std::move(ref),
            .type = "library",
            .name = std::move(name),
            .version = std::move(version),
            .purl = std::move(purl),
            .cpe = std::move(cpe)};
}

TEST(Compare, ByPurlThenCpeThenName) {
    Document document;
    document.subject = declared("top", "router", "1.0", "pkg:generic/router@1.0");
    document.components = {declared("a", "busybox", "1.30.1", "pkg:deb/debian/busybox@1:1.30.1-4"),
                           declared("b", "OpenSSL library", "1.1.1k", "", {"cpe:2.3:a:openssl:openssl:1.1.1k:*:*:*:*:*:*:*"}),
                           declared("c", "dnsmasq-full", "2.80"), declared("d", "curl", "7.0"), declared("e", "ghost", "1")};
    document.components[0].version = "1:1.30.1-4";
    const Table<Component> table{.observed = true, .gaps = {}, .rows = {
        found("busybox@1", "busybox", "busybox", "1:1.30.1-4", "dpkg", "pkg:deb/debian/busybox@1:1.30.1-4?arch=armhf"),
        found("libssl@1", "openssl", "libssl1.1", "1.1.1k-1", "opkg", "pkg:opkg/libssl1.1@1.1.1k-1", {"openssl:openssl"}),
        found("openssl-util@1", "openssl", "openssl-util", "1.1.1k-1", "opkg", "pkg:opkg/openssl-util@1.1.1k-1", {"openssl:openssl"}),
        found("dnsmasq@1", "dnsmasq", "dnsmasq", "2.80"), found("curl@1", "curl", "curl", "7.1"), found("secret@1", "secret", "secret", "9")}};
    const std::vector<ProductAlias> aliases = {{.product = "dnsmasq", .names = {"dnsmasq-full"}, .cpe = {}}};
    const auto result = compare(document, table, ProductNames({}, aliases));
    EXPECT_FALSE(result.found_is_partial);
    EXPECT_EQ(result.rows, (std::vector<ComparedRow>{
        {Comparison::same, "OpenSSL library", "cpe", "b", "1.1.1k", "libssl@1", "1.1.1k-1"},
        {Comparison::same, "OpenSSL library", "cpe", "b", "1.1.1k", "openssl-util@1", "1.1.1k-1"},
        {Comparison::same, "busybox", "purl", "a", "1:1.30.1-4", "busybox@1", "1:1.30.1-4"},
        {Comparison::same, "dnsmasq-full", "name", "c", "2.80", "dnsmasq@1", "2.80"},
        {Comparison::version_differs, "curl", "name", "d", "7.0", "curl@1", "7.1"},
        {Comparison::declared_only, "ghost", "", "e", "1", "", ""},
        {Comparison::found_only, "secret", "", "", "", "secret@1", "9"}}));
    EXPECT_NE(to_json(result).find("\"found_only\""), std::string::npos);
}

TEST(Compare, SaysWhenNotEverythingWasLookedAt) {
    const ProductNames none({}, {});
    EXPECT_TRUE(compare({}, {.observed = true, .gaps = {"x"}, .rows = {}}, none).found_is_partial);
    EXPECT_TRUE(compare({}, {}, none).found_is_partial);
}

TEST(Quality, CountsTheMinimumElements) {
    Document document;
    document.timestamp = "2026-01-02T03:04:05+09:00";
    document.authors = {{"Ann", true}};
    document.subject = declared("top", "router", "1.0", "pkg:generic/router@1.0");
    document.components = {declared("a", "x", "1", "pkg:generic/x@1"), declared("b", "y", ""),
                           declared("c", "z", "1", "", {"cpe:2.3:a:z:z:1:*:*:*:*:*:*:*"})};
    document.components[0].supplier = "X";
    document.relations = {{"top", RelationKind::depends_on, "a"}};
    const Quality quality = rate(document);
    EXPECT_EQ(quality.elements, (std::vector<RatedElement>{{MinimumElement::supplier, 1, 4, {"top", "b", "c"}}, {MinimumElement::name, 4, 4, {}},
                                                           {MinimumElement::version, 3, 4, {"b"}}, {MinimumElement::identifier, 3, 4, {"b"}},
                                                           {MinimumElement::relationship, 2, 4, {"b", "c"}}, {MinimumElement::author, 1, 1, {}},
                                                           {MinimumElement::timestamp, 1, 1, {}}}));
    EXPECT_EQ(quality.score, 75U);  // (0.25 + 1 + 0.75 + 0.75 + 0.5 + 1 + 1) / 7
    document.tools = {"maker"};
    document.authors.clear();
    document.timestamp = "yesterday";
    EXPECT_EQ(rate(document).score, 46U);
    EXPECT_EQ(rate({}).score, 0U);
}

}  // namespace
}  // namespace shirushi::sbom
