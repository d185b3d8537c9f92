#pragma once
// Requirements, checks' texts and word lists as data: what catalogues/ holds once it has been read and found consistent.

#include <optional>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "model/fields.hpp"

namespace shirushi {

enum class Language { en, ja };
SHIRUSHI_NAMES(Language, "en", "ja")

/// A text in both languages of the product; neither is ever empty in a loaded catalogue.
struct Text {
    std::string en;
    std::string ja;
    [[nodiscard]] const std::string& in(Language language) const { return language == Language::ja ? ja : en; }
    bool operator==(const Text&) const = default;
    SHIRUSHI_FIELDS(Text, en, ja)
};

enum class Level { note, warning, error };  ///< SARIF 2.1.0 3.27.10
SHIRUSHI_NAMES(Level, "note", "warning", "error")

/// Something a requirement asks that no check of this edition can see: while it is open, the verdict cannot be `pass`.
struct OpenPoint {
    std::string id;
    Text text;    ///< what remains open
    Text settle;  ///< what to run or hand in to settle it
    bool operator==(const OpenPoint&) const = default;
    SHIRUSHI_FIELDS(OpenPoint, id, text, settle)
};

/// Whether a catalogue insists on a requirement or only advises it (ETSI TS 103 701: M and R).
enum class Obligation { required, recommended };
SHIRUSHI_NAMES(Obligation, "required", "recommended")

/// How a standard has a requirement assessed: the test cases of ETSI TS 103 701, the assessments of EN 18031, the evaluation on a device.
enum class AssessmentCase { conceptual, functional, functional_completeness, functional_sufficiency, documentation, device };
SHIRUSHI_NAMES(AssessmentCase, "conceptual", "functional", "functional_completeness", "functional_sufficiency", "documentation", "device")

/// What of a requirement no primary source confirmed.
enum class Unconfirmed { id, title, text, obligation, assessments, ixit };
SHIRUSHI_NAMES(Unconfirmed, "id", "title", "text", "obligation", "assessments", "ixit")

struct Requirement {
    std::string id;  ///< "B-1"
    Text title;
    Text text;  ///< our own paraphrase
    std::string group;                      ///< the catalogue's own grouping: a Group's id where the catalogue lists groups
    std::string verification;               ///< "tool" or "process"; empty in a reference list
    std::vector<std::string> cwe;           ///< "CWE-119"
    std::vector<std::string> checks;
    std::vector<std::string> declarations;  ///< members of Product that must be stated: "support_until"
    std::vector<OpenPoint> open_points;
    std::string only_with;  ///< member of DeclaredInterfaces without which it does not apply; empty: always applies
    Obligation obligation = Obligation::required;
    std::optional<Text> applies_when;         ///< the condition under which the catalogue asks it; absent: always
    std::vector<AssessmentCase> assessments;  ///< empty: the catalogue does not say
    std::vector<std::string> ixit;            ///< ids of the catalogue's information tables (ETSI TS 103 701) that the assessment reads
    std::vector<Unconfirmed> unconfirmed;     ///< empty: all of it is confirmed as far as Catalogue::confidence says
    bool operator==(const Requirement&) const = default;
    SHIRUSHI_FIELDS(Requirement, id, title, text, group, verification, cwe, checks, declarations, open_points, only_with, obligation, applies_when,
                    assessments, ixit, unconfirmed)
};

/// A part of a catalogue, or a table of information that its assessment asks the maker for.
struct CatalogueGroup {
    std::string id;  ///< "5.3", "7-UpdMech"
    Text title;
    bool operator==(const CatalogueGroup&) const = default;
    SHIRUSHI_FIELDS(CatalogueGroup, id, title)
};

/// What may happen to something of value, the requirements of this or a lower level's catalogue that stand against it, and how that they do is
/// verified.
struct Threat {
    std::string id;  ///< "T-1"
    Text asset;
    Text threat;
    std::vector<std::string> measures;  ///< requirements: "SH-1", or another catalogue's as "ccds-27/D-1"
    Text verification;
    bool operator==(const Threat&) const = default;
    SHIRUSHI_FIELDS(Threat, id, asset, threat, measures, verification)
};

/// A product field's catalogue: what its products are asked beyond the requirements that it builds on, and the threat analysis it comes from.
struct FieldProfile {
    std::uint32_t level = 2;
    std::string field;                    ///< "smart-home", as product.toml's field
    std::vector<std::string> builds_on;  ///< catalogues: "ccds-27"
    std::vector<Threat> threats;
    bool operator==(const FieldProfile&) const = default;
    SHIRUSHI_FIELDS(FieldProfile, level, field, builds_on, threats)
};

/// A reference list is there to be read and compared; it has nothing that a product could be judged by.
enum class CatalogueKind { testable, reference };
SHIRUSHI_NAMES(CatalogueKind, "testable", "reference")

struct Catalogue {
    std::string id;  ///< "ccds-27"
    Text title;
    std::string edition;
    std::string source;
    std::string confidence;
    CatalogueKind kind = CatalogueKind::testable;
    std::vector<CatalogueGroup> groups;     ///< empty: the requirements' groups have no titles
    std::vector<CatalogueGroup> ixit;       ///< implementation extra information for testing (ETSI TS 103 701); mostly empty
    std::vector<Requirement> requirements;  ///< in the catalogue's order
    std::optional<FieldProfile> profile;    ///< of a product field's catalogue
    bool operator==(const Catalogue&) const = default;
    SHIRUSHI_FIELDS(Catalogue, id, title, edition, source, confidence, kind, groups, ixit, requirements, profile)
};

/// A sentence a check may say, with {name} places for a finding's arguments.
struct MessageText {
    std::string key;
    Text text;
    bool operator==(const MessageText&) const = default;
    SHIRUSHI_FIELDS(MessageText, key, text)
};

/// A list that a check's predicate reads, so that its limits are data too: protocols that count as insecure, a tolerance.
struct Parameter {
    std::string name;
    std::vector<std::string> values;
    bool operator==(const Parameter&) const = default;
    SHIRUSHI_FIELDS(Parameter, name, values)
};

struct CheckText {
    std::string id;  ///< "SHI-ACC-001": permanent
    Text title;
    Text remedy;
    Text limits;  ///< what the check cannot see
    Level level = Level::warning;
    std::vector<std::string> cwe;
    std::vector<MessageText> messages;   ///< sorted by key
    std::vector<Parameter> parameters;   ///< sorted by name
    bool operator==(const CheckText&) const = default;
    SHIRUSHI_FIELDS(CheckText, id, title, remedy, limits, level, cwe, messages, parameters)
};

}  // namespace shirushi
