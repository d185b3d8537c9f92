#pragma once
// Which advisories to deal with first. Pure.
//
// The rule, for an advisory that affects a component (model/advisory_match.hpp):
// 1. what is known to be exploited (CISA's list) before everything else;
// 2. then by how an attacker reaches the component: a service that waits for the network, what runs from boot on, what nobody could tell,
//    what nothing at boot uses;
// 3. then by the probability of exploitation within 30 days (EPSS), higher first, none last;
// 4. then by CVSS base score, higher first, none last.
// The first two make the priority's name, the other two the order within it. SSVC (CISA) asks for the same: exploitation, then exposure.

#include <optional>
#include <vector>

#include "catalog/catalog.hpp"
#include "model/assessment.hpp"

namespace shirushi::assess {

/// What the rule looks at.
struct Urgency {
    bool exploited = false;
    ExposureKind exposure = ExposureKind::unknown;
    std::optional<double> epss;
    std::optional<double> score;
};

Priority priority_of(const Urgency& urgency);
/// A strict weak order: whether `a` is to be dealt with before `b`.
bool is_more_urgent(const Urgency& a, const Urgency& b);

/// One for each match that affects its component, most urgent first; equally urgent ones by advisory, then component. The words are the
/// library's ("priority..." in catalogues/messages.toml), filled with what is known: date of listing, service, probability with its day,
/// score with its source and vector.
std::vector<MatchPriority> priorities(const Facts& facts, const catalog::Library& library);

}  // namespace shirushi::assess
