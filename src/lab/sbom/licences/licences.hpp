#pragma once
// The licences of what is in an image: what packages and texts say, and what a policy makes of it.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"
#include "model/licences.hpp"
#include "sbom/licences/expression.hpp"
#include "unpack/tree.hpp"

namespace shirushi::sbom {

/// Names and texts of licences, ready to be looked for. Immutable; may be used from any number of threads.
class LicenceFinder {
public:
    /// `list` must outlive it.
    LicenceFinder(const LicenceList& list, const LicenceNames& names);

    /// What a package's field means as an SPDX expression: "GPLv2+ and MIT" -> "GPL-2.0-or-later AND MIT"; empty when a part of it
    /// is no licence that is known.
    [[nodiscard]] std::string expression_of(std::string_view field) const;
    /// Licences whose texts stand in a file, sorted. Looks at the first MiB.
    [[nodiscard]] std::vector<std::string> texts_in(Bytes content) const;
    [[nodiscard]] const LicenceList& list() const { return list_; }

private:
    [[nodiscard]] std::string one(std::string_view name) const;

    const LicenceList& list_;
    std::map<std::string, std::string, std::less<>> aliases_;  // in small letters -> expression
    std::vector<LicenceText> texts_;                           // phrases in the form that texts are brought to
};

enum class LicenceSource { package_field, copyright_file, licence_text };

}  // namespace shirushi::sbom

namespace shirushi {
SHIRUSHI_NAMES(sbom::LicenceSource, "package_field", "copyright_file", "licence_text")
}  // namespace shirushi

namespace shirushi::sbom {

struct LicenceEvidence {
    std::string licence;  ///< SPDX expression; where `known` is false, the words that stand there
    bool known = true;
    LicenceSource source = LicenceSource::package_field;
    std::string path;
    auto operator<=>(const LicenceEvidence&) const = default;
    SHIRUSHI_FIELDS(LicenceEvidence, licence, known, source, path)
};

struct ComponentLicence {
    std::string component;   ///< Component::id; empty: a text that belongs to no component
    std::string expression;  ///< empty: nothing that is known
    LicenceVerdict verdict = LicenceVerdict::review;
    std::string chosen;                    ///< where the expression leaves a choice, the alternative that asks least
    std::vector<std::string> groups;       ///< of the policy, sorted
    std::vector<std::string> obligations;  ///< of the policy, sorted
    std::vector<std::size_t> conflicts;    ///< indices into the policy's
    std::vector<LicenceEvidence> evidence;
    bool operator==(const ComponentLicence&) const = default;
    SHIRUSHI_FIELDS(ComponentLicence, component, expression, verdict, chosen, groups, obligations, conflicts, evidence)
};

struct LicenceTable {
    std::vector<ComponentLicence> rows;  ///< components in their order, then texts by path
    bool texts_are_partial = false;      ///< there were more files than are looked at
    bool operator==(const LicenceTable&) const = default;
    SHIRUSHI_FIELDS(LicenceTable, rows, texts_are_partial)
};

/// `tree` may be null: a bill of materials alone. Where package field and copyright file both speak, the field counts, and both are evidence.
LicenceTable licences_of(const Table<Component>& components, const unpack::Tree* tree, const LicenceFinder& finder, const LicencePolicy& policy);

/// What a policy makes of an expression (which must parse): fills verdict, chosen, groups, obligations and conflicts.
void judge(ComponentLicence& row, const LicenceList& list, const LicencePolicy& policy);

/// Two-space indented with a line end.
std::string to_json(const LicenceTable& table);

}  // namespace shirushi::sbom
