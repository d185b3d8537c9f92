#include "sbom/documents/documents.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sbom/shipped_identifiers.hpp"

namespace shirushi::sbom {
namespace {

Result<Document> read(std::string_view text) { return read_document(as_bytes(text)); }

std::string refusal(std::string_view text) {
    const auto document = read(text);
    return document ? "read" : document.error().message;
}

constexpr std::string_view kJson =
    R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
  "metadata": {"timestamp": "2026-01-02T03:04:05Z", "tools": {"components": [{"type": "application", "name": "maker", "version": "2"}]},
    "authors": [{"name": "Ann"}, {"email": "bob@example.com"}], "supplier": {"name": "Example Works"},
    "component": {"type": "firmware", "name": "router", "version": "1.0", "bom-ref": "top"}},
  "components": [
    {"type": "library", "bom-ref": "ssl", "group": "org", "name": "libssl3", "version": "3.0.2-0ubuntu1", "supplier": {"name": "OpenSSL"},
     "purl": "pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1?arch=amd64&upstream=openssl%403.0.2", "hashes": [{"alg": "SHA-256", "content": "AB"}],
     "licenses": [{"license": {"id": "Apache-2.0"}}], "properties": [{"name": "a", "value": "b"}]},
    {"type": "application", "bom-ref": "bb", "name": "busybox", "version": "1.30.1", "cpe": "cpe:2.3:a:busybox:busybox:1.30.1:*:*:*:*:*:*:*",
     "licenses": [{"expression": "GPL-2.0-only OR MIT"}], "components": [{"type": "file", "name": "sh"}]}],
  "dependencies": [{"ref": "top", "dependsOn": ["ssl", "bb", "gone"]}, {"ref": "bb", "dependsOn": ["ssl"]}]})";

constexpr std::string_view kXml = R"(<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="1">
  <metadata><timestamp>2026-01-02T03:04:05Z</timestamp><tools><components><component type="application"><name>maker</name><version>2</version></component></components></tools>
    <authors><author><name>Ann</name></author><author><email>bob@example.com</email></author></authors>
    <component type="firmware" bom-ref="top"><name>router</name><version>1.0</version></component><supplier><name>Example Works</name></supplier></metadata>
  <components>
    <component type="library" bom-ref="ssl"><supplier><name>OpenSSL</name></supplier><group>org</group><name>libssl3</name><version>3.0.2-0ubuntu1</version>
      <hashes><hash alg="SHA-256">AB</hash></hashes><licenses><license><id>Apache-2.0</id></license></licenses>
      <purl>pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1?arch=amd64&amp;upstream=openssl%403.0.2</purl><properties><property name="a">b</property></properties></component>
    <component type="application" bom-ref="bb"><name>busybox</name><version>1.30.1</version><licenses><expression>GPL-2.0-only OR MIT</expression></licenses>
      <cpe>cpe:2.3:a:busybox:busybox:1.30.1:*:*:*:*:*:*:*</cpe><components><component type="file"><name>sh</name></component></components></component>
  </components>
  <dependencies><dependency ref="top"><dependency ref="ssl"/><dependency ref="bb"/><dependency ref="gone"/></dependency><dependency ref="bb"><dependency ref="ssl"/></dependency></dependencies>
</bom>)";

