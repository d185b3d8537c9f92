#pragma once
// A made-up assessment with everything a report can show: each verdict, each level, advisories, gaps, both languages.

#include <string_view>
#include <vector>

#include "model/assessment.hpp"
#include "model/catalogue.hpp"
#include "model/facts.hpp"

namespace shirushi::report_sample {

struct Sample {
    Assessment assessment;
    Facts facts;
    Catalogue catalogue;
    std::vector<CheckText> checks;
};

/// A small router with planted flaws, judged against 27 requirements.
Sample router();

/// The same with `text` in every string a hostile image, declaration or data file could fill.
Sample hostile(std::string_view text);

/// The same with as much of everything as a full Linux distribution's image has.
Sample large();

}  // namespace shirushi::report_sample
