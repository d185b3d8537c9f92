#pragma once
// Which findings matter most, and where the texts of their checks are: shared by the page and the terminal.

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/assessment.hpp"
#include "model/catalogue.hpp"

namespace shirushi::report {

/// What to mend first. `shown` points into `assessment`.
struct Worst {
    std::vector<const Finding*> shown;
    std::size_t more = 0;  ///< failing findings that are not shown
};

/// At most `limit` failing findings in the order in which to mend them: severe first, then those that spoil more requirements,
/// then by score. So that fifty advisories do not hide one open login, each check speaks once, about a component that no other
/// finding is about, as long as there are such; then checks may speak again. Of findings of one group of checks ("SHI-VUL")
/// about one component only the worst is shown, even where there is room: mending it mends the others.
Worst worst_first(const Assessment& assessment, std::size_t limit);

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
