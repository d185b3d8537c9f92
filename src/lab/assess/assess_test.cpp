#include "assess/assess.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "declaration/declaration.hpp"
#include "model/json.hpp"

namespace shirushi::assess {
namespace {

const catalog::Library& library() {
    static const catalog::Library loaded = [] {
        auto result = catalog::load(std::filesystem::path(SHIRUSHI_SOURCE_DIR) / "catalogues");
        if (!result)
            throw std::runtime_error(result.error().message);
        return std::move(*result);
    }();
    return loaded;
}

const Catalogue& ccds() { return *library().catalogue("ccds-27"); }

/// A firmware that was looked at everywhere and has nothing against it.
Facts clean() {
    Facts facts;
    facts.image = Image{"router.bin", 1, {}};
    facts.snapshot = SnapshotInfo{"2026-11-01", {}, 1};
    const auto look = [&](auto& member) {
        if constexpr (requires { member.observed; })
            member.observed = true;
    };
    std::apply([&](const auto&... field) { (look(facts.*field.member), ...); }, Facts::fields());
    facts.declared_services.observed = facts.declared_interfaces.observed = false;
    facts.update_mechanisms.rows = {{.tool = "swupdate", .encrypted_transport = Answer::yes, .verifies_signature = Answer::yes, .keys_present = Answer::yes}};
    return facts;
}

Product product() {
    Product made{.vendor = "Example", .model = "R-1", .version = "1.0"};
    made.services = std::vector<DeclaredService>{};
    return made;
}

Assessment judged(const Facts& facts, const std::optional<Product>& declared) {
    return assess(facts, library(), ccds(), declared, {.program = "shirushi test", .as_of = {2026, 11, 23}, .inputs = {}});
}

const Verdict& verdict_of(const Assessment& assessment, std::string_view requirement) {
    return *std::ranges::find(assessment.verdicts, requirement, &Verdict::requirement);
}

DeclaredObservation observation(std::string requirement, std::string point, bool conforms = true) {
    return {std::move(requirement), std::move(point), conforms, Method::test, "A. Tester", "2026-11-20", "tried it", ""};
}

bool says(const std::vector<Reason>& reasons, std::string_view part) {
    return std::ranges::any_of(reasons, [&](const Reason& reason) { return reason.text.en.find(part) != std::string::npos; });
}

/// What holds of every assessment, whatever the facts.
void expect_sound(const Assessment& assessment) {
    EXPECT_EQ(assessment.verdicts.size(), 27U);
    for (const Verdict& verdict : assessment.verdicts) {
        EXPECT_FALSE(verdict.reasons.empty()) << verdict.requirement;
        EXPECT_EQ(verdict.remedy.empty(), verdict.verdict == VerdictKind::pass || verdict.verdict == VerdictKind::not_applicable) << verdict.requirement;
        const auto whole = [&](const Text& text) {
            EXPECT_FALSE(text.en.empty() || text.ja.empty()) << verdict.requirement;
            EXPECT_TRUE(catalog::places(text.en).empty() && catalog::places(text.ja).empty()) << verdict.requirement << ": " << text.en;
        };
        for (const Reason& reason : verdict.reasons)
            whole(reason.text);
        for (const Text& text : verdict.remedy)
            whole(text);
        for (const std::string& fingerprint : verdict.findings)
            EXPECT_NE(std::ranges::find(assessment.findings, fingerprint, &Finding::fingerprint), assessment.findings.end());
    }
    for (const Finding& finding : assessment.findings)
        EXPECT_FALSE(finding.message.en.empty() || finding.message.ja.empty()) << finding.check_id;
    const auto again = assessment_from_json(to_json(assessment));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, assessment);
}

TEST(Assess, NothingObservedIsNowhereAPass) {
    const auto assessment = judged(Facts{}, std::nullopt);
    expect_sound(assessment);
    for (const Verdict& verdict : assessment.verdicts)
        EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive) << verdict.requirement;
    EXPECT_EQ(exit_code(assessment), 2);
}

TEST(Assess, CleanFirmwarePassesOnlyWhatIsDecided) {
    const auto assessment = judged(clean(), product());
    expect_sound(assessment);
    for (const Verdict& verdict : assessment.verdicts) {
        const bool decided = verdict.requirement == "B-4" || verdict.requirement == "D-5";
        EXPECT_EQ(verdict.verdict, decided ? VerdictKind::pass : VerdictKind::inconclusive) << verdict.requirement;
    }
    EXPECT_EQ(assessment.catalogue, "ccds-27");
    EXPECT_EQ(assessment.as_of, "2026-11-23");
    EXPECT_EQ(assessment.inputs.back().name, "advisory snapshot 2026-11-01");
    EXPECT_EQ(exit_code(assessment), 2);
}

