#include <fmt/format.h>

#include <algorithm>

#include "assess/judgement.hpp"
#include "base/civil_time.hpp"

namespace shirushi::assess {
namespace {

/// Why an observation does not count; empty: it does. Plain English, for the assessment's notes.
std::string objection(const DeclaredObservation& observation, const Catalogue& catalogue, std::string_view as_of) {
    const auto requirement = std::ranges::find(catalogue.requirements, observation.requirement, &Requirement::id);
    if (requirement == catalogue.requirements.end())
        return fmt::format("catalogue {} has no such requirement", catalogue.id);
    const bool known_point = observation.point.empty() || std::ranges::find(requirement->checks, observation.point) != requirement->checks.end() ||
                             std::ranges::find(requirement->open_points, observation.point, &OpenPoint::id) != requirement->open_points.end();
    if (!known_point)
        return fmt::format("it has neither an open point nor a check \"{}\"", observation.point);
    if (observation.person.empty() || observation.reason.empty())
        return "it lacks the person or the reason";
    if (!Date::from_text(observation.date))
        return "it lacks a date (YYYY-MM-DD)";
    if (observation.date > as_of)
        return fmt::format("its date {} is after {}", observation.date, as_of);
    if (observation.method == Method::examine && observation.document.empty())
        return "method \"examine\" needs the document that was read";
    return "";
}

}  // namespace

Observations::Observations(const Catalogue& catalogue, const std::optional<Product>& product, std::string_view as_of) {
    if (!product)
        return;
    for (const DeclaredObservation& observation : product->observations) {
        const std::string why = objection(observation, catalogue, as_of);
        if (why.empty())
            counting_.push_back(&observation);
        else
            ignored_.push_back(fmt::format("product.toml: observation about {} not counted: {}", observation.requirement, why));
    }
}

std::vector<const DeclaredObservation*> Observations::about(std::string_view requirement, std::string_view point) const {
    std::vector<const DeclaredObservation*> found;
    for (const DeclaredObservation* one : counting_)
        if (one->requirement == requirement && one->point == point)
            found.push_back(one);
    return found;
}

}  // namespace shirushi::assess
