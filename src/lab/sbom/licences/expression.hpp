#pragma once
// SPDX licence expressions (SPDX 2.3 annex D), held against the list of licences that SPDX keeps.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi::sbom {

/// The identifiers that SPDX knows. Upper and lower case do not count when looking one up; what is found is in SPDX's spelling.
class LicenceList {
public:
    LicenceList() = default;
    LicenceList(const std::vector<std::string>& licences, const std::vector<std::string>& exceptions);

    /// Nothing when it is not listed. The pointer lives as long as the list.
    [[nodiscard]] const std::string* licence(std::string_view id) const;
    [[nodiscard]] const std::string* exception(std::string_view id) const;

private:
    std::map<std::string, std::string, std::less<>> licences_;  // in small letters -> as SPDX spells it
    std::map<std::string, std::string, std::less<>> exceptions_;
};

/// One licence with what is said of it, or several joined.
struct LicenceExpression {
    enum class Kind { licence, all_of, any_of };
    Kind kind = Kind::licence;
    std::string id;          ///< "GPL-2.0-only", "LicenseRef-x", "DocumentRef-y:LicenseRef-x"
    bool or_later = false;   ///< "Apache-2.0+"
    std::string exception;   ///< of WITH
    std::vector<LicenceExpression> parts;  ///< two or more where joined
    bool operator==(const LicenceExpression&) const = default;
};

/// Errors: bad_input with the byte (from 1) and what was expected there: an identifier that SPDX does not list, a missing operator or
/// parenthesis; limit: nested deeper than 64 or longer than 16 KiB.
Result<LicenceExpression> parse_licence_expression(std::string_view text, const LicenceList& list);

/// With as few parentheses as the meaning allows: parsing it gives the same expression.
std::string text_of(const LicenceExpression& expression);

/// Every licence the expression names, each once, sorted: "GPL-2.0-only WITH Classpath-exception-2.0" as one.
std::vector<std::string> licences_in(const LicenceExpression& expression);

}  // namespace shirushi::sbom
