#include "sbom/shipped_identifiers.hpp"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <fstream>
#include <set>

#include "base/text.hpp"

namespace shirushi::sbom {
namespace {

std::string text_of(const toml::table& table, const char* key) { return table[key].value_or(std::string()); }

std::vector<std::string> texts_of(const toml::table& table, const char* key) {
    std::vector<std::string> out;
    if (const toml::array* array = table[key].as_array())
        for (const toml::node& item : *array)
            out.push_back(item.value_or(std::string()));
    return out;
}

struct Banner {
    bool positive = false;
    std::string product;
    std::string version;
    std::string line;
};

std::vector<Banner> banners() {
    std::vector<Banner> out;
    std::ifstream file(SHIRUSHI_TESTDATA "/banners.txt");
    for (std::string line; std::getline(file, line);) {
        const auto bar = line.find('|');
        if (line.empty() || line[0] == '#' || bar == std::string::npos)
            continue;
        const auto words = words_of(std::string_view(line).substr(0, bar));
        out.push_back({.positive = words[0] == "+", .product = std::string(words[1]), .version = words.size() > 2 && words[2] != "-" ? std::string(words[2]) : "",
                       .line = line.substr(bar + 1)});
    }
    return out;
}

/// A file that holds the line among zeros, and the companions when asked.
Buffer file_with(std::string_view line, const std::vector<std::string>& companions) {
    std::string text(64, '\0');
    text += line;
    text += '\0';
    for (const std::string& companion : companions)
        (text += companion) += '\0';
    return {text.begin(), text.end()};
}

Scan look(Scanner& scanner, const ProductIdentifier& identifier, const std::string& line, bool accompanied) {
    if (identifier.where == "file_name")
        return scanner.scan_name(line);
    const Buffer file = file_with(line, accompanied ? identifier.with : std::vector<std::string>{});
    return scanner.scan(file, 0, file.size());
}

struct Shipped : testing::Test {
    ShippedIdentifiers shipped = shipped_identifiers();
    Identifiers identifiers = Identifiers::compile(shipped.identifiers, shipped.aliases).value();
    Scanner scanner = Scanner::make(identifiers).value();
};

TEST_F(Shipped, CoverTheProductsOfEmbeddedLinux) {
    std::set<std::string> products;
    for (const ProductIdentifier& identifier : shipped.identifiers)
        products.insert(identifier.product);
    EXPECT_GE(products.size(), 480U);
    for (const char* product : {"busybox", "linux_kernel", "u-boot", "dropbear", "openssl", "dnsmasq", "hostapd", "uclibc", "musl", "lwip", "contiki", "nuttx",
                                "rt-thread", "nichestack", "ipnet", "boringssl", "redboot", "rompager", "barebox", "shim"})
        EXPECT_TRUE(products.contains(product)) << product;
}

TEST_F(Shipped, EveryIdentifierKnowsItsBanner) {
    const auto known = banners();
    for (std::size_t i = 0; i < shipped.identifiers.size(); ++i) {
        const ProductIdentifier& identifier = shipped.identifiers[i];
        bool found = false;
        for (const Banner& banner : known) {
            if (!banner.positive || banner.product != identifier.product)
                continue;
            for (const Sighting& sighting : look(scanner, identifier, banner.line, true).sightings)
                found = found || (sighting.identifier == i && sighting.version == banner.version);
        }
        EXPECT_TRUE(found) << identifier.product << ": no banner for " << identifier.pattern;
    }
}

TEST_F(Shipped, EveryBannerSaysItsVersionAndNoOther) {
    for (const Banner& banner : banners()) {
        std::set<std::string> versions;
        for (const ProductIdentifier& identifier : shipped.identifiers)
            if (identifier.product == banner.product)
                for (const Sighting& sighting : look(scanner, identifier, banner.line, true).sightings)
                    if (shipped.identifiers[sighting.identifier].product == banner.product)
                        versions.insert(sighting.version);
        const std::set<std::string> expected = banner.positive ? std::set{banner.version} : std::set<std::string>{};
        EXPECT_EQ(versions, expected) << banner.product << " in: " << banner.line;
    }
}

TEST_F(Shipped, EveryProductHasANegative) {
    std::set<std::string> negative;
    for (const Banner& banner : banners())
        if (!banner.positive)
            negative.insert(banner.product);
    for (const ProductIdentifier& identifier : shipped.identifiers)
        EXPECT_TRUE(negative.contains(identifier.product)) << identifier.product;
}

// OPENSSL_VERSION_TEXT in a client is not OpenSSL; the same holds of every identifier that asks for company.
TEST_F(Shipped, AMentionWithoutTheProductsOtherTextsIsNone) {
    const auto known = banners();
    for (std::size_t i = 0; i < shipped.identifiers.size(); ++i) {
        const ProductIdentifier& identifier = shipped.identifiers[i];
        for (const Banner& banner : known) {
            if (identifier.with.empty() || !banner.positive || banner.product != identifier.product)
                continue;
            for (const Sighting& sighting : look(scanner, identifier, banner.line, false).sightings)
                EXPECT_NE(sighting.identifier, i) << banner.line;
        }
    }
}

}  // namespace

LicenceList shipped_licences() {
    const toml::table table = toml::parse_file(SHIRUSHI_SOURCE_DIR "/catalogues/licences/spdx.toml");
    auto licences = texts_of(table, "licences");
    std::ranges::move(texts_of(table, "deprecated"), std::back_inserter(licences));
    return {licences, texts_of(table, "exceptions")};
}

ShippedIdentifiers shipped_identifiers() {
    ShippedIdentifiers shipped;
    const toml::table document = toml::parse_file(SHIRUSHI_SOURCE_DIR "/catalogues/identifiers.toml");
    for (const toml::node& node : *document["identifier"].as_array()) {
        const toml::table& table = *node.as_table();
        shipped.identifiers.push_back({.product = text_of(table, "product"), .kind = text_of(table, "kind"), .anchor = text_of(table, "anchor"),
                                       .pattern = text_of(table, "pattern"), .exclude = texts_of(table, "exclude"),
                                       .cpe = {"example:" + text_of(table, "product")}, .with = texts_of(table, "with"),
                                       .where = text_of(table, "where"), .purl = text_of(table, "purl"),
                                       .confidence = table["confidence"].value_or(std::uint32_t{0})});
    }
    for (const toml::node& node : *document["alias"].as_array())
        shipped.aliases.push_back({.product = text_of(*node.as_table(), "product"), .names = texts_of(*node.as_table(), "names"), .cpe = {}});
    return shipped;
}

}  // namespace shirushi::sbom
