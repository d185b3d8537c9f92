#pragma once
// Findings + declarations -> a verdict per requirement. Pure: no clock, file or environment; same facts, same bytes.
//
// A requirement's verdict:
//   fail            a finding of one of its checks fails, or a person observed that an open point does not conform;
//   inconclusive    otherwise, while anything is open: a check that nobody could answer (`open`), one whose findings a person
//                   must look at (`review`), a statement that product.toml lacks (Requirement::declarations), or an open point
//                   that no observation settles; the remedy says how to settle it;
//   not_applicable  its interface (Requirement::only_with) is declared absent and none of its checks found it after all;
//   pass            every listed check has looked and found nothing, every statement is there, and every open point is settled.
// Observations of product.toml count when they name person, reason and a date that is not after `as_of`, and, for method
// `examine`, the document. One that names a point settles that open point, or (where `point` is a check's id) what that
// check left open or for review; it never mends a failing finding. One that names the requirement as a whole overrules
// everything else about it: both it and what it overrules stand among the reasons. It speaks about the catalogue's requirement by
// its id ("B-1"), or with the catalogue's ("ccds-27/B-1"), which it must where several catalogues have a requirement of that id.
//
// Sources: ETSI TS 103 701 (verdicts), OSCAL (methods), docs/house.md.

#include <optional>
#include <string>
#include <vector>

#include "base/civil_time.hpp"
#include "catalog/catalog.hpp"
#include "model/assessment.hpp"

namespace shirushi::assess {

/// What the judgement is made with beside the facts.
struct Run {
    std::string program;              ///< "shirushi 0.1.0"
    Date as_of;                       ///< the day the judgement is for
    std::vector<PinnedInput> inputs;  ///< further inputs to pin: "product.toml"; the library's and the snapshot's are added
};

/// Puts what the product declares into the facts' tables declared_services and declared_interfaces, as checks read them.
/// Services that product.toml does not state stay unobserved.
void declare(const Product& product, Facts& facts);

/// Judges the facts by one catalogue, a testable one. The catalogue must be one of the library's, or at least list its checks only. Where
/// the facts do not hold the product's declarations yet, they are taken from `product`.
Assessment assess(const Facts& facts, const catalog::Library& library, const Catalogue& catalogue,
                  const std::optional<Product>& product, const Run& run);

/// 0: all pass or not applicable; 1: some fail; 2: none fails, some are inconclusive.
int exit_code(const Assessment& assessment);

}  // namespace shirushi::assess
