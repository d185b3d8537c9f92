#include "catalog/catalog.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "catalog/read.hpp"

namespace shirushi::catalog {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view check_text = R"(id = "SHI-NET-001"
level = "error"
title = {en = "t", ja = "題"}
remedy = {en = "r", ja = "直"}
limits = {en = "l", ja = "限"}
[messages.found]
en = "{service} found"
ja = "{service} あり"
[parameters]
programs = ["telnetd"]
)";

constexpr std::string_view requirement_text = R"(id = "mini"
edition = "1"
source = "test"
confidence = "test"
title = {en = "t", ja = "題"}
[[requirements]]
id = "B-1"
group = "B"
verification = "tool"
checks = ["SHI-NET-001"]
title = {en = "t", ja = "題"}
text = {en = "x", ja = "文"}
[[requirements.open_points]]
id = "live-scan"
text = {en = "o", ja = "未"}
settle = {en = "s", ja = "策"}
)";

constexpr std::string_view messages_text = "[messages.pass]\nen = \"ok\"\nja = \"可\"\n";

/// A catalogue folder that a test writes and breaks.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "shirushi-catalog-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary folder");
        root_ = name;
        write("checks/SHI-NET-001.toml", check_text);
        write("requirements/mini.toml", requirement_text);
        write("messages.toml", messages_text);
    }
    ~Folder() { fs::remove_all(root_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, std::string_view text) const {
        fs::create_directories((root_ / "catalogues" / name).parent_path());
        std::ofstream(root_ / "catalogues" / name, std::ios::binary) << text;
    }
    [[nodiscard]] Result<Library> load(Parts parts = Parts::all, const std::vector<std::string>& catalogues = {}) const {
        return catalog::load(root_ / "catalogues", parts, catalogues);
    }
    /// What load() says after one replacement in one file; "loaded" where it does not mind.
    [[nodiscard]] std::string complaint(const std::string& name, std::string_view text, std::string_view from, std::string_view to) const {
        std::string changed(text);
        changed.replace(changed.find(from), from.size(), to);
        write(name, changed);
        const auto result = load();
        write(name, text);
        return result ? "loaded" : result.error().message;
    }

private:
    fs::path root_;
};

TEST(Catalog, LoadsWhatIsConsistent) {
    const Folder folder;
    const auto library = folder.load();
    ASSERT_TRUE(library.has_value()) << library.error().message;
    ASSERT_NE(library->catalogue("mini"), nullptr);
    EXPECT_EQ(library->catalogue("mini")->requirements.at(0).open_points.at(0).settle.ja, "策");
    ASSERT_NE(library->check("SHI-NET-001"), nullptr);
    EXPECT_EQ(library->check("SHI-NET-001")->parameters.at(0).values, std::vector<std::string>{"telnetd"});
    EXPECT_EQ(library->check("SHI-NET-002"), nullptr);
    EXPECT_EQ(library->message("pass")->en, "ok");
    EXPECT_TRUE(library->default_passwords.empty());
    ASSERT_EQ(library->inputs.size(), 2U);
    EXPECT_EQ(library->inputs[0].name, "catalogue mini 1");
}

TEST(Catalog, ListsAloneAreReadWithoutWhatJudges) {
    const Folder folder;
    folder.write("requirements/mini.toml", "broken");
    folder.write("words/default-passwords.toml", "[[entry]]\nuser = \"root\"\npassword = \"x\"\nsource = \"mirai\"\n");
    EXPECT_FALSE(folder.load().has_value());
    const auto library = folder.load(Parts::lists);
    ASSERT_TRUE(library.has_value()) << library.error().message;
    EXPECT_TRUE(library->catalogues.empty());
    EXPECT_TRUE(library->checks.empty());
    EXPECT_EQ(library->default_passwords.size(), 1U);
    EXPECT_EQ(library->message("pass")->en, "ok");
}

