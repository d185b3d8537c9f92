#include "report/texts.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "catalog/coverage.hpp"
#include "catalog/crosswalk.hpp"
#include "model/assessment.hpp"
#include "report/asset.hpp"

namespace shirushi::report {
namespace {

template <class Enum>
void add_family(std::set<std::string>& keys, std::string_view family) {
    for (const std::string_view name : EnumNames<Enum>::list)
        keys.insert(std::string(family).append(".").append(name));
}

/// Keys made from enumerations: Texts::word.
std::set<std::string> keys_of_enumerations() {
    std::set<std::string> keys;
    add_family<VerdictKind>(keys, "verdict");
    add_family<VerdictKind>(keys, "verdict_meaning");
    add_family<VerdictKind>(keys, "overall");
    add_family<Level>(keys, "level");
    add_family<Kind>(keys, "kind");
    add_family<Method>(keys, "method");
    add_family<RegionKind>(keys, "region");
    add_family<RegionGuess>(keys, "guess");
    add_family<GuessConfidence>(keys, "confidence");
    add_family<ComponentSource>(keys, "component_source");
    add_family<MatchState>(keys, "match");
    add_family<Priority>(keys, "priority");
    add_family<StatementUse>(keys, "vex");
    keys.erase("vex.applied");  // said by what the statement comes to: suppressed or heard
    add_family<VexStatus>(keys, "vex");
    for (const char* outcome : {"suppressed", "confirmed", "in_triage"})  // vex::Outcome, whose room this one does not know
        keys.insert(std::string("vex.") + outcome);
    add_family<StartedBy>(keys, "started_by");
    add_family<PasswordState>(keys, "password");
    add_family<SecretKind>(keys, "secret");
    add_family<PermissionKind>(keys, "permission");
    add_family<Answer>(keys, "answer");
    add_family<AssessmentCase>(keys, "assessment_case");
    add_family<Obligation>(keys, "obligation");
    add_family<Reach>(keys, "scope");
    add_family<Recovery>(keys, "recovery");
    add_family<Impact>(keys, "impact");
    add_family<Viewpoint>(keys, "viewpoint");
    add_family<Likelihood>(keys, "likelihood");
    add_family<Unconfirmed>(keys, "unconfirmed");
    add_family<catalog::Reach>(keys, "reach");
    add_family<catalog::Settling>(keys, "settling");
    add_family<catalog::Settling>(keys, "settling_meaning");
    return keys;
}

std::set<std::string> keys_of_templates() {
    std::set<std::string> keys;
    for (const Asset& file : assets())
        for (auto at = file.bytes.find("{{#t}}"); at != file.bytes.npos; at = file.bytes.find("{{#t}}", at + 1)) {
            const auto begin = at + 6;
            keys.emplace(file.bytes.substr(begin, file.bytes.find("{{/t}}", begin) - begin));
        }
    return keys;
}

/// Every file of the room, and of the program that shares its texts, as one text.
std::string room_source() {
    std::ostringstream text;
    for (const char* folder : {"/src/lab/report", "/src/app"})
        for (const auto& entry : std::filesystem::directory_iterator(std::string(SHIRUSHI_SOURCE_DIR) + folder))
            if (entry.path().extension() == ".cpp" && !entry.path().stem().string().ends_with("_test"))
                text << std::ifstream(entry.path()).rdbuf();
    return text.str();
}

TEST(Texts, BothLanguagesHaveEveryKey) {
    const Texts texts = Texts::embedded();
    EXPECT_GT(texts.all().size(), 150U);
    for (const auto& [key, text] : texts.all()) {
        EXPECT_FALSE(text.en.empty()) << key << " is missing in en.toml";
        EXPECT_FALSE(text.ja.empty()) << key << " is missing in ja.toml";
    }
}

TEST(Texts, EveryKeyThatIsUsedExists) {
    const Texts texts = Texts::embedded();
    for (const auto& keys : {keys_of_enumerations(), keys_of_templates()})
        for (const std::string& key : keys)
            EXPECT_TRUE(texts.all().contains(key)) << key;
    const std::string source = room_source();
    for (const std::string_view call : {"texts.of(\"", "lines.text(\"", "lines.heading(\""})
        for (auto at = source.find(call); at != source.npos; at = source.find(call, at + 1)) {
            const auto begin = at + call.size();
            EXPECT_TRUE(texts.all().contains(source.substr(begin, source.find('"', begin) - begin))) << source.substr(at, 60);
        }
}

TEST(Texts, EveryKeyThatExistsIsUsed) {
    const auto enumerations = keys_of_enumerations();
    const auto templates = keys_of_templates();
    const std::string source = room_source();
    const Texts texts = Texts::embedded();
    for (const auto& [key, text] : texts.all()) {
        const bool table = key.starts_with("table.") && source.find("look(\"" + key.substr(6) + "\"") != source.npos;
        // The program's questions and headings are asked for by what follows the section's name.
        const bool asked = (key.starts_with("init.") || key.starts_with("explain.") || key.starts_with("help.")) &&
                           source.find('"' + key.substr(key.find('.') + 1) + '"') != source.npos;
        EXPECT_TRUE(table || asked || enumerations.contains(key) || templates.contains(key) || source.find('"' + key + '"') != source.npos) << key;
    }
}

TEST(Texts, PlacesForNumbersAgree) {
    const auto places = [](std::string_view text) {
        std::size_t found = 0;
        for (auto at = text.find("{}"); at != text.npos; at = text.find("{}", at + 2))
            ++found;
        return found;
    };
    const Texts texts = Texts::embedded();
    for (const auto& [key, text] : texts.all())
        EXPECT_EQ(places(text.en), places(text.ja)) << key;
}

TEST(Texts, AnUnknownKeyIsVisible) {
    EXPECT_EQ(Texts::embedded().of("no.such").ja, "[no.such]");
}

}  // namespace
}  // namespace shirushi::report
