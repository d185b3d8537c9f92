#pragma once
// What changed from one firmware version to the next: of two assessments by the same catalogue, and of two sets of facts.

#include <optional>
#include <string>
#include <vector>

#include "model/assessment.hpp"

namespace shirushi {

enum class Change { added, removed, changed };
SHIRUSHI_NAMES(Change, "added", "removed", "changed")

/// A requirement whose verdict is another one. Absent: the catalogue's other edition has no such requirement.
struct VerdictChange {
    std::string requirement;
    std::optional<VerdictKind> before;
    std::optional<VerdictKind> after;
    bool operator==(const VerdictChange&) const = default;
    SHIRUSHI_FIELDS(VerdictChange, requirement, before, after)
};

/// A failing finding, or one for review, that only one of the two has: findings are the same when their fingerprints are.
struct FindingChange {
    Change change = Change::added;
    Finding finding;
    bool operator==(const FindingChange&) const = default;
    SHIRUSHI_FIELDS(FindingChange, change, finding)
};

/// A fact that only one has, or that reads otherwise: of what is found by the same name.
struct FactChange {
    std::string table;  ///< the facts' member: "components", "services" ...
    Change change = Change::added;
    std::string name;    ///< "busybox", "tcp/23 telnetd", "etc/shadow: root"
    std::string before;  ///< what changed, where the name does not say it: versions, password state, mode; else empty
    std::string after;
    auto operator<=>(const FactChange&) const = default;
    SHIRUSHI_FIELDS(FactChange, table, change, name, before, after)
};

/// How many files only one has, and how many have another content.
struct FileChanges {
    std::uint64_t added = 0;
    std::uint64_t removed = 0;
    std::uint64_t changed = 0;
    bool operator==(const FileChanges&) const = default;
    SHIRUSHI_FIELDS(FileChanges, added, removed, changed)
};

/// An input of the judgement that is not the same: what else may explain other verdicts than the product itself.
struct InputChange {
    Change change = Change::changed;
    std::string name;
    bool operator==(const InputChange&) const = default;
    SHIRUSHI_FIELDS(InputChange, change, name)
};

struct Difference {
    std::string catalogue;  ///< empty: no assessments were compared
    std::vector<InputChange> inputs;
    std::vector<VerdictChange> verdicts;  ///< in the later catalogue's order
    std::vector<FindingChange> findings;  ///< added first
    std::vector<FactChange> facts;        ///< sorted
    std::optional<FileChanges> files;     ///< absent: no facts were compared
    bool operator==(const Difference&) const = default;
    SHIRUSHI_FIELDS(Difference, catalogue, inputs, verdicts, findings, facts, files)
};

}  // namespace shirushi
