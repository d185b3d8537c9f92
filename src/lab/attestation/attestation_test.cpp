#include "attestation/attestation.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "model/json_fields.hpp"

namespace shirushi::attestation {
namespace {

std::string pem(std::string_view kind, std::string_view prefix_hex, std::uint8_t fill) {
    Buffer der = *from_hex(prefix_hex);
    der.resize(der.size() + 32, fill);
    return fmt::format("-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----\n", kind, to_base64(der), kind);
}

crypto::SigningKey signing_key(std::uint8_t fill) { return std::move(*crypto::SigningKey::from_pem(pem("PRIVATE", "302e020100300506032b657004220420", fill))); }

/// Public halves of the seeds 01 01 ... and 02 02 ..., computed with OpenSSL.
crypto::VerifyingKey verifying_key(std::string_view hex) {
    Buffer der = *from_hex("302a300506032b6570032100");
    const Buffer key = *from_hex(hex);
    der.insert(der.end(), key.begin(), key.end());
    return std::move(*crypto::VerifyingKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + to_base64(der) + "\n-----END PUBLIC KEY-----\n"));
}
constexpr std::string_view public_of_ones = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
constexpr std::string_view public_of_twos = "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394";

Assessment assessment() {
    Assessment made{.program = "shirushi 0.1.0", .catalogue = "ccds-27", .as_of = "2026-11-28"};
    made.image = Image{.name = "router.bin", .size = 3, .sha256 = *Digest::from_hex(std::string(64, 'a'))};
    made.inputs = {{"checks", *Digest::from_hex(std::string(64, 'b'))}};
    made.verdicts = {{.requirement = "A-1", .verdict = VerdictKind::fail}, {.requirement = "A-3", .verdict = VerdictKind::inconclusive}, {.requirement = "A-4", .verdict = VerdictKind::fail}};
    return made;
}

Statement statement() {
    return *statement_of(assessment(), {{"report.html", *Digest::from_hex(std::string(64, 'c'))}, {"assessment.json", *Digest::from_hex(std::string(64, 'd'))}});
}

TEST(Attestation, SaysWhatTheAssessmentSays) {
    const Statement made = statement();
    EXPECT_EQ(made.image, "router.bin");
    EXPECT_EQ(made.claim.verdicts, (VerdictCounts{.pass = 0, .fail = 2, .inconclusive = 1, .not_applicable = 0}));
    EXPECT_EQ(made.claim.documents.front().name, "assessment.json") << "sorted";
    EXPECT_FALSE(statement_of(Assessment{}, {})) << "about no image";
}

TEST(Attestation, IsOpenedByTheKeyThatSignedIt) {
    const auto envelope = sign(statement(), signing_key(1));
    ASSERT_TRUE(envelope);
    const auto opened = open(*envelope, verifying_key(public_of_ones));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened, statement());
    EXPECT_EQ(*envelope, *sign(statement(), signing_key(1))) << "the same bytes";
    const auto other = open(*envelope, verifying_key(public_of_twos));
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("no signature fits the key"), std::string::npos);
}

TEST(Attestation, NoChangedByteOfTheStatementIsOpened) {
    const auto envelope = sign(statement(), signing_key(1));
    ASSERT_TRUE(envelope);
    const auto key = verifying_key(public_of_ones);
    const auto document = json::Json::parse(*envelope);
    const Buffer payload = *from_base64(document["payload"].get<std::string>());
    for (std::size_t i = 0; i < payload.size(); ++i) {
        Buffer bad = payload;
        bad[i] ^= 1U;
        auto changed = document;
        changed["payload"] = to_base64(bad);
        EXPECT_FALSE(open(changed.dump(), key)) << i;
    }
    for (std::size_t size = 0; size + 1 < envelope->size(); ++size)
        EXPECT_FALSE(open(std::string_view(*envelope).substr(0, size), key)) << size;
}

TEST(Attestation, AnotherTypeOfPayloadIsRefusedThoughItIsSigned) {
    auto document = json::Json::parse(*sign(statement(), signing_key(1)));
    document["payloadType"] = "application/json";
    const auto opened = open(document.dump(), verifying_key(public_of_ones));
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("payloadType"), std::string::npos);
}

TEST(Attestation, OneOfSeveralSignaturesSuffices) {
    auto document = json::Json::parse(*sign(statement(), signing_key(1)));
    const auto second = json::Json::parse(*sign(statement(), signing_key(2)));
    document["signatures"].push_back(second["signatures"][0]);
    document["signatures"].push_back("nonsense");
    EXPECT_TRUE(open(document.dump(), verifying_key(public_of_ones)));
    EXPECT_TRUE(open(document.dump(), verifying_key(public_of_twos)));
    document["signatures"] = json::Json::array();
    EXPECT_FALSE(open(document.dump(), verifying_key(public_of_ones)));
}

}  // namespace
}  // namespace shirushi::attestation