void expect_sample(const Document& document) {
    EXPECT_EQ(document.spec_version, "1.5");
    EXPECT_EQ(document.timestamp, "2026-01-02T03:04:05Z");
    EXPECT_EQ(document.authors, (std::vector<DocumentAuthor>{{"Ann", true}, {"bob@example.com", true}}));
    EXPECT_EQ(document.tools, std::vector<std::string>{"maker 2"});
    ASSERT_TRUE(document.subject.has_value());
    EXPECT_EQ(document.subject->supplier, "Example Works");
    ASSERT_EQ(document.components.size(), 3U);
    const DocumentComponent& ssl = document.components[0];
    EXPECT_EQ(ssl.group, "org");
    EXPECT_EQ(ssl.supplier, "OpenSSL");
    EXPECT_EQ(ssl.hashes, (std::vector<DocumentHash>{{"SHA-256", "ab"}}));
    EXPECT_EQ(ssl.licences, (std::vector<DocumentLicence>{{"Apache-2.0", ""}}));
    EXPECT_EQ(ssl.properties, (std::vector<DocumentProperty>{{"a", "b"}}));
    EXPECT_EQ(document.components[1].licences, (std::vector<DocumentLicence>{{"GPL-2.0-only OR MIT", ""}}));
    EXPECT_EQ(document.components[2].name, "sh");
    EXPECT_EQ(document.relations, (std::vector<DocumentRelation>{{"bb", RelationKind::depends_on, "ssl"},
                                                                 {"bb", RelationKind::contains, "shirushi:component:3"},
                                                                 {"top", RelationKind::depends_on, "bb"},
                                                                 {"top", RelationKind::depends_on, "ssl"}}));
    EXPECT_EQ(document.remarks, std::vector<std::string>{"1 relations go to or from something that is no component of this document"});
}

TEST(Documents, CycloneDxIsReadFromJson) {
    const auto document = read(kJson);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->format, DocumentFormat::cyclonedx_json);
    expect_sample(*document);
}

TEST(Documents, CycloneDxIsReadFromXml) {
    const auto document = read(kXml);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->format, DocumentFormat::cyclonedx_xml);
    expect_sample(*document);
}

TEST(Documents, ComponentsCanBeMatched) {
    const auto data = shipped_identifiers();
    const auto table = components(read(kJson).value(), ProductNames(data.identifiers, data.aliases));
    EXPECT_TRUE(table.observed);
    ASSERT_EQ(table.rows.size(), 3U);
    EXPECT_EQ(table.rows[0].id, "bb");
    EXPECT_NE(std::ranges::find(table.rows[0].cpe, "busybox:busybox"), table.rows[0].cpe.end());
    EXPECT_EQ(table.rows[0].license, "GPL-2.0-only OR MIT");
    EXPECT_EQ(table.rows[2].product, "openssl");
    EXPECT_EQ(table.rows[2].ecosystem, "dpkg");
    EXPECT_EQ(table.rows[2].source, ComponentSource::declared);
}

TEST(Documents, ALanguagesPackageIsNoProgramOfThatName) {
    constexpr std::string_view bill = R"json({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "git", "version": "1.11.0", "bom-ref": "gem", "purl": "pkg:gem/git@1.11.0", "cpe": "cpe:2.3:a:git-scm:git:1.11.0:*:*:*:*:*:*:*"},
        {"type": "library", "name": "php", "version": "1.0.0", "bom-ref": "npm", "purl": "pkg:npm/%40vendor/php@1.0.0"},
        {"type": "library", "name": "express", "version": "4.0.0", "bom-ref": "other", "purl": "pkg:npm/express@4.0.0", "cpe": "cpe:2.3:a:openjsf:express:4.0.0:*:*:*:*:*:*:*"},
        {"type": "library", "name": "git", "version": "2.30.2", "bom-ref": "real", "purl": "pkg:generic/git@2.30.2"}]})json";
    const auto data = shipped_identifiers();
    const auto table = components(read(bill).value(), ProductNames(data.identifiers, data.aliases));
    ASSERT_EQ(table.rows.size(), 4U);
    EXPECT_EQ(table.rows[0].product, "gem/git");
    EXPECT_TRUE(table.rows[0].cpe.empty());
    EXPECT_EQ(table.rows[1].product, "npm/@vendor/php");
    EXPECT_TRUE(table.rows[1].cpe.empty());
    EXPECT_EQ(table.rows[2].cpe, std::vector<std::string>{"openjsf:express"});
    EXPECT_EQ(table.rows[3].product, "git");
    EXPECT_NE(std::ranges::find(table.rows[3].cpe, "git-scm:git"), table.rows[3].cpe.end());
}

