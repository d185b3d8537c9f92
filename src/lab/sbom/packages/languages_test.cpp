#include "sbom/packages/reader_test.hpp"

namespace shirushi::sbom {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kMetadata =
    "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.1\nSummary: YAML parser\nAuthor: Kirill Simonov\nAuthor-email: xi@resolvent.net\n"
    "License: MIT\nPlatform: Any\nRequires-Python: >=3.6\nLicense-File: LICENSE\n\nName: not this\n";
constexpr std::string_view kRequirements =
    "# comment\n-r base.txt\n--hash=sha256:abc\nflask==2.0.1\nrequests[socks]>=2.25 ; python_version < '3'\nurllib3===1.26.5 --hash=sha256:ab\n"
    "six==1.*\n./local\nThis is not a requirement\nfoo @ https://example.org/foo.zip\n";
constexpr std::string_view kPipfile =
    R"({"_meta": {"hash": {"sha256": "x"}}, "default": {"click": {"hashes": [], "version": "==8.0.3"}, "odd": "1"}, "develop": {"pytest": {"version": "==7.1"}}})";
constexpr std::string_view kPoetry =
    "[[package]]\nname = \"attrs\"\nversion = \"22.1.0\"\ndescription = \"x\"\n\n[package.extras]\nversion = \"no\"\n\n[[package]]\nname = "
    "\"wheel\"\nversion = \"0.37\"\n"
    "[metadata]\nname = \"no\"\n";

TEST(Python, ReadsMetadataAndLists) {
    const PackageList list = read_python_metadata(as_bytes(kMetadata));
    ASSERT_EQ(names_of(list), (Names{"PyYAML 6.0.1"}));
    EXPECT_EQ(list.packages[0].license, "MIT");
    EXPECT_EQ(list.packages[0].supplier, "Kirill Simonov");
    EXPECT_EQ(names_of(read_python_metadata(as_bytes("Name: x\nVersion: 1\n"))), Names{});
    const PackageList wanted = read_python_requirements(as_bytes(kRequirements));
    EXPECT_EQ(names_of(wanted), (Names{"flask 2.0.1", "requests ", "urllib3 1.26.5", "six ", "foo "}));
    EXPECT_EQ(wanted.packages[0].offset, kRequirements.find("flask"));
    EXPECT_EQ(names_of(read_pipfile_lock(as_bytes(kPipfile))), (Names{"click 8.0.3", "odd ", "pytest 7.1"}));
    EXPECT_EQ(names_of(read_poetry_lock(as_bytes(kPoetry))), (Names{"attrs 22.1.0", "wheel 0.37"}));
}

constexpr std::string_view kNpm =
    R"({"name": "@scope/tool", "version": "1.2.3", "license": {"type": "ISC", "url": "x"}, "author": {"name": "A. Author"}})";
constexpr std::string_view kLock1 =
    R"({"name": "app", "lockfileVersion": 1, "dependencies": {"lodash": {"version": "4.17.20", "dependencies": {"inner": {"version": "1.0.0"}}}, "link": {}}})";
constexpr std::string_view kLock3 = R"({"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0"},
  "node_modules/@babel/core": {"version": "7.1.0"}, "node_modules/a/node_modules/b": {"version": "2.0.0"}, "node_modules/c": {"name": "real", "version": "3.0.0"},
  "packages/own": {"version": "9.9.9"}, "node_modules/own": {"link": true}}})";
constexpr std::string_view kYarn1 =
    "# yarn lockfile v1\n\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1\":\n  version \"7.16.0\"\n  resolved \"https://x\"\n  dependencies:\n    "
    "version \"9\"\n\n"
    "abbrev@1:\n  version \"1.1.1\"\n";
constexpr std::string_view kYarn2 =
    "__metadata:\n  version: 6\n\n\"lodash@npm:^4.17.21\":\n  version: 4.17.21\n  resolution: \"lodash@npm:4.17.21\"\n\n\"app@workspace:.\":\n  "
    "version: 0.0.0-use.local\n";