TEST(Catalog, SomeCataloguesAreReadWithoutTheOthers) {
    const Folder folder;
    std::string other(requirement_text);
    other.replace(other.find("mini"), 4, "more");
    folder.write("requirements/more.toml", other);
    folder.write("requirements/broken.toml", "broken");
    const auto library = folder.load(Parts::judging, {"more"});
    ASSERT_TRUE(library.has_value()) << library.error().message;
    ASSERT_EQ(library->catalogues.size(), 1U);
    EXPECT_EQ(library->catalogues[0].id, "more");
    EXPECT_NE(library->check("SHI-NET-001"), nullptr);
    EXPECT_FALSE(folder.load(Parts::judging, {"more", "absent"}).has_value()) << "all are read, for whoever says which there are";
}

TEST(Catalog, DigestIsOfTheContent) {
    const Folder folder;
    const auto before = folder.load().value().inputs;
    folder.write("checks/SHI-NET-001.toml", "# a comment\n\n" + std::string(check_text));
    EXPECT_EQ(folder.load().value().inputs, before);
    std::string changed(check_text);
    folder.write("checks/SHI-NET-001.toml", changed.replace(changed.find("telnetd"), 7, "TELNETD"));
    const auto after = folder.load().value().inputs;
    EXPECT_EQ(after[0], before[0]);
    EXPECT_NE(after[1].sha256, before[1].sha256);
}

TEST(Catalog, RefusesWithFileAndLine) {
    const Folder folder;
    const auto check = [&](auto from, auto to) { return folder.complaint("checks/SHI-NET-001.toml", check_text, from, to); };
    const std::string c = "catalogues/checks/SHI-NET-001.toml";
    EXPECT_EQ(check("level", "lebel"), c + ":2: unknown key \"lebel\"; did you mean \"level\"?");
    EXPECT_EQ(check("level = \"error\"", ""), c + ":1: the file lacks \"level\"; add it");
    EXPECT_EQ(check("\"error\"", "\"bad\""), c + ":2: level must be one of \"note\", \"warning\", \"error\"");
    EXPECT_EQ(check("ja = \"題\"", "ja = \"\""), c + ":3: title has no Japanese text; write it after ja =");
    EXPECT_EQ(check(", ja = \"題\"", ""), c + ":3: title lacks \"ja\"; add it");
    EXPECT_EQ(check("en = \"r\"", "en = 5"), c + ":4: en must be text in quotes");
    EXPECT_EQ(check("{service} あり", "あり"), c + ":6: message \"found\" has other {places} in ja than in en; make them the same");
    EXPECT_EQ(check("SHI-NET-001", "SHI-net-1"), c + ":1: a check's id is written as \"SHI-NET-001\"");
    EXPECT_EQ(check("SHI-NET-001", "SHI-NET-002"), c + ":1: id \"SHI-NET-002\" is not the file's name; rename one of them");
    EXPECT_TRUE(check("[messages.found]", "[messages.found").starts_with(c + ":6: not TOML: "));
    const auto requirement = [&](auto from, auto to) { return folder.complaint("requirements/mini.toml", requirement_text, from, to); };
    const std::string r = "catalogues/requirements/mini.toml";
    EXPECT_EQ(requirement("SHI-NET-001", "SHI-NET-009"),
              r + ":10: B-1 lists check SHI-NET-009, which does not exist; write checks/SHI-NET-009.toml or remove it");
    EXPECT_EQ(requirement("checks = [\"SHI-NET-001\"]", ""), c + ":1: no requirement lists SHI-NET-001; add it to one in requirements/ or remove the file");
    EXPECT_EQ(requirement("\"tool\"", "\"magic\""), r + ":9: verification must be \"tool\" or \"process\"");
    EXPECT_EQ(requirement("group = \"B\"", "group = \"B\"\nonly_with = \"wi-fi\""), r + ":9: \"wi-fi\" is no interface that product.toml declares");
    EXPECT_EQ(requirement("[\"SHI-NET-001\"]", "[\"SHI-NET-001\", \"SHI-NET-001\"]"), r + ":10: SHI-NET-001 stands twice in B-1; remove one");
}

