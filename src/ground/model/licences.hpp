#pragma once
// Licences as data: which ids there are, by which names and texts they are met, and what a policy makes of them.

#include <string>
#include <vector>

#include "model/catalogue.hpp"
#include "model/fields.hpp"

namespace shirushi {

/// The identifiers SPDX keeps: catalogues/licences/spdx.toml.
struct LicenceIds {
    std::vector<std::string> licences;
    std::vector<std::string> deprecated;  ///< still met, no longer to be used
    std::vector<std::string> exceptions;  ///< what may stand behind WITH
    bool operator==(const LicenceIds&) const = default;
    SHIRUSHI_FIELDS(LicenceIds, licences, deprecated, exceptions)
};

/// Names that packages give a licence where SPDX has another: "GPLv2+".
struct LicenceAlias {
    std::string licence;  ///< SPDX expression
    std::vector<std::string> names;
    bool operator==(const LicenceAlias&) const = default;
    SHIRUSHI_FIELDS(LicenceAlias, licence, names)
};

/// How a licence's text is told from others: it holds all phrases and none of `without`. Letter case, line breaks and punctuation do not count.
struct LicenceText {
    std::string licence;  ///< SPDX expression
    std::vector<std::string> phrases;
    std::vector<std::string> without;
    bool operator==(const LicenceText&) const = default;
    SHIRUSHI_FIELDS(LicenceText, licence, phrases, without)
};

/// catalogues/licences/names.toml.
struct LicenceNames {
    std::vector<LicenceAlias> alias;
    std::vector<LicenceText> text;
    bool operator==(const LicenceNames&) const = default;
    SHIRUSHI_FIELDS(LicenceNames, alias, text)
};

enum class LicenceVerdict { allow, review, deny };
SHIRUSHI_NAMES(LicenceVerdict, "allow", "review", "deny")

/// Something whoever ships a component has to do.
struct LicenceObligation {
    std::string id;
    Text text;
    bool operator==(const LicenceObligation&) const = default;
    SHIRUSHI_FIELDS(LicenceObligation, id, text)
};

/// Licences that are treated alike. A licence belongs to the first group that lists it; a last '*' stands for any ending.
struct LicenceGroup {
    std::string id;
    Text title;
    LicenceVerdict verdict = LicenceVerdict::review;
    std::vector<std::string> licences;
    std::vector<std::string> obligations;  ///< ids
    bool operator==(const LicenceGroup&) const = default;
    SHIRUSHI_FIELDS(LicenceGroup, id, title, verdict, licences, obligations)
};

/// Licences whose terms cannot both be kept in one work.
struct LicenceConflict {
    std::vector<std::string> licences;  ///< any of these ...
    std::vector<std::string> against;   ///< ... with any of these; a last '*' stands for any ending
    Text text;
    bool operator==(const LicenceConflict&) const = default;
    SHIRUSHI_FIELDS(LicenceConflict, licences, against, text)
};

/// catalogues/licences/policy.toml, or the user's own.
struct LicencePolicy {
    std::vector<LicenceObligation> obligation;
    std::vector<LicenceGroup> group;
    std::vector<LicenceConflict> conflict;
    bool operator==(const LicencePolicy&) const = default;
    SHIRUSHI_FIELDS(LicencePolicy, obligation, group, conflict)
};

}  // namespace shirushi
