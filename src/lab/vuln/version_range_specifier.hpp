#pragma once
// Ranges of versions as statements and bills of materials write them: vers, the version range specifier of package-url
// ("vers:deb/>=1.0|<1.2", ECMA TC54), and CSAF's bare list of constraints ("<4.2", "vls"). Pure; hostile text is bounded.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vuln/version.hpp"

namespace shirushi::vuln {

inline constexpr std::size_t longest_vers = 16384;       ///< bytes of the whole text
inline constexpr std::size_t most_constraints = 1000;  ///< of one range

enum class Comparator { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

struct VersConstraint {
    Comparator comparator = Comparator::equal;
    std::string version;  ///< not empty, at most longest_version bytes
};

struct Vers {
    VersionScheme scheme = VersionScheme::generic;
    bool every = false;  ///< "*"
    bool of_distribution = false;  ///< its versions are a distribution's, with epoch and revision
    std::vector<VersConstraint> constraints;  ///< sorted by version, each version once
};

/// "vers:<type>/<constraints>", or constraints alone, which are then compared by `otherwise`. Errors, each with what is wrong: unsupported
/// (a type whose order is not known here), bad_input (not a range, or one that contradicts itself), limit.
Result<Vers> parse_vers(std::string_view text, VersionScheme otherwise = VersionScheme::generic);

/// Whether the version lies in the range, by the specification's algorithm: equal to one that is named or is an end that counts; or
/// between two ends, before the first "<" or after the last ">".
bool contains(const Vers& vers, std::string_view version);

}  // namespace shirushi::vuln