TEST(Assess, EveryOpenPointSettledPassesEverything) {
    Product declared = product();
    declared.observations = {observation("D-2", "SHI-RST-001"), observation("D-6", "SHI-USB-001")};  // what no reset and no USB driver leave to a person
    for (const Requirement& requirement : ccds().requirements)
        for (const OpenPoint& point : requirement.open_points)
            declared.observations.push_back(observation(requirement.id, point.id));
    const auto assessment = judged(clean(), declared);
    expect_sound(assessment);
    for (const Verdict& verdict : assessment.verdicts)
        EXPECT_EQ(verdict.verdict, VerdictKind::pass) << verdict.requirement;
    EXPECT_EQ(exit_code(assessment), 0);
    declared.observations.pop_back();
    EXPECT_EQ(verdict_of(judged(clean(), declared), "D-8").verdict, VerdictKind::inconclusive);
}

TEST(Assess, AFailingFindingFailsItsRequirementsOnly) {
    Facts facts = clean();
    facts.services.rows = {{.name = "telnetd", .protocol = "telnet", .command = "telnetd", .program_present = true, .evidence = {"etc/inittab", 0, "telnetd"}}};
    const auto assessment = judged(facts, product());
    expect_sound(assessment);
    const Verdict& verdict = verdict_of(assessment, "B-1");
    EXPECT_EQ(verdict.verdict, VerdictKind::fail);
    EXPECT_EQ(verdict.reasons.at(0).text.en, "telnetd starts at boot (telnetd).");
    EXPECT_EQ(verdict.reasons.at(0).text.ja, "telnetd が起動時に動作します（telnetd）。");
    EXPECT_EQ(verdict.remedy.at(0), library().check("SHI-NET-001")->remedy) << "mending comes before settling";
    for (const Verdict& other : assessment.verdicts)
        EXPECT_EQ(other.verdict == VerdictKind::fail, other.requirement == "B-1") << other.requirement;
    EXPECT_EQ(exit_code(assessment), 1);
}

TEST(Assess, ManyFindingsAreCountedNotRecited) {
    Facts facts = clean();
    for (int i = 0; i < 500; ++i)
        facts.permissions.rows.push_back({.kind = PermissionKind::sensitive_readable, .evidence = {fmt::format("etc/key{}", i), std::nullopt, ""}});
    const Verdict verdict = verdict_of(judged(facts, product()), "C-1");
    EXPECT_EQ(verdict.findings.size(), 503U);
    EXPECT_LT(verdict.reasons.size(), 20U);
    EXPECT_TRUE(says(verdict.reasons, "490 more findings"));
}

TEST(Assess, ReviewIsInconclusiveUntilAPersonLooked) {
    Facts facts = clean();
    facts.update_mechanisms.rows.clear();
    Product declared = product();
    declared.observations = {observation("D-8", "tamper-test")};
    EXPECT_EQ(verdict_of(judged(facts, declared), "D-8").verdict, VerdictKind::inconclusive);
    declared.observations.push_back(observation("D-8", "SHI-UPD-001"));
    EXPECT_EQ(verdict_of(judged(facts, declared), "D-8").verdict, VerdictKind::pass);
    declared.observations.back().conforms = false;
    const auto assessment = judged(facts, declared);
    expect_sound(assessment);
    EXPECT_EQ(verdict_of(assessment, "D-8").verdict, VerdictKind::fail);
}

TEST(Assess, AnObservationOfAPointMendsNoFailingFinding) {
    Facts facts = clean();
    facts.accounts.rows = {{.name = "root", .file = "etc/passwd", .can_log_in = true, .password = PasswordState::none}};
    Product declared = product();
    declared.observations = {observation("D-1", "SHI-ACC-001"), observation("D-1", "change-test")};
    EXPECT_EQ(verdict_of(judged(facts, declared), "D-1").verdict, VerdictKind::fail);
}

TEST(Assess, AnObservationOfTheWholeOverrulesAndShowsBoth) {
    Facts facts = clean();
    facts.accounts.rows = {{.name = "root", .file = "etc/passwd", .can_log_in = true, .password = PasswordState::none}};
    Product declared = product();
    declared.observations = {observation("D-1", "")};
    const auto assessment = judged(facts, declared);
    expect_sound(assessment);
    const Verdict& verdict = verdict_of(assessment, "D-1");
    EXPECT_EQ(verdict.verdict, VerdictKind::pass);
    EXPECT_TRUE(says(verdict.reasons, "Overruled by A. Tester on 2026-11-20: tried it"));
    EXPECT_TRUE(says(verdict.reasons, "Overruled: Account root has a shell and no password"));
    declared.observations = {observation("B-4", "", false)};
    const auto refused = judged(clean(), declared);
    expect_sound(refused);
    EXPECT_EQ(verdict_of(refused, "B-4").verdict, VerdictKind::fail);
}

