#pragma once
// Which findings matter most, and where the texts of their checks are: shared by the page and the terminal.

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/assessment.hpp"
#include "model/catalogue.hpp"

namespace shirushi::report {

/// The failing findings in the order in which to mend them: severe first, then those that spoil more requirements, then by
/// score; each check's worst finding comes before any check's second, so that fifty advisories do not hide one open login.
/// Pointers into `assessment`.
std::vector<const Finding*> worst_first(const Assessment& assessment);

/// Null when the check is unknown. Linear: checks are counted in dozens.
const CheckText* find_check(const std::vector<CheckText>& checks, std::string_view id);

const Requirement* find_requirement(const Catalogue& catalogue, std::string_view id);

struct Counts {
    std::size_t of[4] = {};  ///< indexed by VerdictKind
    [[nodiscard]] std::size_t operator[](VerdictKind kind) const { return of[static_cast<std::size_t>(kind)]; }
};
Counts count_verdicts(const Assessment& assessment);

/// fail before inconclusive before pass; not applicable only when nothing else is there.
VerdictKind overall_verdict(const Counts& counts);

}  // namespace shirushi::report
