#pragma once
// Two runs held against each other: the next firmware version against the last one. Pure.

#include "model/difference.hpp"

namespace shirushi::assess {

/// Of two assessments by the same catalogue (another edition of it may differ in requirements). What only one of them could not decide
/// is a change of the verdict, too; findings that are `open` are not listed one by one.
void compare(const Assessment& before, const Assessment& after, Difference& into);

/// Of two sets of facts. A table that one of them did not observe is left out: it would show everything as new, or as gone.
void compare(const Facts& before, const Facts& after, Difference& into);

/// Whether anything is worse than before: a verdict that passed or was open fails now, or there is a failing finding that is new.
bool is_worse(const Difference& difference);

/// Whether something is open that was not: a verdict that passed, or did not apply, or a new finding for a person to review.
bool is_more_open(const Difference& difference);

}  // namespace shirushi::assess