TEST(Npm, ReadsPackagesAndLocks) {
    const PackageList list = read_npm_package(as_bytes(kNpm));
    ASSERT_EQ(names_of(list), (Names{"@scope|tool 1.2.3"}));
    EXPECT_EQ(list.packages[0].license, "ISC");
    EXPECT_EQ(list.packages[0].supplier, "A. Author");
    EXPECT_EQ(names_of(read_npm_package(as_bytes(R"({"type": "module"})"))), Names{});
    EXPECT_EQ(names_of(read_npm_lock(as_bytes(kLock1))), (Names{"lodash 4.17.20", "inner 1.0.0"}));
    const PackageList third = read_npm_lock(as_bytes(kLock3));
    EXPECT_EQ(names_of(third), (Names{"@babel|core 7.1.0", "b 2.0.0", "real 3.0.0"}));
    EXPECT_EQ(third.packages[1].offset, kLock3.find("node_modules/a/"));
    EXPECT_EQ(names_of(read_yarn_lock(as_bytes(kYarn1))), (Names{"@babel|core 7.16.0", "abbrev 1.1.1"}));
    EXPECT_EQ(names_of(read_yarn_lock(as_bytes(kYarn2))), (Names{"lodash 4.17.21"}));
}

TEST(Npm, DeepAndBrokenDocumentsAreRefused) {
    const std::string deep = R"({"dependencies":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    EXPECT_EQ(names_of(read_npm_lock(as_bytes(deep))), Names{});
    EXPECT_EQ(read_npm_lock(as_bytes("{")).gaps, (Names{"is not JSON: not read"}));
}

constexpr std::string_view kGemspec =
    "# -*- encoding: utf-8 -*-\n# stub: rack 2.2.4 ruby lib\n\nGem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"2.2.4\"\n\n"
    "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze) if s.respond_to? :required_rubygems_version=\n"
    "  s.authors = [\"Leah Neukirchen\".freeze]\n  s.licenses = [\"MIT\".freeze]\n  if s.respond_to? :specification_version then\n    "
    "s.specification_version = 4\n  end\nend\n";
constexpr std::string_view kGemfile =
    "GEM\n  remote: https://rubygems.org/\n  specs:\n    actioncable (6.0.0)\n      nio4r (~> 2.0)\n    nokogiri "
    "(1.13.3-x86_64-linux)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n    rails (1.0)\n";

TEST(Ruby, ReadsSpecificationsAndLocks) {
    const PackageList list = read_gemspec(as_bytes(kGemspec));
    ASSERT_EQ(names_of(list), (Names{"rack 2.2.4"}));
    EXPECT_EQ(list.packages[0].license, "MIT");
    EXPECT_EQ(list.packages[0].supplier, "Leah Neukirchen");
    EXPECT_EQ(names_of(read_gemfile_lock(as_bytes(kGemfile))), (Names{"actioncable 6.0.0", "nokogiri 1.13.3"}));
}

constexpr std::string_view kCargo =
    "# This file is automatically @generated by Cargo.\nversion = 3\n\n[[package]]\nname = \"adler\"\nversion = \"1.0.2\"\n"
    "source = \"registry+https://github.com/rust-lang/crates.io-index\"\ndependencies = [\n \"x\",\n]\n\n[[package]]\nname = \"own\"\nversion = "
    "\"0.1.0\"\n";

TEST(Rust, ReadsCargoLock) {
    EXPECT_EQ(names_of(read_cargo_lock(as_bytes(kCargo))), (Names{"adler 1.0.2", "own 0.1.0"}));
}

constexpr std::string_view kPom =
    "#Generated by Maven\r\n#Tue May 05\r\ngroupId=org.apache.logging.log4j\r\nartifactId=log4j-core\r\nversion=2.14.1\r\n";
constexpr std::string_view kManifest =
    "Manifest-Version: 1.0\r\nImplementation-Title: Apache Commons IO\r\nImplementation-Version: 2.\r\n 11.0\r\nImplementation-Vendor: The Apache "
    "Software Foundation\r\n"
    "Bundle-License: https://www.apache.org/licenses/LICENSE-2.0.txt\r\n\r\nName: x\r\nImplementation-Version: 9\r\n";

TEST(Java, ReadsPropertiesAndManifests) {
    EXPECT_EQ(names_of(read_pom_properties(as_bytes(kPom))), (Names{"org.apache.logging.log4j|log4j-core 2.14.1"}));
    const PackageList list =
        read_java_manifest(as_bytes(kManifest), "squashfs@0x0/usr/share/java/commons-io-2.11.0.jar/zip@0x0/META-INF/MANIFEST.MF");
    ASSERT_EQ(names_of(list), (Names{"commons-io 2.11.0"}));
    EXPECT_EQ(list.packages[0].supplier, "The Apache Software Foundation");
    EXPECT_EQ(names_of(read_java_manifest(as_bytes(kManifest), "META-INF/MANIFEST.MF")), (Names{"Apache Commons IO 2.11.0"}));
    EXPECT_EQ(names_of(read_java_manifest(as_bytes("Manifest-Version: 1.0\nImplementation-Version: ${project.version}\n"), "a.jar/x")), Names{});
}

