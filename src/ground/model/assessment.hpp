#pragma once
// Judgements: findings of checks (SARIF results) and verdicts per requirement (ETSI TS 103 701), with all they rest on.

#include <optional>
#include <string>
#include <vector>

#include "model/catalogue.hpp"
#include "model/facts.hpp"
#include "model/product.hpp"

namespace shirushi {

enum class Kind { pass, fail, open, review, not_applicable };  ///< SARIF 2.1.0 3.27.9
SHIRUSHI_NAMES(Kind, "pass", "fail", "open", "review", "not_applicable")

/// A value for a {name} place in a check's message.
struct Argument {
    std::string name;
    std::string value;
    bool operator==(const Argument&) const = default;
    SHIRUSHI_FIELDS(Argument, name, value)
};

struct Finding {
    std::string check_id;
    Kind kind = Kind::open;
    Level level = Level::warning;  ///< the check's, unless the finding itself weighs otherwise; meaningful for fail and review
    std::string message_key;       ///< into CheckText::messages, or one of the runner's own: "pass", "not_observed", "gaps"
    std::vector<Argument> arguments;
    std::vector<Evidence> evidence;
    std::string fingerprint;  ///< stable across runs and firmware versions: check, message key and arguments hashed; 32 hex digits
    Text message;             ///< message_key and arguments set in both languages
    bool operator==(const Finding&) const = default;
    SHIRUSHI_FIELDS(Finding, check_id, kind, level, message_key, arguments, evidence, fingerprint, message)
};

enum class VerdictKind { pass, fail, inconclusive, not_applicable };
SHIRUSHI_NAMES(VerdictKind, "pass", "fail", "inconclusive", "not_applicable")

/// A sentence the verdict rests on, with how it came about.
struct Reason {
    Method method = Method::test;
    Text text;
    bool operator==(const Reason&) const = default;
    SHIRUSHI_FIELDS(Reason, method, text)
};

struct Verdict {
    std::string requirement;
    VerdictKind verdict = VerdictKind::inconclusive;
    std::vector<Reason> reasons;        ///< never empty
    std::vector<std::string> findings;  ///< fingerprints of the findings it rests on
    std::vector<Text> remedy;           ///< what to do next: remedies of failing checks, then how to settle what is open
    bool operator==(const Verdict&) const = default;
    SHIRUSHI_FIELDS(Verdict, requirement, verdict, reasons, findings, remedy)
};

/// A file with its digest that the judgement depends on.
struct PinnedInput {
    std::string name;  ///< "catalogue ccds-27 2026.1", "checks", "words", "advisory snapshot 2025-05-15", "product.toml"
    Digest sha256;
    bool operator==(const PinnedInput&) const = default;
    SHIRUSHI_FIELDS(PinnedInput, name, sha256)
};

/// How soon to deal with an advisory that affects a component, most urgent first. The rule: assess/priority.hpp.
enum class Priority { exploited, exposed, running, unknown, idle };
SHIRUSHI_NAMES(Priority, "exploited", "exposed", "running", "unknown", "idle")

/// The priority of one advisory match.
struct MatchPriority {
    std::string advisory;
    std::string component;  ///< Component::id
    Priority priority = Priority::unknown;
    ExposureKind exposure = ExposureKind::unknown;
    Text words;  ///< what it rests on: known exploitation, exposure, EPSS, CVSS, each with its date or source
    bool operator==(const MatchPriority&) const = default;
    SHIRUSHI_FIELDS(MatchPriority, advisory, component, priority, exposure, words)
};

struct Assessment {
    std::string schema;   ///< "https://shirushi.example/schema/assessment-1.json" is never fetched: an identifier only
    std::string program;  ///< "shirushi 0.1.0"
    std::string catalogue;
    std::string as_of;  ///< YYYY-MM-DD: the day the judgement is for; never the clock's
    std::optional<Product> product;
    std::optional<Image> image;
    std::vector<PinnedInput> inputs;
    std::vector<Verdict> verdicts;
    std::vector<Finding> findings;  ///< sorted by check, then kind (fail first), then fingerprint
    std::vector<MatchPriority> priorities;  ///< of advisories that affect a component, most urgent first
    std::vector<std::string> notes;  ///< what could not be read, limits reached
    bool operator==(const Assessment&) const = default;
    SHIRUSHI_FIELDS(Assessment, schema, program, catalogue, as_of, product, image, inputs, verdicts, findings, priorities, notes)
};

}  // namespace shirushi