TEST(Assess, AbsentInterfaceIsNotApplicableUnlessContradicted) {
    Product declared = product();
    declared.interfaces.wifi = Answer::no;
    auto assessment = judged(clean(), declared);
    expect_sound(assessment);
    EXPECT_EQ(verdict_of(assessment, "D-3").verdict, VerdictKind::not_applicable);
    EXPECT_EQ(verdict_of(assessment, "D-3").reasons.at(0).method, Method::declaration);
    EXPECT_EQ(verdict_of(assessment, "D-3").reasons.at(0).text.ja, "product.toml で、この製品にWi-Fiはないと申告されています。");
    EXPECT_EQ(verdict_of(assessment, "D-4").verdict, VerdictKind::inconclusive);
    Facts facts = clean();
    facts.components.rows = {{.id = "hostapd@2.9", .product = "hostapd", .name = "hostapd", .version = "2.9", .evidence = {{"usr/sbin/hostapd", 1, "v2.9"}}}};
    assessment = judged(facts, declared);
    EXPECT_EQ(verdict_of(assessment, "D-3").verdict, VerdictKind::fail);
    EXPECT_TRUE(says(verdict_of(assessment, "D-3").reasons, "states that there is no Wi-Fi, but the image holds hostapd 2.9"));
}

TEST(Assess, ObservationsThatDoNotCountAreNoted) {
    Product declared = product();
    auto late = observation("B-3", "fuzz-campaign");
    late.date = "2026-11-24";
    auto unread = observation("B-3", "fuzz-campaign");
    unread.method = Method::examine;
    auto nameless = observation("B-3", "fuzz-campaign");
    nameless.person.clear();
    declared.observations = {late, unread, nameless, observation("B-3", "nonsense"), observation("Z-1", "")};
    const auto assessment = judged(clean(), declared);
    EXPECT_EQ(verdict_of(assessment, "B-3").verdict, VerdictKind::inconclusive);
    EXPECT_EQ(assessment.notes, (std::vector<std::string>{
                                    "product.toml: observation about B-3 not counted: its date 2026-11-24 is after 2026-11-23",
                                    "product.toml: observation about B-3 not counted: method \"examine\" needs the document that was read",
                                    "product.toml: observation about B-3 not counted: it lacks the person or the reason",
                                    "product.toml: observation about B-3 not counted: it has neither an open point nor a check \"nonsense\"",
                                    "product.toml: observation about Z-1 not counted: catalogue ccds-27 has no such requirement"}));
}

TEST(Assess, GapsKeepFromPassing) {
    Facts facts = clean();
    facts.components.gaps = {"squashfs@0x40: 3 blocks damaged"};
    const auto assessment = judged(facts, product());
    expect_sound(assessment);
    EXPECT_EQ(verdict_of(assessment, "B-4").verdict, VerdictKind::inconclusive);
    EXPECT_EQ(assessment.notes, facts.components.gaps);
}

TEST(Assess, SameFactsSameBytes) {
    Facts facts = clean();
    facts.accounts.rows = {{.name = "root", .file = "etc/passwd", .can_log_in = true, .password = PasswordState::none}};
    const Product declared = declaration::read(declaration::write(product()), "product.toml").value();
    Facts with = facts;
    declare(declared, with);
    EXPECT_EQ(to_json(judged(facts, declared)), to_json(judged(with, declared))) << "declared in the facts or beside them";
    EXPECT_EQ(to_json(judged(facts, declared)), to_json(judged(facts, declared)));
    EXPECT_TRUE(std::ranges::is_sorted(judged(facts, declared).findings, {}, &Finding::check_id));
}

Assessment judged_by(std::string_view catalogue, const std::optional<Product>& declared) {
    return assess(clean(), library(), *library().catalogue(catalogue), declared, {.program = "shirushi test", .as_of = {2026, 11, 23}, .inputs = {}});
}

TEST(Catalogues, EveryTestableOneJudges) {
    for (const Catalogue& catalogue : library().catalogues) {
        if (catalogue.kind == CatalogueKind::reference)
            continue;
        const Assessment assessment = judged_by(catalogue.id, product());
        EXPECT_EQ(assessment.verdicts.size(), catalogue.requirements.size());
        for (const Verdict& verdict : assessment.verdicts) {
            EXPECT_FALSE(verdict.reasons.empty()) << catalogue.id << " " << verdict.requirement;
            EXPECT_NE(verdict.verdict, VerdictKind::fail) << catalogue.id << " " << verdict.requirement << ": nothing is wrong with a clean image";
        }
    }
}

