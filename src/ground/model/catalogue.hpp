#pragma once
// Requirements, checks' texts and word lists as data: what catalogues/ holds once it has been read and found consistent.

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

struct Requirement {
    std::string id;  ///< "B-1"
    Text title;
    Text text;  ///< our own paraphrase
    std::string quadrant;
    std::string verification;      ///< "tool" or "process"
    std::vector<std::string> cwe;  ///< "CWE-119"
    std::vector<std::string> checks;
    std::vector<OpenPoint> open_points;
    std::string only_with;  ///< member of DeclaredInterfaces without which it does not apply; empty: always applies
    bool operator==(const Requirement&) const = default;
    SHIRUSHI_FIELDS(Requirement, id, title, text, quadrant, verification, cwe, checks, open_points, only_with)
};

struct Catalogue {
    std::string id;  ///< "ccds-27"
    Text title;
    std::string edition;
    std::string source;
    std::string confidence;
    std::vector<Requirement> requirements;  ///< in the catalogue's order
    bool operator==(const Catalogue&) const = default;
    SHIRUSHI_FIELDS(Catalogue, id, title, edition, source, confidence, requirements)
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
