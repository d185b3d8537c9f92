#include "attestation/attestation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "model/json_fields.hpp"

namespace shirushi::attestation {
namespace {

using json::Json;

constexpr std::size_t kLongestEnvelope = std::size_t{16} << 20;
constexpr std::size_t kMostSignatures = 64;
constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "https://shirushi.example/attestation/assessment-1";

/// What is signed (DSSE v1, pre-authentication encoding): the type is covered as well as the payload, and neither can be moved into the other.
Buffer to_be_signed(std::string_view payload) {
    const std::string text = fmt::format("DSSEv1 {} {} {} {}", kPayloadType.size(), kPayloadType, payload.size(), payload);
    return {text.begin(), text.end()};
}

std::string payload_of(const Statement& statement) {
    Json document = Json::object();
    document["_type"] = kStatementType;
    document["subject"] = Json::array({Json{{"name", statement.image}, {"digest", Json{{"sha256", statement.image_sha256.hex()}}}}});
    document["predicateType"] = kPredicateType;
    document["predicate"] = Json::parse(json::text_of(statement.claim));
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error not_ours(std::string_view what) { return {Errc::bad_input, fmt::format("the statement {}: it is not about a Shirushi assessment, or another version of it", what)}; }

/// The text member of an object; empty where there is none.
std::string text_in(const Json& object, const char* name) {
    const auto at = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

Result<Statement> statement_of(const Assessment& assessment, std::vector<SignedDocument> documents) {
    if (!assessment.image)
        return fail(Errc::bad_input, "the assessment is about no image: there is nothing to sign a statement about");
    Statement statement{.image = assessment.image->name, .image_sha256 = assessment.image->sha256,
                        .claim = {.program = assessment.program, .catalogue = assessment.catalogue, .as_of = assessment.as_of, .verdicts = {}, .documents = std::move(documents), .inputs = assessment.inputs}};
    std::ranges::sort(statement.claim.documents, {}, &SignedDocument::name);
    const auto count = [&](VerdictKind kind) { return static_cast<std::uint64_t>(std::ranges::count(assessment.verdicts, kind, &Verdict::verdict)); };
    statement.claim.verdicts = {count(VerdictKind::pass), count(VerdictKind::fail), count(VerdictKind::inconclusive), count(VerdictKind::not_applicable)};
    return statement;
}

Result<Statement> read_statement(std::string_view payload) {
    const Json document = TRY_WITHIN("statement", json::parse(payload));
    if (text_in(document, "_type") != kStatementType)
        return std::unexpected(not_ours(fmt::format("has no _type {}", kStatementType)));
    if (text_in(document, "predicateType") != kPredicateType)
        return std::unexpected(not_ours(fmt::format("has the predicateType \"{}\"", excerpt(text_in(document, "predicateType"), 80))));
    const auto subject = document.find("subject");
    if (subject == document.end() || !subject->is_array() || subject->size() != 1 || !(*subject)[0].is_object() || !(*subject)[0].contains("digest"))
        return std::unexpected(not_ours("names not exactly one subject with a digest"));
    if (!document.contains("predicate"))
        return std::unexpected(not_ours("has no predicate"));
    return Statement{.image = printable(text_in((*subject)[0], "name")), .image_sha256 = TRY_WITHIN("subject", Digest::from_hex(text_in((*subject)[0]["digest"], "sha256"))),
                     .claim = TRY(json::read<Claim>(document["predicate"], "predicate"))};
}

Result<std::string> sign(const Statement& statement, const crypto::SigningKey& key) {
    const std::string payload = payload_of(statement);
    const Buffer signature = TRY(key.sign(to_be_signed(payload)));
    Json envelope = Json::object();
    envelope["payloadType"] = kPayloadType;
    envelope["payload"] = to_base64(as_bytes(payload));
    envelope["signatures"] = Json::array({Json{{"keyid", key.key_id().hex()}, {"sig", to_base64(signature)}}});
    return json::print(envelope);
}

Result<Statement> open(std::string_view envelope, const crypto::VerifyingKey& key) {
    if (envelope.size() > kLongestEnvelope)
        return fail(Errc::limit, fmt::format("the envelope is larger than {} bytes", kLongestEnvelope));
    const Json document = TRY_WITHIN("envelope", json::parse(envelope));
    if (text_in(document, "payloadType") != kPayloadType)
        return fail(Errc::bad_input, fmt::format("not a DSSE envelope with the payloadType {}", kPayloadType));
    const Buffer payload = TRY_WITHIN("payload", from_base64(text_in(document, "payload")));
    const auto signatures = document.find("signatures");
    if (signatures == document.end() || !signatures->is_array() || signatures->empty() || signatures->size() > kMostSignatures)
        return fail(Errc::bad_input, fmt::format("the envelope holds no signatures, or more than {}", kMostSignatures));
    // A keyid is a hint that anybody may write (DSSE): every signature is tried.
    const Buffer message = to_be_signed(as_text(payload));
    for (const Json& each : *signatures)
        if (const auto signature = from_base64(text_in(each, "sig")); signature && key.accepts(message, *signature))
            return read_statement(as_text(payload));
    return fail(Errc::bad_input, fmt::format("no signature fits the key {}: the statement is somebody else's, or was changed", key.key_id().hex()));
}

}  // namespace shirushi::attestation