TEST(Catalog, RefusesWhatARequirementCannotSay) {
    const auto with = [](std::string_view lines) {
        std::string text(requirement_text);
        const auto at = text.find("checks =");
        const auto result = read_catalogue(text.replace(at, 0, std::string(lines) + "\n"), "f");
        return result ? "read" : result.error().message;
    };
    EXPECT_EQ(with("declarations = [\"support_until\", \"contact\"]"), "read");
    EXPECT_EQ(with("declarations = [\"observations\"]"), "f:10: \"observations\" is nothing that product.toml states; see docs/formats/product.md");
    EXPECT_EQ(with("obligation = \"perhaps\""), "f:10: obligation must be one of \"required\", \"recommended\"");
    EXPECT_EQ(with("unconfirmed = [\"title\", \"title\"]"), "f:10: title stands twice in B-1; remove one");
    EXPECT_EQ(with("assessments = [\"guessing\"]"),
              "f:10: assessments must be one of \"conceptual\", \"functional\", \"functional_completeness\", \"functional_sufficiency\", \"documentation\", \"device\"");
    EXPECT_EQ(with("ixit = [\"7-UpdMech\"]"), "f:10: \"7-UpdMech\" is none of the file's [[ixit]]; add it there");
    EXPECT_EQ(with("applies_when = {en = \"x\"}"), "f:10: applies_when lacks \"ja\"; add it");
    const auto changed = [](std::string_view from, std::string_view to) {
        std::string text(requirement_text);
        const auto result = read_catalogue(text.replace(text.find(from), from.size(), to), "f");
        return result ? "read" : result.error().message;
    };
    const std::string groups = "[[groups]]\nid = \"B\"\ntitle = {en = \"b\", ja = \"乙\"}\n";
    EXPECT_EQ(changed("[[requirements]]", groups + "[[requirements]]"), "read");
    EXPECT_EQ(changed("[[requirements]]", groups + groups + "[[requirements]]"), "f:9: B stands twice in groups; rename or remove one");
    EXPECT_EQ(changed("[[requirements]]\nid = \"B-1\"\ngroup = \"B\"", groups + "[[requirements]]\nid = \"B-1\"\ngroup = \"C\""),
              "f:11: \"C\" is none of the file's [[groups]]; add it there");
}

TEST(Catalog, AReferenceListIsNeverJudged) {
    constexpr std::string_view list = "id = \"list\"\nedition = \"1\"\nsource = \"s\"\nconfidence = \"c\"\nkind = \"reference\"\ntitle = {en = \"t\", ja = \"題\"}\n"
                                      "[[requirements]]\nid = \"X-1\"\ngroup = \"\"\ntitle = {en = \"t\", ja = \"題\"}\ntext = {en = \"x\", ja = \"文\"}\n";
    const auto read = read_catalogue(list, "f");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->kind, CatalogueKind::reference);
    for (const auto& [key, value] : {std::pair("checks", "[\"SHI-NET-001\"]"), std::pair("verification", "\"tool\""), std::pair("declarations", "[\"contact\"]")})
        EXPECT_EQ(read_catalogue(fmt::format("{}{} = {}\n", list, key, value), "f").error().message,
                  fmt::format("f:12: a reference list is never judged; remove {}, or kind = \"reference\"", key));
}

TEST(Catalog, RefusesTheSameIdTwice) {
    const Folder folder;
    std::string twice(requirement_text);
    twice += "[[requirements]]\n" + std::string(requirement_text.substr(requirement_text.find("id = \"B-1\"")));
    EXPECT_EQ(folder.complaint("requirements/mini.toml", twice, "source", "source"),
              "catalogues/requirements/mini.toml:17: requirement B-1 stands twice; rename or remove one");
    folder.write("requirements/mini.toml", requirement_text);
    folder.write("requirements/other.toml", requirement_text);
    EXPECT_EQ(folder.load().error().message, "catalogues/requirements/other.toml:1: id \"mini\" is already taken by catalogues/requirements/mini.toml; choose another");
}

