#pragma once
// The parts of report.html: each puts into the page's view what its template of the same name needs, nothing more.

#include <vector>

#include "model/assessment.hpp"
#include "report/texts.hpp"
#include "report/view.hpp"

namespace shirushi::report {

void view_header(View& page, const Assessment& assessment, const Facts& facts, const Catalogue& catalogue);
void view_overall(View& page, const Assessment& assessment, const Texts& texts);
void view_worst(View& page, const Assessment& assessment, const std::vector<CheckText>& checks, const Texts& texts);
void view_unseen(View& page, const Assessment& assessment, const Facts& facts, const Texts& texts);
void view_requirements(View& page, const Assessment& assessment, const Catalogue& catalogue, const std::vector<CheckText>& checks,
                       const Texts& texts);
void view_image(View& page, const Facts& facts, const Texts& texts);
void view_components(View& page, const Assessment& assessment, const Facts& facts, const Texts& texts);
void view_facts(View& page, const Facts& facts, const Texts& texts);
void view_hardening(View& page, const Facts& facts, const Texts& texts);

/// The place a link to the n-th verdict leads to: never made of a name, since names may be hostile.
std::string anchor_of(std::size_t verdict_index);

/// Evidence as the finding and worst templates show it: `limit` places, then how many more.
void view_evidence(View& view, const std::vector<Evidence>& evidence, std::size_t limit);
void view_uses(View& page, const Assessment& assessment, const Texts& texts);

}  // namespace shirushi::report
