// What holds of the catalogues that come with the program, and of comparing and counting them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "catalog/catalog.hpp"
#include "catalog/coverage.hpp"

namespace shirushi::catalog {
namespace {

const Library& library() {
    static const Library loaded = [] {
        auto result = load(std::filesystem::path(SHIRUSHI_SOURCE_DIR) / "catalogues");
        if (!result)
            throw std::runtime_error(result.error().message);
        return std::move(*result);
    }();
    return loaded;
}

const Requirement& requirement(std::string_view catalogue, std::string_view id) {
    return *std::ranges::find(library().catalogue(catalogue)->requirements, id, &Requirement::id);
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Both languages, each in its own script.
void expect_bilingual(const Text& text, const std::string& where) {
    EXPECT_FALSE(text.en.empty() || text.ja.empty()) << where;
    EXPECT_NE(text.en, text.ja) << where;
    EXPECT_TRUE(is_ascii(text.en)) << where << ": " << text.en;
    EXPECT_FALSE(is_ascii(text.ja)) << where << ": " << text.ja;
}

void expect_sound(const Catalogue& catalogue, const Requirement& each) {
    const std::string where = catalogue.id + " " + each.id;
    expect_bilingual(each.title, where);
    expect_bilingual(each.text, where);
    EXPECT_NE(each.title.ja, each.text.ja) << where;
    if (each.applies_when)
        expect_bilingual(*each.applies_when, where);
    for (const OpenPoint& point : each.open_points) {
        expect_bilingual(point.text, where);
        expect_bilingual(point.settle, where);
    }
    for (const std::string& check : each.checks)
        EXPECT_NE(library().check(check), nullptr) << where << " " << check;
}

TEST(ShippedCatalogues, AreWholeAndBilingual) {
    EXPECT_EQ(library().catalogues.size(), 26U);
    for (const Catalogue& catalogue : library().catalogues) {
        expect_bilingual(catalogue.title, catalogue.id);
        EXPECT_FALSE(catalogue.edition.empty() || catalogue.source.empty() || catalogue.confidence.empty()) << catalogue.id;
        std::set<std::string_view> ids;
        for (const Requirement& each : catalogue.requirements) {
            expect_sound(catalogue, each);
            EXPECT_TRUE(ids.insert(each.id).second) << catalogue.id << " " << each.id;
        }
    }
}

/// How many requirements the sources have.
TEST(ShippedCatalogues, HaveTheirSourcesNumbers) {
    const std::pair<std::string_view, std::size_t> numbers[] = {{"ccds-27", 27},       {"ccds-2019", 11},        {"ccds-2021", 16},     {"jcstar-1", 16},
                                                                {"jp-mic-34-10", 4},   {"etsi-en-303-645", 78},  {"en-18031", 48},      {"eu-cra", 31},
                                                                {"nistir-8259a", 28},  {"nist-8425", 10},        {"nist-ssdf", 42},     {"iec-62443-4-1", 47},
                                                                {"iec-62443-4-2", 92}, {"singapore-cls", 4},     {"csde-c2", 13},       {"psa-10", 10},
                                                                {"ul-2900", 16},       {"uk-psti", 4},           {"eucc", 27},          {"bsa-12", 12},
                                                                {"nis-nis2", 14},      {"cpsf", 29},             {"us-cyber-trust-mark", 4},
                                                                {"level2-smart-home", 4}, {"level2-iot-gateway", 4}, {"level2-payment-terminal", 4}};
    for (const auto& [id, number] : numbers) {
        ASSERT_NE(library().catalogue(id), nullptr) << id;
        EXPECT_EQ(library().catalogue(id)->requirements.size(), number) << id;
    }
    const auto& provisions = library().catalogue("etsi-en-303-645")->requirements;
    EXPECT_EQ(std::ranges::count(provisions, Obligation::required, &Requirement::obligation), 36);
    EXPECT_EQ(library().catalogue("etsi-en-303-645")->ixit.size(), 29U);
}

TEST(ShippedCatalogues, SayWhatIsUnconfirmed) {
    EXPECT_EQ(requirement("jcstar-1", "S1.1-07").unconfirmed, (std::vector{Unconfirmed::title, Unconfirmed::text}));
    EXPECT_TRUE(requirement("jcstar-1", "S1.1-03").unconfirmed.empty());
    EXPECT_EQ(requirement("etsi-en-303-645", "5.6-4B").unconfirmed, std::vector{Unconfirmed::obligation});
    EXPECT_FALSE(requirement("iec-62443-4-2", "CR-1.1").unconfirmed.empty());
}

/// Evidence that satisfies a requirement fully must be asked for: its checks and its open points stand in the one it reaches.
TEST(ShippedCatalogues, FullPairsCarryChecksAndOpenPoints) {
    std::size_t full = 0;
    for (const CrosswalkMapping& mapping : library().crosswalk.mapping)
        for (const CrosswalkPair& pair : mapping.pairs) {
            if (pair.reach != Reach::full)
                continue;
            ++full;
            const Requirement& from = requirement(mapping.from, pair.from);
            const Requirement& to = requirement(mapping.to, pair.to);
            const std::string where = pair.from + " -> " + mapping.to + " " + pair.to;
            for (const std::string& check : from.checks)
                EXPECT_NE(std::ranges::find(to.checks, check), to.checks.end()) << where << " " << check;
            for (const OpenPoint& point : from.open_points)
                EXPECT_NE(std::ranges::find(to.open_points, point.id, &OpenPoint::id), to.open_points.end()) << where << " " << point.id;
            EXPECT_EQ(from.only_with, to.only_with) << where;
        }
    EXPECT_GT(full, 40U);
}

/// A part is a part: what a pair reaches partially cannot be settled by checks alone.
TEST(ShippedCatalogues, PartialPairsLeaveSomethingOpen) {
    for (const CrosswalkMapping& mapping : library().crosswalk.mapping)
        for (const CrosswalkPair& pair : mapping.pairs) {
            if (pair.reach == Reach::full || library().catalogue(mapping.to)->kind == CatalogueKind::reference)
                continue;
            const bool elsewhere = std::ranges::any_of(mapping.pairs, [&](const CrosswalkPair& other) { return other.to == pair.to && other.reach == Reach::full; });
            if (!elsewhere) {
                EXPECT_FALSE(requirement(mapping.to, pair.to).open_points.empty()) << mapping.to << " " << pair.to;
            }
        }
}

const Reached& reached(const Comparison& comparison, std::string_view id) { return *std::ranges::find(comparison.requirements, id, &Reached::requirement); }

TEST(ShippedCatalogues, FieldsHaveAThreatAnalysisWithoutGaps) {
    std::size_t fields = 0;
    for (const Catalogue& each : library().catalogues) {
        if (!each.profile)
            continue;
        ++fields;
        EXPECT_EQ(each.profile->level, 2U) << each.id;
        EXPECT_EQ(each.profile->builds_on, std::vector<std::string>{"ccds-27"}) << each.id;
        EXPECT_GE(each.profile->threats.size(), 3U) << each.id;
        for (const Threat& threat : each.profile->threats)
            for (const Text* text : {&threat.asset, &threat.threat, &threat.verification})
                EXPECT_TRUE(!text->en.empty() && !text->ja.empty()) << each.id << " " << threat.id;
        EXPECT_NE(each.confidence.find("no industry body"), std::string::npos) << "a sample says so";
    }
    EXPECT_EQ(fields, 3U);
}

TEST(Compare, KnowsDirections) {
    const Catalogue& ccds = *library().catalogue("ccds-27");
    const Catalogue& star = *library().catalogue("jcstar-1");
    const auto by_ccds = compare(library().crosswalk, star, ccds);
    EXPECT_EQ(by_ccds.requirements.size(), star.requirements.size());
    EXPECT_EQ(reached(by_ccds, "S1.1-03").reach, Reach::full);
    EXPECT_EQ(reached(by_ccds, "S1.1-03").by, std::vector<std::string>{"D-1"});
    EXPECT_EQ(reached(by_ccds, "S1.1-04").reach, Reach::partial);
    EXPECT_EQ(reached(by_ccds, "S1.1-05").reach, Reach::none);
    const auto by_star = compare(library().crosswalk, ccds, star);
    EXPECT_EQ(reached(by_star, "D-1").reach, Reach::partial) << "what satisfies S1.1-03 may be less than D-1 asks";
    EXPECT_EQ(reached(by_star, "D-1").by, (std::vector<std::string>{"S1.1-02", "S1.1-03", "S1.1-11"}));
}

TEST(Compare, SharedEvidenceHelpsBoth) {
    const auto comparison = compare(library().crosswalk, *library().catalogue("psa-10"), *library().catalogue("jp-mic-34-10"));
    const Reached& update = reached(comparison, "PSA-5");
    EXPECT_EQ(update.reach, Reach::partial);
    EXPECT_EQ(update.by, std::vector<std::string>{"34-10-3"});
    EXPECT_EQ(update.through, std::vector<std::string>{"ccds-27/D-8"});
    EXPECT_EQ(reached(comparison, "PSA-10").reach, Reach::none);
}

TEST(Coverage, CountsEachRequirementOnce) {
    for (const Catalogue& catalogue : library().catalogues) {
        const Coverage row = coverage_of(catalogue);
        const std::size_t sum = row.automatic.size() + row.guided.size() + row.declared.size() + row.person.size();
        EXPECT_EQ(sum, catalogue.kind == CatalogueKind::reference ? 0U : catalogue.requirements.size()) << catalogue.id;
    }
    EXPECT_EQ(coverage_of(*library().catalogue("ccds-27")).automatic, (std::vector<std::string>{"B-4", "D-5"}));
}

TEST(Coverage, IsDecidedByWhatIsLeft) {
    Requirement made;
    made.declarations = {"contact"};
    EXPECT_EQ(settling_of(made), Settling::declared);
    made.checks = {"SHI-NET-001"};
    EXPECT_EQ(settling_of(made), Settling::automatic);
    made.open_points = {{"x", {"x", "x"}, {"x", "x"}}};
    EXPECT_EQ(settling_of(made), Settling::guided);
    made.checks.clear();
    EXPECT_EQ(settling_of(made), Settling::guided);
    made.declarations.clear();
    EXPECT_EQ(settling_of(made), Settling::person);
}

}  // namespace
}  // namespace shirushi::catalog
