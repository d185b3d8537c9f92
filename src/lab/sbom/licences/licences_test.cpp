#include "sbom/licences/licences.hpp"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include "sbom/shipped_identifiers.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::sbom {
namespace {

std::string normal(std::string_view text) {
    const auto parsed = parse_licence_expression(text, shipped_licences());
    return parsed ? text_of(*parsed) : parsed.error().message;
}

TEST(LicenceExpression, IsReadAndWrittenWithTheFewestParentheses) {
    EXPECT_EQ(normal("mit"), "MIT");
    EXPECT_EQ(normal("(MIT OR (GPL-2.0-only AND (Zlib)))"), "MIT OR GPL-2.0-only AND Zlib");
    EXPECT_EQ(normal("((MIT OR ISC) AND Zlib) and curl"), "(MIT OR ISC) AND Zlib AND curl");
    EXPECT_EQ(normal("GPL-2.0-or-later WITH Classpath-exception-2.0"), "GPL-2.0-or-later WITH Classpath-exception-2.0");
    EXPECT_EQ(normal("Apache-2.0+"), "Apache-2.0+");
    EXPECT_EQ(normal("DocumentRef-a:LicenseRef-b AND LicenseRef-c"), "DocumentRef-a:LicenseRef-b AND LicenseRef-c");
    EXPECT_EQ(licences_in(parse_licence_expression("(MIT OR GPL-2.0+) AND MIT", shipped_licences()).value()),
              (std::vector<std::string>{"GPL-2.0+", "MIT"}));
}

TEST(LicenceExpression, ErrorsNameTheByte) {
    EXPECT_EQ(normal(""), "licence expression, byte 1: expected a licence that SPDX lists, or LicenseRef-NAME, found the end");
    EXPECT_EQ(normal("MIT AND"), "licence expression, byte 8: expected a licence that SPDX lists, or LicenseRef-NAME, found the end");
    EXPECT_EQ(normal("MIT Zlib"), "licence expression, byte 5: expected AND, OR or the end, found \"Zlib\"");
    EXPECT_EQ(normal("(MIT"), "licence expression, byte 5: expected ), found the end");
    EXPECT_EQ(normal("MIT)"), "licence expression, byte 4: expected AND, OR or the end, found \")\"");
    EXPECT_EQ(normal("MIT OR Mine-1.0"), "licence expression, byte 8: expected a licence that SPDX lists, or LicenseRef-NAME, found \"Mine-1.0\"");
    EXPECT_EQ(normal("MIT WITH nothing"), "licence expression, byte 10: expected a licence exception that SPDX lists, found \"nothing\"");
    EXPECT_EQ(parse_licence_expression(std::string(10'000, '('), {}).error().code, Errc::limit);
    EXPECT_EQ(parse_licence_expression(std::string(20'000, 'a'), {}).error().code, Errc::limit);
    const std::string_view whole = "(MIT OR GPL-2.0-only WITH Classpath-exception-2.0) AND LicenseRef-a";
    for (std::size_t length = 0; length < whole.size(); ++length)
        if (const auto parsed = parse_licence_expression(whole.substr(0, length), shipped_licences())) {
            EXPECT_EQ(normal(text_of(*parsed)), text_of(*parsed));
        }
}

std::vector<std::string> texts_of(const toml::table& table, const char* key) {
    std::vector<std::string> out;
    if (const toml::array* array = table[key].as_array())
        for (const toml::node& item : *array)
            out.push_back(item.value_or(std::string()));
    return out;
}

LicenceNames shipped_names() {
    const toml::table file = toml::parse_file(SHIRUSHI_SOURCE_DIR "/catalogues/licences/names.toml");
    LicenceNames names;
    for (const toml::node& one : *file["alias"].as_array())
        names.alias.push_back({.licence = one.as_table()->at("licence").value_or(std::string()), .names = texts_of(*one.as_table(), "names")});
    for (const toml::node& one : *file["text"].as_array())
        names.text.push_back({.licence = one.as_table()->at("licence").value_or(std::string()),
                              .phrases = texts_of(*one.as_table(), "phrases"),
                              .without = texts_of(*one.as_table(), "without")});
    return names;
}

TEST(LicenceFinder, ShippedNamesMeanListedLicences) {
    const auto list = shipped_licences();
    const auto names = shipped_names();
    EXPECT_GT(names.alias.size(), 20U);
    for (const LicenceAlias& alias : names.alias)
        EXPECT_TRUE(parse_licence_expression(alias.licence, list)) << alias.licence;
    for (const LicenceText& text : names.text)
        EXPECT_TRUE(parse_licence_expression(text.licence, list)) << text.licence;
}

TEST(LicenceFinder, UnderstandsPackageFields) {
    const auto list = shipped_licences();
    const LicenceFinder finder(list, shipped_names());
    EXPECT_EQ(finder.expression_of("GPLv2+ and (MIT or BSD-3-Clause)"), "GPL-2.0-or-later AND (MIT OR BSD-3-Clause)");
    EXPECT_EQ(finder.expression_of("GPL-2.0 LGPL-2.1+"), "GPL-2.0-only AND LGPL-2.1-or-later");
    EXPECT_EQ(finder.expression_of("GPL-2+ or Expat, and Apache 2.0"), "GPL-2.0-or-later OR MIT AND Apache-2.0");
    EXPECT_EQ(finder.expression_of("MIT"), "MIT");
    EXPECT_EQ(finder.expression_of("Proprietary"), "");
    EXPECT_EQ(finder.expression_of("GPL-2.0 and Proprietary"), "");
    EXPECT_EQ(finder.expression_of(""), "");
}

constexpr std::string_view kMit =
    "Copyright (c) X\n\nPermission is hereby granted, free of charge, to any person\n obtaining a copy of this software and associated "
    "documentation files\n"
    "(the \"Software\"), to deal in the Software without restriction, including ...\nThe above copyright notice and this permission notice "
    "shall be\n"
    " * included in all copies or substantial portions of the Software.\n";
constexpr std::string_view kBsd3 =
    "Redistributions of source code must retain ... Redistributions in binary form must reproduce ... Neither the name ... may be used to "
    "endorse\n"
    "# or promote products derived from this software without specific prior written permission.";

TEST(LicenceFinder, TellsTextsApart) {
    const auto list = shipped_licences();
    const LicenceFinder finder(list, shipped_names());
    EXPECT_EQ(finder.texts_in(as_bytes(kMit)), std::vector<std::string>{"MIT"});
    EXPECT_EQ(finder.texts_in(as_bytes(kBsd3)), std::vector<std::string>{"BSD-3-Clause"});
    EXPECT_EQ(finder.texts_in(as_bytes("GNU GENERAL PUBLIC LICENSE\n   Version 2, June 1991")), std::vector<std::string>{"GPL-2.0-only"});
    EXPECT_EQ(finder.texts_in(as_bytes("GNU LESSER GENERAL PUBLIC LICENSE\n   Version 2.1, February 1999")),
              std::vector<std::string>{"LGPL-2.1-only"});
    EXPECT_EQ(finder.texts_in(as_bytes("all rights reserved")), std::vector<std::string>{});
}

LicencePolicy sample_policy() {
    return {.obligation = {{"source", {"s", "s"}}, {"notice", {"n", "n"}}},
            .group = {{.id = "copyleft",
                       .title = {"c", "c"},
                       .verdict = LicenceVerdict::review,
                       .licences = {"GPL-*"},
                       .obligations = {"source", "notice"}},
                      {.id = "never", .title = {"d", "d"}, .verdict = LicenceVerdict::deny, .licences = {"AGPL-*"}, .obligations = {}},
                      {.id = "free",
                       .title = {"f", "f"},
                       .verdict = LicenceVerdict::allow,
                       .licences = {"MIT", "Apache-2.0", "OpenSSL"},
                       .obligations = {"notice"}}},
            .conflict = {{.licences = {"GPL-2.0-only"}, .against = {"Apache-2.0", "OpenSSL"}, .text = {"x", "x"}}}};
}

ComponentLicence judged(const char* expression) {
    ComponentLicence row{.component = "x", .expression = expression};
    judge(row, shipped_licences(), sample_policy());
    return row;
}

TEST(LicencePolicy, JudgesTheBestChoice) {
    EXPECT_EQ(judged("MIT").verdict, LicenceVerdict::allow);
    EXPECT_EQ(judged("MIT OR AGPL-3.0-only").verdict, LicenceVerdict::allow);
    EXPECT_EQ(judged("AGPL-3.0-only OR MIT").chosen, "MIT");
    EXPECT_EQ(judged("MIT AND AGPL-3.0-only").verdict, LicenceVerdict::deny);
    EXPECT_EQ(judged("GPL-2.0-only AND MIT").obligations, (std::vector<std::string>{"notice", "source"}));
    EXPECT_EQ(judged("Zlib").verdict, LicenceVerdict::review) << "in no group";
    EXPECT_EQ(judged("").verdict, LicenceVerdict::review);
    EXPECT_EQ(judged("GPL-2.0-only AND Apache-2.0").conflicts, std::vector<std::size_t>{0});
    EXPECT_EQ(judged("GPL-2.0-only AND (Apache-2.0 OR MIT)").conflicts, std::vector<std::size_t>{0}) << "both are allowed, the first is chosen";
    EXPECT_EQ(judged("GPL-2.0-only OR Apache-2.0").conflicts, std::vector<std::size_t>{});
    EXPECT_EQ(judged("GPL-2.0-only WITH Classpath-exception-2.0 AND OpenSSL").conflicts, std::vector<std::size_t>{});
}

TEST(Licences, OfAnImageHaveEvidence) {
    auto builder = unpack::TreeBuilder::owning(Buffer(64));
    const auto system = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 64, "");
    const auto add = [&](const char* path, std::string_view content) {
        builder.add_entry(system, path, {}, builder.keep(Buffer(content.begin(), content.end())));
    };
    add("usr/share/doc/busybox/copyright", "Format: x\n\nFiles: applets/*\nLicense: Expat\n\nFiles: *\nCopyright: y\nLicense: GPL-2\n text\n");
    add("usr/share/doc/zlib1g/copyright", kBsd3);
    add("opt/app/LICENSE.txt", kMit);
    add("opt/app/license.c", kMit);
    add("opt/app/COPYING", "nothing that is known");
    const auto tree = std::move(builder).finish();
    const Table<Component> components{
        .observed = true,
        .gaps = {},
        .rows = {{.id = "busybox@1", .name = "busybox", .ecosystem = "dpkg"},
                 {.id = "curl@1", .name = "curl", .ecosystem = "apk", .license = "Mystery", .evidence = {{.path = "lib/apk/db/installed"}}},
                 {.id = "zlib1g@1", .name = "zlib1g", .ecosystem = "dpkg"}}};
    const auto list = shipped_licences();
    const LicenceFinder finder(list, shipped_names());
    const auto table = licences_of(components, &tree, finder, sample_policy());
    ASSERT_EQ(table.rows.size(), 4U);
    EXPECT_EQ(table.rows[0].expression, "GPL-2.0-only");
    ASSERT_EQ(table.rows[0].evidence.size(), 2U);
    EXPECT_EQ(table.rows[0].evidence[0],
              (LicenceEvidence{"GPL-2.0-only", true, LicenceSource::copyright_file, "squashfs@0x0/usr/share/doc/busybox/copyright"}));
    EXPECT_EQ(table.rows[0].evidence[1].licence, "MIT");
    EXPECT_EQ(table.rows[1].expression, "");
    EXPECT_EQ(table.rows[1].verdict, LicenceVerdict::review);
    EXPECT_EQ(table.rows[1].evidence[0], (LicenceEvidence{"Mystery", false, LicenceSource::package_field, "lib/apk/db/installed"}));
    EXPECT_EQ(table.rows[2].expression, "BSD-3-Clause");
    EXPECT_EQ(table.rows[3].component, "");
    EXPECT_EQ(table.rows[3].evidence[0].path, "squashfs@0x0/opt/app/LICENSE.txt");
    EXPECT_NE(to_json(table).find("\"copyright_file\""), std::string::npos);
}

}  // namespace
}  // namespace shirushi::sbom