TEST(Catalog, ListsAreOptionalButStrict) {
    const Folder folder;
    folder.write("words/default-passwords.toml", "[[entry]]\nuser = \"root\"\npassword = \"\"\nsource = \"s\"\n[[entry]]\npassword = \"1234\"\n");
    folder.write("components.toml", "[[component]]\nproduct = \"openssl\"\ncpe = [\"openssl:openssl\"]\nversion_scheme = \"openssl\"\n");
    folder.write("identifiers.toml", "[[identifier]]\nproduct = \"busybox\"\npattern = 'BusyBox v(\\d+)'\n");
    const auto library = folder.load();
    ASSERT_TRUE(library.has_value()) << library.error().message;
    EXPECT_EQ(library->default_passwords.size(), 2U);
    EXPECT_EQ(library->components.at(0).version_scheme, "openssl");
    EXPECT_EQ(library->identifiers.identifier.at(0).pattern, "BusyBox v(\\d+)");
    EXPECT_EQ(library->inputs.size(), 5U);
    const std::string identifier = "[[identifier]]\nproduct = \"x\"\npattern = 'x (\\d+)'\n";
    const auto read = read_identifiers(identifier + "cpe = [\"v:x\"]\npurl = \"pkg:generic/x\"\nconfidence = 70\n", "f");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->identifier.at(0).cpe, std::vector<std::string>{"v:x"});
    EXPECT_EQ(read->identifier.at(0).purl, "pkg:generic/x");
    EXPECT_EQ(read->identifier.at(0).confidence, 70U);
    EXPECT_EQ(read_identifiers(identifier + "confidence = 101\n", "f").error().message, "f:1: a confidence of 101 per cent; at most 100");
    EXPECT_EQ(read_identifiers(identifier + "purl = \"x\"\n", "f").error().message, "f:1: \"x\" is not a package-url; it starts with \"pkg:\"");
    EXPECT_EQ(read_identifiers(identifier + "cpe = [\"x\"]\n", "f").error().message, "f:1: \"x\" is not \"vendor:product\"");
    folder.write("components.toml", "[[component]]\nproduct = \"openssl\"\ncpe = [\"openssl\"]\n");
    EXPECT_EQ(folder.load().error().message, "catalogues/components.toml:1: \"openssl\" is not \"vendor:product\"");
}

TEST(Catalog, TheCrosswalkNamesWhatExists) {
    const Folder folder;
    std::string other(requirement_text);
    other.replace(other.find("mini"), 4, "other");
    folder.write("requirements/other.toml", other);
    constexpr std::string_view crosswalk = "remark = {en = \"ours\", ja = \"当方\"}\n[[mapping]]\nfrom = \"mini\"\nto = \"other\"\npairs = [\n"
                                           "    {from = \"B-1\", to = \"B-1\", reach = \"full\"},\n]\n";
    folder.write("crosswalk.toml", crosswalk);
    const auto library = folder.load();
    ASSERT_TRUE(library.has_value()) << library.error().message;
    EXPECT_EQ(library->crosswalk.mapping.at(0).pairs.at(0).reach, Reach::full);
    const auto complaint = [&](auto from, auto to) { return folder.complaint("crosswalk.toml", crosswalk, from, to); };
    const std::string c = "catalogues/crosswalk.toml";
    EXPECT_EQ(complaint("to = \"B-1\"", "to = \"B-9\""), c + ":6: catalogue other has no requirement \"B-9\"; correct or remove the pair");
    EXPECT_EQ(complaint("from = \"B-1\"", "from = \"B-9\""), c + ":6: catalogue mini has no requirement \"B-9\"; correct or remove the pair");
    EXPECT_EQ(complaint("\"other\"", "\"gone\""), c + ":4: there is no catalogue \"gone\"; write requirements/gone.toml or remove the mapping");
    EXPECT_EQ(complaint("\"other\"", "\"mini\""), c + ":2: mini is mapped to itself; remove the mapping");
    EXPECT_EQ(complaint("\"full\"", "\"none\""), c + ":6: B-1 does not reach B-1; leave the pair out");
    EXPECT_EQ(complaint("},\n]", "},\n    {from = \"B-1\", to = \"B-1\", reach = \"partial\"},\n]"), c + ":7: the pair B-1 -> B-1 stands twice; remove one");
}