TEST(Catalogues, OnlyTheOneJudgedByIsPinned) {
    const Assessment assessment = judged_by("jcstar-1", std::nullopt);
    const auto catalogues = std::ranges::count_if(assessment.inputs, [](const PinnedInput& input) { return input.name.starts_with("catalogue "); });
    EXPECT_EQ(catalogues, 1);
    EXPECT_NE(std::ranges::find(assessment.inputs, "catalogue jcstar-1 JST-CR-01-01-2024R1", &PinnedInput::name), assessment.inputs.end());
}

/// A requirement that statements alone decide.
Catalogue of_declarations(std::vector<std::string> names) {
    Catalogue catalogue{.id = "made", .title = {"made", "made"}, .edition = "1", .source = "test", .confidence = "test"};
    Requirement requirement{.id = "X-1", .title = {"x", "x"}, .text = {"x", "x"}};
    requirement.declarations = std::move(names);
    catalogue.requirements = {requirement};
    return catalogue;
}

Verdict declared_verdict(const Catalogue& catalogue, const std::optional<Product>& declared) {
    return assess(clean(), library(), catalogue, declared, {.program = "shirushi test", .as_of = {2026, 11, 23}, .inputs = {}}).verdicts.at(0);
}

TEST(Declarations, DecideWhereTheyAreStated) {
    const Catalogue catalogue = of_declarations({"model", "support_until", "services"});
    Product made = product();
    made.support_until = "2030-12-31";
    made.services = std::vector<DeclaredService>{{"tcp", 443, "https", ""}};
    const Verdict pass = declared_verdict(catalogue, made);
    EXPECT_EQ(pass.verdict, VerdictKind::pass);
    EXPECT_TRUE(says(pass.reasons, "product.toml states support_until: 2030-12-31"));
    EXPECT_TRUE(says(pass.reasons, "product.toml states services: 443/tcp https"));
    EXPECT_EQ(pass.reasons.at(0).method, Method::declaration);
}

TEST(Declarations, AreOpenWhereTheyAreNotStated) {
    const Catalogue catalogue = of_declarations({"support_until", "interfaces"});
    const Verdict silent = declared_verdict(catalogue, product());
    EXPECT_EQ(silent.verdict, VerdictKind::inconclusive);
    EXPECT_TRUE(says(silent.reasons, "product.toml does not state support_until."));
    EXPECT_TRUE(says(silent.reasons, "product.toml does not state interfaces."));
    ASSERT_EQ(silent.remedy.size(), 2U);
    EXPECT_TRUE(silent.remedy[0].en.starts_with("State support_until in product.toml"));
    EXPECT_EQ(declared_verdict(catalogue, std::nullopt).verdict, VerdictKind::inconclusive) << "no product.toml states nothing";
    Product made = product();
    const auto decide = [&](const auto& field) { made.interfaces.*field.member = Answer::no; };
    std::apply([&](const auto&... field) { (decide(field), ...); }, DeclaredInterfaces::fields());
    made.observations = {observation("X-1", "support_until")};
    EXPECT_EQ(declared_verdict(catalogue, made).verdict, VerdictKind::pass) << "a person may settle what is not stated";
}

TEST(Observations, NameTheCatalogueWhereSeveralHaveTheRequirement) {
    Product made = product();
    made.observations = {observation("SUM-1", "tamper-test")};
    const Assessment plain = judged_by("en-18031", made);
    EXPECT_EQ(verdict_of(plain, "SUM-1").verdict, VerdictKind::inconclusive);
    EXPECT_NE(std::ranges::find(plain.notes, "product.toml: observation about SUM-1 not counted: iec-62443-4-1 has one, too; write \"en-18031/SUM-1\""), plain.notes.end());
    made.observations = {observation("en-18031/SUM-1", "tamper-test")};
    const Assessment named = judged_by("en-18031", made);
    EXPECT_EQ(verdict_of(named, "SUM-1").verdict, VerdictKind::pass);
    EXPECT_TRUE(named.notes.empty());
    EXPECT_TRUE(judged_by("iec-62443-4-1", made).notes.empty()) << "it speaks about another catalogue";
    made.observations = {observation("nowhere/SUM-1", "tamper-test"), observation("B-1", "live-scan")};
    const Assessment lost = judged_by("en-18031", made);
    ASSERT_EQ(lost.notes.size(), 1U) << "B-1 is another catalogue's";
    EXPECT_NE(lost.notes[0].find("there is no catalogue \"nowhere\" with such a requirement"), std::string::npos);
}

}  // namespace
}  // namespace shirushi::assess