constexpr std::string_view kTagValue = R"(SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: router
DocumentNamespace: https://example.com/router
Creator: Organization: Example Works (sbom@example.com)
Creator: Tool: maker-2
Created: 2026-01-02T03:04:05Z
# a comment
PackageName: router
SPDXID: SPDXRef-router
PackageVersion: 1.0
PackageComment: <text>several
lines: of text</text>

PackageName: openssl
SPDXID: SPDXRef-ssl
PackageVersion: 3.0.2
PackageSupplier: Organization: OpenSSL
PackageChecksum: SHA256: AB
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: Apache-2.0
PrimaryPackagePurpose: OPERATING-SYSTEM
ExternalRef: SECURITY cpe23Type cpe:2.3:a:openssl:openssl:3.0.2:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:generic/openssl@3.0.2
FileName: ./a.c
SPDXID: SPDXRef-a
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-router
Relationship: SPDXRef-ssl DEPENDENCY_OF SPDXRef-router
Relationship: SPDXRef-router CONTAINS SPDXRef-a
)";

constexpr std::string_view kSpdxJson =
    R"json({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "router", "documentNamespace": "https://example.com/router",
 "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Organization: Example Works (sbom@example.com)", "Tool: maker-2"]},
 "packages": [{"name": "router", "SPDXID": "SPDXRef-router", "versionInfo": "1.0"},
  {"name": "openssl", "SPDXID": "SPDXRef-ssl", "versionInfo": "3.0.2", "supplier": "Organization: OpenSSL", "checksums": [{"algorithm": "SHA256", "checksumValue": "AB"}],
   "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0", "primaryPackagePurpose": "OPERATING_SYSTEM",
   "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:openssl:openssl:3.0.2:*:*:*:*:*:*:*"},
                    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/openssl@3.0.2"}]}],
 "files": [{"SPDXID": "SPDXRef-a", "fileName": "./a.c"}],
 "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-router"},
  {"spdxElementId": "SPDXRef-ssl", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-router"},
  {"spdxElementId": "SPDXRef-router", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-a"}]})json";

TEST(Documents, SpdxIsReadFromTagValueAndJson) {
    const auto read_or_fail = [](std::string_view text) {
        auto document = read(text);
        EXPECT_TRUE(document.has_value()) << document.error().message;
        return document.value_or(Document());
    };
    Document tags = read_or_fail(kTagValue);
    const Document json = read_or_fail(kSpdxJson);
    EXPECT_EQ(tags.format, DocumentFormat::spdx_tag_value);
    EXPECT_EQ(tags.authors, (std::vector<DocumentAuthor>{{"Example Works", false}}));
    EXPECT_EQ(tags.tools, std::vector<std::string>{"maker-2"});
    EXPECT_EQ(tags.subject->name, "router");
    ASSERT_EQ(tags.components.size(), 1U);
    const DocumentComponent& ssl = tags.components[0];
    EXPECT_EQ(ssl.supplier, "OpenSSL");
    EXPECT_EQ(ssl.type, "operating-system");
    EXPECT_EQ(ssl.purl, "pkg:generic/openssl@3.0.2");
    EXPECT_EQ(ssl.cpe, std::vector<std::string>{"cpe:2.3:a:openssl:openssl:3.0.2:*:*:*:*:*:*:*"});
    EXPECT_EQ(ssl.hashes, (std::vector<DocumentHash>{{"SHA-256", "ab"}}));
    EXPECT_EQ(ssl.licences, (std::vector<DocumentLicence>{{"Apache-2.0", ""}}));
    EXPECT_EQ(tags.relations, (std::vector<DocumentRelation>{{"SPDXRef-router", RelationKind::depends_on, "SPDXRef-ssl"}}));
    tags.format = DocumentFormat::spdx_json;
    EXPECT_EQ(tags, json);
}

TEST(Documents, SpdxErrorsNameTheLine) {
    constexpr std::string_view start = "SPDXVersion: SPDX-2.3\n";
    const auto of = [&](std::string_view rest) { return refusal(std::string(start) + std::string(rest)); };
    EXPECT_EQ(of("PackageName: a\n"), "/packages/0 (line 2): lacks \"SPDXID\"; add it");
    EXPECT_EQ(of("nonsense\n"), "line 2: expected \"Tag: value\"; mend it there or export the document again");
    EXPECT_EQ(of("PackageComment: <text>abc\n\n"), "line 2: <text> is not closed; add </text>");
    EXPECT_EQ(of("PackageName: a\nPackageVersion: 1\nPackageVersion: 2\n"),
              "line 4: PackageVersion stands twice here, and it is not clear which counts; mend it there or export the document again");
    EXPECT_EQ(of("Relationship: a b\n"), "line 2: expected \"Relationship: ID TYPE ID\"; mend it there or export the document again");
    EXPECT_EQ(refusal("SPDXVersion: SPDX-1.2\n"), "SPDX-1.2 is not read; known are SPDX-2.2 and SPDX-2.3, export the document as SPDX-2.3");
}

/// What every format and version can carry.
Document everything() {
    Document document = read(kJson).value();
    document.remarks.clear();
    document.components[0].licences = {{"Apache-2.0", ""}, {"MIT OR GPL-2.0-only", ""}};
    document.components[1].licences = {{"", "proprietary <see> \"contract\" & more"}};
    document.components[1].name = "busybox & <friends>";
    document.components[0].cpe = {"cpe:2.3:a:openssl:openssl:3.0.2:*:*:*:*:*:*:*", "cpe:2.3:a:openssl:libssl:3.0.2:*:*:*:*:*:*:*"};
    document.components[0].hashes = {{"SHA-256", std::string(64, 'a')}};
    return document;
}

TEST(Documents, WhatIsWrittenIsReadAgain) {
    const auto licences = shipped_licences();
    const std::vector<std::pair<WriteOptions, std::string>> all = {
        {{DocumentFormat::cyclonedx_json, "1.4"}, "a-1.4.cdx.json"}, {{DocumentFormat::cyclonedx_json, "1.5"}, "a-1.5.cdx.json"},
        {{DocumentFormat::cyclonedx_json, "1.6"}, "a-1.6.cdx.json"}, {{DocumentFormat::cyclonedx_xml, "1.4"}, "a-1.4.cdx.xml"},
        {{DocumentFormat::cyclonedx_xml, "1.5"}, "a-1.5.cdx.xml"}, {{DocumentFormat::cyclonedx_xml, "1.6"}, "a-1.6.cdx.xml"},
        {{DocumentFormat::spdx_json, "2.3"}, "a.spdx.json"}, {{DocumentFormat::spdx_tag_value, ""}, "a.spdx"}};
    const Document document = everything();
    std::filesystem::create_directories("sbom-samples");
    for (const auto& [options, file] : all) {
        const auto text = write_document(document, options, licences);
        ASSERT_TRUE(text.has_value()) << text.error().message;
        std::ofstream("sbom-samples/" + file) << *text;  // schema validation reads these (tests/schemas)
        const auto again = read(*text);
        ASSERT_TRUE(again.has_value()) << file << ": " << again.error().message;
        EXPECT_EQ(again->format, options.format);
        EXPECT_EQ(again->subject->name, "router");
        EXPECT_EQ(again->timestamp, document.timestamp);
        EXPECT_EQ(again->authors, document.authors);
        ASSERT_EQ(again->components.size(), 3U) << file;
        EXPECT_EQ(again->components[0].version, "3.0.2-0ubuntu1");
        EXPECT_EQ(again->components[0].supplier, "OpenSSL");
        EXPECT_EQ(again->components[0].purl, document.components[0].purl);
        EXPECT_EQ(again->components[0].cpe, document.components[0].cpe) << file;
        EXPECT_EQ(again->components[0].hashes, document.components[0].hashes);
        EXPECT_EQ(again->components[1].name, "busybox & <friends>");
        EXPECT_EQ(again->relations.size(), document.relations.size()) << file;
        ASSERT_FALSE(again->components[0].licences.empty()) << file;
        if (options.format != DocumentFormat::spdx_json && options.format != DocumentFormat::spdx_tag_value) {
            EXPECT_EQ(again->components[0].licences, (std::vector<DocumentLicence>{{"Apache-2.0 AND (MIT OR GPL-2.0-only)", ""}}));
            EXPECT_EQ(again->components[1].licences, document.components[1].licences) << file;
        } else {
            EXPECT_EQ(again->components[1].licences, (std::vector<DocumentLicence>{{"LicenseRef-1", ""}}));
        }
        const auto twice = write_document(*again, options, licences);
        const auto thrice = write_document(read(*twice).value(), options, licences);
        EXPECT_EQ(*twice, *thrice) << file;
        EXPECT_EQ(*text, write_document(document, options, licences).value());
    }
}

TEST(Documents, TakeOverLicencesThatWereFound) {
    Document document = everything();
    document.components[1].licences = {{"whatever it says", ""}};
    add_licences(document, {.rows = {{.component = "bb", .expression = "GPL-2.0-only"}, {.component = "ssl"}, {.component = "", .expression = "MIT"}}});
    EXPECT_EQ(document.components[1].licences, (std::vector<DocumentLicence>{{"GPL-2.0-only", ""}}));
    EXPECT_EQ(document.components[0].licences, everything().components[0].licences);
}

TEST(Documents, VersionsThatAreNotWrittenAreRefused) {
    Document document = everything();
    EXPECT_EQ(write_document(document, {DocumentFormat::cyclonedx_xml, "1.3"}, {}).error().message,
              "CycloneDX 1.3 is not written; choose 1.4, 1.5 or 1.6");
    EXPECT_EQ(write_document(document, {DocumentFormat::spdx_json, "3.0"}, {}).error().message, "SPDX 3.0 is not written; choose 2.3");
    document.timestamp = "2026-01-01T00:00:00.5+09:00";
    EXPECT_NE(write_document(document, {DocumentFormat::spdx_json, ""}, {})->find("\"created\": \"2025-12-31T15:00:00Z\""), std::string::npos);
    document.timestamp = "yesterday";
    EXPECT_EQ(write_document(document, {DocumentFormat::spdx_json, ""}, {}).error().code, Errc::bad_input);
    EXPECT_EQ(write_document(document, {DocumentFormat::cyclonedx_json, ""}, {})->find("yesterday"), std::string::npos);
}

TEST(Documents, WhatCannotBeReadIsSaidWithPlace) {
    EXPECT_EQ(refusal(""), "the document is empty");
    EXPECT_EQ(refusal("\x7f""ELF").substr(0, 12), "neither JSON");
    EXPECT_EQ(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "2.0"})"),
              "CycloneDX 2.0 is not read; known are 1.0 to 1.7, export the document as 1.6");
    EXPECT_EQ(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"type": "library"}]})"),
              "/components/0: lacks \"name\"; add it");
    EXPECT_EQ(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"name": ["a"]}]})"),
              "/components/0/name: expected text; mend it there or export the document again");
    EXPECT_EQ(refusal(R"({"bomFormat": "CycloneDX", "specVersion": "1.4", "components": {}})"),
              "/components: expected an array; mend it there or export the document again");
    EXPECT_EQ(read(R"({"bomFormat": "CycloneDX", "specVersion": "1.4", "metadata": {"component": {"type": "firmware"}}})")->remarks,
              std::vector<std::string>{"/metadata/component: has no name and is left out"});
    EXPECT_EQ(refusal(R"({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"})"),
              "SPDX 3 is not read; export the document as SPDX 2.3 or CycloneDX 1.6");
    EXPECT_TRUE(refusal(R"({"a": 1})").starts_with("JSON, but neither CycloneDX"));
}