constexpr std::string_view kRockspec =
    "package = \"LuaSocket\"\nversion = \"3.0.0-1\"\nsource = {\n  url = \"git://x\"\n}\ndescription = {\n   license = \"MIT\",\n}\n";

TEST(Lua, ReadsRocks) {
    EXPECT_EQ(names_of(read_rock_manifest(as_bytes("rock_manifest = {\n}\n"), "usr/lib/luarocks/rocks-5.1/luasocket/3.0.0-1/rock_manifest")),
              (Names{"luasocket 3.0.0-1"}));
    const PackageList list = read_rockspec(as_bytes(kRockspec));
    ASSERT_EQ(names_of(list), (Names{"LuaSocket 3.0.0-1"}));
    EXPECT_EQ(list.packages[0].license, "MIT");
}

constexpr std::string_view kPerlLocal =
    "=head2 Tue Jan  4 10:11:12 2022: C<Module> L<JSON::PP|JSON::PP>\n\n=over 4\n\n=item *\n\nC<installed into: "
    "/usr/local/share/perl/5.32.1>\n\n=item *\n\nC<VERSION: 4.07>\n\n=back\n\n"
    "=head2 Wed: C<Module> L<Try::Tiny|Try::Tiny>\n\nC<VERSION: 0.31>\n";
constexpr std::string_view kPerlMeta = R"({"name": "HTTP-Tiny", "version": "0.080", "license": ["perl_5"], "meta-spec": {"version": 2}})";

TEST(Perl, ReadsWhatItsToolsLeave) {
    EXPECT_EQ(names_of(read_perl_local(as_bytes(kPerlLocal))), (Names{"JSON::PP 4.07", "Try::Tiny 0.31"}));
    EXPECT_EQ(names_of(read_perl_packlist({}, "usr/lib/perl5/auto/Foo/Bar/.packlist")), (Names{"Foo::Bar "}));
    EXPECT_EQ(names_of(read_perl_meta(as_bytes(kPerlMeta))), (Names{"HTTP::Tiny 0.080"}));
    EXPECT_EQ(names_of(read_perl_meta(as_bytes(R"({"name": "x", "version": "1"})"))), Names{});
}

constexpr std::string_view kComposer =
    R"({"packages": [{"name": "symfony/yaml", "version": "v5.4.3", "license": ["MIT"]}, {"name": "alone", "version": "dev-main"}], "dev": false})";

TEST(Php, ReadsComposer) {
    const PackageList list = read_composer_installed(as_bytes(kComposer));
    ASSERT_EQ(names_of(list), (Names{"symfony|yaml 5.4.3", "alone dev-main"}));
    EXPECT_EQ(list.packages[0].license, "MIT");
    EXPECT_EQ(names_of(read_composer_installed(as_bytes(R"([{"name": "a/b", "version": "1.0"}])"))), (Names{"a|b 1.0"}));
    EXPECT_EQ(names_of(read_composer_lock(
                  as_bytes(R"({"packages": [{"name": "a/b", "version": "1"}], "packages-dev": [{"name": "c/d", "version": "2"}]})"))),
              (Names{"a|b 1", "c|d 2"}));
}

TEST(Languages, TruncatedAnywhereGiveNoMoreThanThereIs) {
    cut_everywhere(kMetadata, read_python_metadata);
    cut_everywhere(kRequirements, read_python_requirements);
    cut_everywhere(kPipfile, read_pipfile_lock);
    cut_everywhere(kPoetry, read_poetry_lock);
    cut_everywhere(kNpm, read_npm_package);
    cut_everywhere(kLock1, read_npm_lock);
    cut_everywhere(kLock3, read_npm_lock);
    cut_everywhere(kYarn1, read_yarn_lock);
    cut_everywhere(kYarn2, read_yarn_lock);
    cut_everywhere(kGemspec, read_gemspec);
    cut_everywhere(kGemfile, read_gemfile_lock);
    cut_everywhere(kCargo, read_cargo_lock);
    cut_everywhere(kPom, read_pom_properties);
    cut_everywhere(kManifest, [](Bytes content) { return read_java_manifest(content, "x.jar/zip@0x0/META-INF/MANIFEST.MF"); });
    cut_everywhere(kRockspec, read_rockspec);
    cut_everywhere(kPerlLocal, read_perl_local);
    cut_everywhere(kPerlMeta, read_perl_meta);
    cut_everywhere(kComposer, read_composer_installed);
}

}  // namespace
}  // namespace shirushi::sbom
