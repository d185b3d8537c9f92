#pragma once
// A judgement that is signed: an in-toto Statement v1 about the image, in a DSSE v1 envelope. It names each document of the judgement
// with its digest, so that one signature covers the facts, the verdicts, the bill of materials and the page that people read. It states no
// time: a signature cannot prove one; the log of a certification body does (docs/formats/attestation.md).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signature.hpp"
#include "model/assessment.hpp"

namespace shirushi::attestation {

/// A file of the judgement.
struct SignedDocument {
    std::string name;
    Digest sha256;
    bool operator==(const SignedDocument&) const = default;
    SHIRUSHI_FIELDS(SignedDocument, name, sha256)
};

/// How many requirements have which verdict.
struct VerdictCounts {
    std::uint64_t pass = 0;
    std::uint64_t fail = 0;
    std::uint64_t inconclusive = 0;
    std::uint64_t not_applicable = 0;
    bool operator==(const VerdictCounts&) const = default;
    SHIRUSHI_FIELDS(VerdictCounts, pass, fail, inconclusive, not_applicable)
};

/// The predicate: what is claimed about the image.
struct Claim {
    std::string program;
    std::string catalogue;
    std::string as_of;
    VerdictCounts verdicts;
    std::vector<SignedDocument> documents;  ///< sorted by name
    std::vector<PinnedInput> inputs;        ///< the assessment's
    bool operator==(const Claim&) const = default;
    SHIRUSHI_FIELDS(Claim, program, catalogue, as_of, verdicts, documents, inputs)
};

struct Statement {
    std::string image;  ///< its file's name
    Digest image_sha256;
    Claim claim;
    bool operator==(const Statement&) const = default;
};

/// Errors: bad_input where the assessment is about no image.
Result<Statement> statement_of(const Assessment& assessment, std::vector<SignedDocument> documents);

/// An envelope's payload. Errors: bad_input (no in-toto statement, or one that is not about an assessment).
Result<Statement> read_statement(std::string_view payload);

/// The envelope's JSON text, with a line end. The same statement and key give the same bytes.
Result<std::string> sign(const Statement& statement, const crypto::SigningKey& key);

/// The statement of an envelope that the key has signed. Errors: bad_input (no envelope, another payload, nothing signed by this key, a
/// signature that does not fit, a statement that is not ours), limit (more than 16 MiB).
Result<Statement> open(std::string_view envelope, const crypto::VerifyingKey& key);

}  // namespace shirushi::attestation
