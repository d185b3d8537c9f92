// Parity: checks.list <-> catalogues/checks <-> testdata <-> requirements. A new check needs no test code of its own.
#include "check/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "catalog/catalog.hpp"
#include "check/cases.hpp"

namespace shirushi::check {

/// CTest names a case by this.
void PrintTo(const Check* check, std::ostream* out) { *out << check->id; }

namespace {

namespace fs = std::filesystem;

/// The house whose catalogues and cases are held against the checks: another one where a test of the tests says so.
fs::path house() {
    const char* other = std::getenv("SHIRUSHI_CHECK_ROOT");
    return other == nullptr ? SHIRUSHI_SOURCE_DIR : other;
}

fs::path testdata() { return house() / "src/lab/check/testdata"; }

const catalog::Library& library() {
    static const catalog::Library loaded = [] {
        auto result = catalog::load(house() / "catalogues");
        if (!result)
            throw std::runtime_error(result.error().message);
        return std::move(*result);
    }();
    return loaded;
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<CheckCase> cases_of(std::string_view id) {
    const fs::path path = testdata() / (std::string(id) + ".json");
    if (!fs::exists(path))
        throw std::runtime_error("no testdata/" + std::string(id) + ".json");
    return read_cases(text_of(path));
}

std::vector<std::string> keys_of(const std::vector<Finding>& findings) {
    std::vector<std::string> keys;
    for (const Finding& finding : findings)
        keys.push_back(finding.message_key);
    return keys;
}

class EveryCheck : public testing::TestWithParam<const Check*> {
protected:
    [[nodiscard]] const Check& check() const { return *GetParam(); }
    /// Its text; an empty one where there is none (HasItsText says so).
    [[nodiscard]] const CheckText& text() const {
        static const CheckText none;
        const CheckText* found = library().check(check().id);
        return found == nullptr ? none : *found;
    }
};

TEST_P(EveryCheck, HasItsText) {
    EXPECT_NE(library().check(check().id), nullptr) << "write catalogues/checks/" << check().id << ".toml";
    EXPECT_GE(check().revision, 1);
}

TEST_P(EveryCheck, DecidesItsCases) {
    std::set<Kind> kinds;
    for (const CheckCase& one : cases_of(check().id)) {
        const auto findings = run(check(), one.facts, text());
        ASSERT_FALSE(findings.empty()) << one.name;
        EXPECT_EQ(name_of(findings.front().kind), name_of(one.expect)) << one.name;
        EXPECT_EQ(keys_of(findings), one.keys) << one.name;
        EXPECT_EQ(run(check(), one.facts, text()), findings) << one.name;
        kinds.insert(one.expect);
    }
    EXPECT_TRUE(kinds.contains(Kind::pass)) << "add a case that passes";
    EXPECT_TRUE(kinds.contains(Kind::open)) << "add a case that is open";
    EXPECT_TRUE(kinds.contains(Kind::fail) || kinds.contains(Kind::review)) << "add a case that fails";
}

TEST_P(EveryCheck, SaysWhatItsTextKnows) {
    std::set<std::string> said;
    for (const CheckCase& one : cases_of(check().id))
        for (const Finding& finding : run(check(), one.facts, text())) {
            said.insert(finding.message_key);
            const auto own = std::ranges::find(text().messages, finding.message_key, &MessageText::key);
            const Text* sentence = own == text().messages.end() ? library().message(finding.message_key) : &own->text;
            ASSERT_NE(sentence, nullptr) << finding.message_key << " stands in no text";
            for (const std::string& place : catalog::places(sentence->en))
                EXPECT_TRUE(place == "title" || std::ranges::count(finding.arguments, place, &Argument::name) == 1)
                    << finding.message_key << " has nothing to put at {" << place << "}";
        }
    for (const MessageText& message : text().messages)
        EXPECT_TRUE(said.contains(message.key)) << "no case makes the check say " << message.key;
}

TEST_P(EveryCheck, AsksForTheParametersItsTextHas) {
    std::set<std::string> asked;
    for (const CheckCase& one : cases_of(check().id)) {
        if (std::ranges::any_of(check().tables(one.facts), [](const TableState& table) { return !table.observed; }))
            continue;
        Report report(text());
        check().judge(one.facts, report);
        asked.insert(report.asked().begin(), report.asked().end());
        EXPECT_EQ(report.lacking(), "") << one.name;
    }
    std::set<std::string> held;
    for (const Parameter& parameter : text().parameters)
        held.insert(parameter.name);
    EXPECT_EQ(asked, held);
}

TEST_P(EveryCheck, IsOpenWhereNobodyLooked) {
    for (const Finding& finding : run(check(), Facts{}, text()))
        EXPECT_EQ(finding.kind, Kind::open);
}

INSTANTIATE_TEST_SUITE_P(List, EveryCheck, testing::ValuesIn(all_checks().begin(), all_checks().end()), [](const auto& parameter) {
    std::string name(parameter.param->id);
    std::ranges::replace(name, '-', '_');
    return name;
});

TEST(Parity, EveryTextAndEveryCaseFileHasItsCheck) {
    std::set<std::string_view> ids;
    for (const Check* check : all_checks())
        EXPECT_TRUE(ids.insert(check->id).second) << check->id << " stands twice in checks.list";
    for (const CheckText& text : library().checks)
        EXPECT_TRUE(ids.contains(text.id)) << text.id << " has a text but no line in checks.list";
    for (const auto& file : fs::directory_iterator(testdata()))
        EXPECT_TRUE(ids.contains(file.path().stem().string())) << file.path();
}

TEST(Parity, EveryRequirementIsReached) {
    for (const Catalogue& catalogue : library().catalogues)
        for (const Requirement& requirement : catalogue.requirements)
            EXPECT_EQ(catalogue.kind == CatalogueKind::reference, requirement.checks.empty() && requirement.open_points.empty())
                << catalogue.id << " " << requirement.id;
}

constexpr Check twice = check_reading<&Facts::services, &Facts::accounts>(
    "SHI-TST-001", 1, [](const std::vector<Service>& services, const std::vector<Account>&, Report& out) {
        for (const Service& service : services) {
            const auto said = [&] { return Said{.key = "k", .names = {{"service", service.name}}, .figures = {{"n", service.command}}, .evidence = {}}; };
            service.authenticates ? out.review(said()) : out.fail(Level::error, said());
        }
    });

Facts facts_with(std::vector<Service> services) {
    Facts facts;
    facts.services = {.observed = true, .gaps = {}, .rows = std::move(services)};
    facts.accounts.observed = true;
    return facts;
}

TEST(Runner, NamesEachTableThatWasNotObserved) {
    const auto findings = run(twice, Facts{}, {});
    ASSERT_EQ(findings.size(), 2U);
    std::set<std::string> tables{findings[0].arguments.at(0).value, findings[1].arguments.at(0).value};
    EXPECT_EQ(tables, (std::set<std::string>{"accounts", "services"}));
}

TEST(Runner, GapsOpenOnlyWhatDoesNotFailAnyway) {
    Facts facts = facts_with({});
    facts.accounts.gaps = {"b", "a", "b"};
    auto findings = run(twice, facts, {});
    ASSERT_EQ(keys_of(findings), std::vector<std::string>{"gaps"});
    EXPECT_EQ(findings[0].arguments, (std::vector<Argument>{{"count", "2"}}));
    EXPECT_EQ(findings[0].evidence.at(0).path, "a");
    facts.services.rows = {{.name = "x", .authenticates = true}};
    EXPECT_EQ(keys_of(run(twice, facts, {})), (std::vector<std::string>{"gaps", "k"}));
    facts.services.rows = {{.name = "x", .authenticates = false}};
    EXPECT_EQ(keys_of(run(twice, facts, {})), std::vector<std::string>{"k"});
}

TEST(Runner, SortsFailuresFirstAndTellsTwinsApart) {
    const auto findings = run(twice, facts_with({{.name = "b"}, {.name = "a", .authenticates = false}, {.name = "b"}, {.name = "b"}}), {});
    ASSERT_EQ(findings.size(), 4U);
    EXPECT_EQ(findings[0].kind, Kind::fail);
    EXPECT_EQ(findings[0].level, Level::error);
    std::set<std::string> fingerprints;
    for (const Finding& finding : findings) {
        EXPECT_EQ(finding.fingerprint.size(), 32U);
        fingerprints.insert(finding.fingerprint);
    }
    EXPECT_EQ(fingerprints.size(), 4U);
}

TEST(Runner, AMissingParameterOpensTheCheck) {
    const auto findings = run(*find("SHI-NET-001"), facts_with({{.name = "telnetd", .program_present = true}}), CheckText{.id = "SHI-NET-001"});
    ASSERT_EQ(keys_of(findings), std::vector<std::string>{"no_parameter"});
    EXPECT_EQ(findings[0].kind, Kind::open);
    EXPECT_EQ(findings[0].arguments.at(0).value, "programs");
}

TEST(Advisories, ProductsBehindAnInterfaceAreComponentsThatExist) {
    const std::string known = text_of(fs::path(SHIRUSHI_SOURCE_DIR) / "catalogues/components.toml") +
                              text_of(fs::path(SHIRUSHI_SOURCE_DIR) / "catalogues/identifiers.toml");
    std::vector<std::vector<std::string>> lists;
    for (const char* id : {"SHI-VUL-004", "SHI-VUL-005"}) {
        const auto& parameters = library().check(id)->parameters;
        const auto at = std::ranges::find(parameters, "products", &Parameter::name);
        ASSERT_NE(at, parameters.end()) << id;
        lists.push_back(at->values);
        for (const std::string& product : at->values)
            EXPECT_TRUE(known.find("product = \"" + product + "\"") != std::string::npos ||
                        known.find("product = '" + product + "'") != std::string::npos)
                << id << " lists " << product << ", which nothing is ever called";
    }
    EXPECT_EQ(lists[0], lists[1]) << "what SHI-VUL-004 leaves undecided is for SHI-VUL-005";
}

TEST(Advisories, OneMoreOfThemIsNotAnotherFinding) {
    Facts facts;
    facts.components = {.observed = true, .gaps = {}, .rows = {{.id = "p@1", .product = "p", .version = "1"}}};
    facts.advisory_matches.observed = true;
    std::set<std::string> keys;
    std::set<std::string> fingerprints;
    for (std::size_t i = 0; i < 12; ++i) {
        facts.advisory_matches.rows.push_back({.advisory = "CVE-2020-" + std::to_string(i), .component = "p@1"});
        const Finding found = run(*find("SHI-VUL-002"), facts, *library().check("SHI-VUL-002")).at(0);
        keys.insert(found.message_key);
        fingerprints.insert(found.fingerprint);
        const auto list = std::ranges::find(found.arguments, "advisories", &Argument::name)->value;
        EXPECT_EQ(list.find("..."), i < 5 ? std::string::npos : list.size() - 3) << list;
    }
    EXPECT_EQ(keys, (std::set<std::string>{"affected_many_unscored", "affected_one_unscored"}));
    EXPECT_EQ(fingerprints.size(), 1U);
}

TEST(Fingerprint, KeepsFromOneFirmwareVersionToTheNext) {
    const auto of = [](const char* path) { return fingerprint_of("SHI-PRM-001", "set_uid", {{"file", path}}); };
    EXPECT_EQ(of("squashfs@0x120000/bin/su"), of("squashfs@0x12f000/bin/su"));
    EXPECT_NE(of("squashfs@0x120000/bin/su"), of("squashfs@0x120000/bin/ping"));
    EXPECT_NE(fingerprint_of("a", "bc", {}), fingerprint_of("ab", "c", {}));
    const auto figures = [](const char* command) { return run(twice, facts_with({{.name = "a", .command = command}}), {}).at(0).fingerprint; };
    EXPECT_EQ(figures("telnetd -p 1"), figures("telnetd -p 2")) << "figures may change";
    // Reference: FNV-1a 128 of "a\0b\0", computed by an independent implementation.
    EXPECT_EQ(fingerprint_of("a", "b", {}), "6971299cb6757277b806e976f537e9be");
}

}  // namespace
}  // namespace shirushi::check
