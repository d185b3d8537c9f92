#pragma once
// What the readers share.

#include "model/foreign_json.hpp"
#include "vex/vex.hpp"

namespace shirushi::vex {

inline constexpr std::size_t kStatements = 500'000;
inline constexpr std::size_t kRemarks = 100;

Result<Document> read_openvex(const json::At& root);
Result<Document> read_cyclonedx(const json::At& root);
Result<Document> read_csaf(const json::At& root);

/// What all statements together may hold: one product's texts can be named a million times.
class Budget {
public:
    /// Errors: limit.
    Result<void> spend(const json::At& at, std::size_t bytes);
    Result<void> spend(const json::At& at, const VexItem& item);

private:
    std::size_t left_ = std::size_t{128} << 20;
};

/// Adds a statement within the ceilings. Errors: limit.
Result<void> add(Document& document, VexStatement statement, const json::At& at);
/// At most kRemarks are kept.
void remark(Document& document, std::string text);

/// What an identifier is worth: a purl or a CPE fills its member, and name and version of it.
void identify(VexItem& item, const std::string& identifier);

/// Errors: bad_input when it is none of the words.
Result<VexStatus> status_of(const json::At& at, std::string_view word);
/// OpenVEX's and CSAF's words; none for an empty one. Errors: bad_input.
Result<VexJustification> justification_of(const json::At& at, std::string_view word);

}  // namespace shirushi::vex