TEST(Catalog, AFieldsThreatAnalysisHasNoGaps) {
    const Folder folder;
    std::string field(requirement_text);
    field.replace(field.find("mini"), 4, "field");
    field += R"([profile]
level = 2
field = "smart-home"
builds_on = ["mini"]
[[profile.threats]]
id = "T-1"
asset = {en = "a", ja = "資"}
threat = {en = "t", ja = "脅"}
measures = ["B-1", "mini/B-1"]
verification = {en = "v", ja = "検"}
)";
    folder.write("requirements/field.toml", field);
    const auto library = folder.load();
    ASSERT_TRUE(library.has_value()) << library.error().message;
    EXPECT_EQ(library->catalogue("field")->profile->threats.at(0).measures.at(1), "mini/B-1");
    const auto alone = folder.load(Parts::judging, {"field"});
    ASSERT_TRUE(alone.has_value()) << alone.error().message;
    EXPECT_EQ(alone->catalogues.size(), 2U) << "with what it builds on";
    const auto complaint = [&](auto from, auto to) { return folder.complaint("requirements/field.toml", field, from, to); };
    const std::string c = "catalogues/requirements/field.toml";
    EXPECT_EQ(complaint("level = 2", "level = 1"), c + ":18: level must be 2 (a product field's) or 3 (one product's)");
    EXPECT_EQ(complaint("\"smart-home\"", "\"Smart Home\""), c + ":19: a field is made of small letters, digits and -");
    EXPECT_EQ(complaint("[\"mini\"]", "[\"gone\"]"), c + ":20: there is no catalogue \"gone\" to judge by; name one of requirements/");
    EXPECT_EQ(complaint("[\"B-1\", \"mini/B-1\"]", "[]"), c + ":21: nothing stands against T-1; name requirements in measures");
    EXPECT_EQ(complaint("\"B-1\", \"mini/B-1\"", "\"B-9\""), c + ":25: the catalogue has no requirement \"B-9\"; another catalogue's is written \"ccds-27/D-1\"");
    EXPECT_EQ(complaint("\"mini/B-1\"", "\"mini/B-9\""),
              c + ":25: no catalogue that this one builds on has the requirement mini/B-9; name another, or add the catalogue to builds_on");
    EXPECT_EQ(complaint("\"B-1\", ", ""), c + ":6: B-1 stands against no threat; name it in one's measures, or remove it");
    EXPECT_TRUE(complaint("\"T-1\"", "\"\"").starts_with(c + ":21: \"\" is no id of a threat")) << complaint("\"T-1\"", "\"\"");
    for (std::size_t length = 0; length <= field.size(); ++length)
        if (const auto result = read_catalogue(std::string_view(field).substr(0, length), "f"); !result) {
            EXPECT_TRUE(result.error().message.starts_with("f")) << length;
        }
}

TEST(Catalog, RefusesWhatIsTooBigOrNotText) {
    const Folder folder;
    folder.write("messages.toml", std::string((4U << 20U) + 1, '#'));
    EXPECT_EQ(folder.load().error().code, Errc::limit);
    folder.write("messages.toml", "# \xff\n");
    EXPECT_EQ(folder.load().error().message, "catalogues/messages.toml: not UTF-8 text; save it as UTF-8");
    EXPECT_EQ(load("/nowhere/at/all").error().code, Errc::not_found);
}

TEST(Catalog, DeepKeysAreRefusedBeforeTheyCost) {
    std::string deep = "# a comment's \"quote\nx = '''\na.b'''\ny = 1";
    deep += "\na";
    for (int i = 0; i < 200000; ++i)
        deep += " .a";
    EXPECT_EQ(read_catalogue(deep + " = 1\n", "f").error().message, "f:5: a key of more than 32 parts; nothing here nests that deep");
    EXPECT_FALSE(read_catalogue("x = " + std::string(100000, '['), "f").has_value());
}

TEST(Catalog, EveryTruncationIsAnswered) {
    const auto fine = [](const auto& result) { return result || result.error().message.starts_with("f:"); };
    for (std::size_t length = 0; length < requirement_text.size(); ++length)
        EXPECT_TRUE(fine(read_catalogue(requirement_text.substr(0, length), "f"))) << length;
    for (std::size_t length = 0; length < check_text.size(); ++length)
        EXPECT_TRUE(fine(read_check(check_text.substr(0, length), "f"))) << length;
}

TEST(Places, AreFoundAndFilled) {
    EXPECT_EQ(places("{b} and {a}, {b}; {not one} {}"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(filled("{a}-{b}-{c", {{"a", "{b}"}, {"b", "2"}}), "{b}-2-{c") << "an argument is never read as a place";
}

}  // namespace
}  // namespace shirushi::catalog