TEST(Documents, XmlErrorsNameTheLine) {
    constexpr std::string_view start = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">\n";
    const auto of = [&](std::string_view rest) { return refusal(std::string(start) + std::string(rest)); };
    EXPECT_EQ(of("<components>\n<component type=\"library\"/></components></bom>"), "/components/0 (line 3): lacks \"name\"; add it");
    EXPECT_TRUE(of("<components>\n</bom>").starts_with("line 3, byte ")) << of("<components>\n</bom>");
    EXPECT_TRUE(of("<components><component><name>a</name><name>b</name></component></components></bom>")
                    .ends_with("<name> stands twice in <component>; it is not clear which counts, remove one"));
    EXPECT_TRUE(refusal("<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\"/>").find("SWID") != std::string::npos);
    EXPECT_TRUE(refusal("<html/>").find("<html> is not CycloneDX") != std::string::npos);
}

TEST(Documents, XmlOpensNothingAndSwellsNot) {
    const std::string entity =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE bom [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
        "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component "
        "type=\"library\"><name>&x;</name></component></components></bom>";
    EXPECT_EQ(read(entity).error().code, Errc::refused);
    EXPECT_TRUE(refusal(entity).starts_with("line 2, byte ")) << refusal(entity);
    std::string laughs = "<!DOCTYPE bom [<!ENTITY a \"ha\">";
    for (char c = 'b'; c < 'k'; ++c)
        for (int i = 0; i < 2; ++i)
            laughs += i == 0 ? std::string("<!ENTITY ") + c + " \"&" + static_cast<char>(c - 1) + ";"
                             : std::string("&") + static_cast<char>(c - 1) + ";\">";
    EXPECT_EQ(read(laughs + "]><bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\" serialNumber=\"&j;\"/>").error().code, Errc::refused);
    EXPECT_EQ(read("<!DOCTYPE bom SYSTEM \"http://example.com/x.dtd\"><bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>").error().code,
              Errc::refused);
    EXPECT_TRUE(refusal("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\" serialNumber=\"&x;\"/>").find("undefined entity") != std::string::npos);
    std::string deep = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">";
    for (int i = 0; i < 10'000; ++i)
        deep += "<components><component>";
    EXPECT_EQ(read(deep).error().code, Errc::limit);
}

TEST(Documents, AreReadAtEveryLength) {
    for (const std::string_view whole : {kJson, kXml, kSpdxJson})
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_FALSE(read(whole.substr(0, length)).has_value()) << length;
    for (std::size_t length = 0; length < kTagValue.size(); ++length)  // a line is a statement: less of it is less of the document
        if (const auto document = read(kTagValue.substr(0, length))) {
            EXPECT_LE(document->components.size(), 2U);
        }
}

/// For a folder of other people's documents, named by the environment: each is read or refused with a reason, and what was read survives
/// being written in every format. The tests above hold the same code to documents of our own.
TEST(Documents, OfOthersAreReadOrRefused) {
    const char* folder = std::getenv("SHIRUSHI_EXAMPLE_DOCUMENTS");
    if (folder == nullptr)
        GTEST_SKIP() << "SHIRUSHI_EXAMPLE_DOCUMENTS names no folder of documents";
    const auto licences = shipped_licences();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto document = read(text);
        if (!document) {
            std::printf("%s: %s\n", entry.path().c_str(), document.error().message.c_str());
            EXPECT_FALSE(document.error().message.empty());
            continue;
        }
        std::printf("%s: %zu components, %zu relations%s\n", entry.path().c_str(), document->components.size(), document->relations.size(),
                    document->remarks.empty() ? "" : (", " + document->remarks.front()).c_str());
        for (const DocumentFormat format :
             {DocumentFormat::cyclonedx_json, DocumentFormat::cyclonedx_xml, DocumentFormat::spdx_json, DocumentFormat::spdx_tag_value}) {
            Document timed = *document;
            timed.timestamp = "2026-01-01T00:00:00Z";
            const auto again = read(write_document(timed, {format, ""}, licences).value());
            ASSERT_TRUE(again.has_value()) << entry.path() << " as " << name_of(format) << ": " << again.error().message;
            const auto count = [](const Document& one) {
                return one.components.size() + (one.subject ? 1U : 0U);
            };  // SPDX: one package alone is the subject
            EXPECT_EQ(count(*again), count(*document)) << entry.path() << " as " << name_of(format);
        }
    }
}

}  // namespace
}  // namespace shirushi::sbom
