#include "model/json.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

Facts sample() {
    Facts facts;
    facts.image = Image{"router.bin", 42, {}};
    facts.accounts = {.observed = true,
                      .gaps = {"squashfs@0x40: damaged"},
                      .rows = {{.name = "root", .file = "etc/passwd", .shell = "/bin/sh", .can_log_in = true,
                                .password = PasswordState::guessed, .hash_scheme = "md5", .evidence = {"etc/shadow", 7, "root:***"}}}};
    facts.regions.observed = true;
    facts.regions.rows = {{.offset = 0, .size = 42, .kind = RegionKind::padding, .format = "0xff", .entropy = 0.25,
                           .guess = RegionGuess::padding, .confidence = GuessConfidence::high}};
    facts.layers = {.observed = true, .gaps = {}, .rows = {{.path = "uimage@0x0/kernel", .parent = "uimage@0x0", .in_image = true, .offset = 64, .size = 8}}};
    facts.partitions = {.observed = true, .gaps = {}, .rows = {{.device = "nor0", .name = "rootfs", .offset = 65536, .size = 0, .of_image = true}}};
    facts.entropy_map = EntropyMap{.block_size = 16, .values = {0, 7.99, 4.5}};
    return facts;
}

TEST(FactsJson, RoundTrips) {
    const std::string text = to_json(sample());
    const auto again = facts_from_json(text);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, sample());
    EXPECT_EQ(to_json(*again), text) << "same value, same bytes";
}

TEST(FactsJson, ErrorsNameThePath) {
    std::string text = to_json(sample());
    const auto replaced = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        const auto result = facts_from_json(changed);
        return result ? "accepted" : result.error().message;
    };
    EXPECT_EQ(replaced("\"guessed\"", "\"gessed\""), "accounts.rows[0].password: expected one of none, locked, hashed, guessed");
    EXPECT_EQ(replaced("\"shell\"", "\"shel\""), "accounts.rows[0].shell is missing");
    EXPECT_EQ(replaced("\"offset\": 7", "\"offset\": -7"),
              "accounts.rows[0].evidence.offset: expected a whole number from 0 to 18446744073709551615");
    EXPECT_EQ(replaced("\"offset\": 7", "\"offset\": 7, \"extra\": 1"), "accounts.rows[0].evidence: unknown key \"extra\"");
}

TEST(FactsJson, EveryTruncationIsRefused) {
    const std::string text = to_json(sample());
    for (std::size_t length = 0; length + 2 < text.size(); length += 1)
        ASSERT_FALSE(facts_from_json(text.substr(0, length)).has_value()) << length;
}

TEST(FactsJson, DeepNestingIsRefusedBeforeItCosts) {
    EXPECT_FALSE(facts_from_json(std::string(100000, '[')).has_value());
    EXPECT_FALSE(facts_from_json(std::string(1000, '[') + std::string(1000, ']')).has_value());
}

TEST(AssessmentJson, RoundTrips) {
    Assessment assessment{.schema = "s", .program = "p", .catalogue = "ccds-27", .as_of = "2026-11-23"};
    assessment.product = Product{.vendor = "Example"};
    assessment.product->services = std::vector<DeclaredService>{{"tcp", 443, "https", "settings"}};
    assessment.verdicts = {{.requirement = "B-1", .verdict = VerdictKind::fail, .reasons = {{Method::test, {"why", "理由"}}}, .findings = {"f"}}};
    const auto again = assessment_from_json(to_json(assessment));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, assessment);
}

}  // namespace
}  // namespace shirushi
