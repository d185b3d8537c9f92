#include <fmt/format.h>

#include <algorithm>

#include "assess/judgement.hpp"
#include "base/civil_time.hpp"

namespace shirushi::assess {
namespace {

bool has_requirement(const Catalogue& catalogue, std::string_view id) {
    return std::ranges::find(catalogue.requirements, id, &Requirement::id) != catalogue.requirements.end();
}

/// What an observation speaks about: "B-1", or "ccds-27/B-1" where several catalogues have such a requirement.
struct Subject {
    std::string_view catalogue;  ///< empty: not named
    std::string_view requirement;
};

Subject subject_of(std::string_view written) {
    const std::size_t slash = written.find('/');
    return slash == written.npos ? Subject{"", written} : Subject{written.substr(0, slash), written.substr(slash + 1)};
}

/// Other catalogues of the library that have the requirement.
std::vector<std::string_view> elsewhere(const catalog::Library& library, const Catalogue& catalogue, std::string_view requirement) {
    std::vector<std::string_view> ids;
    for (const Catalogue& other : library.catalogues)
        if (other.id != catalogue.id && other.kind == CatalogueKind::testable && has_requirement(other, requirement))
            ids.push_back(other.id);
    return ids;
}

/// Whether it speaks about another catalogue only: then it is none of this one's business.
bool is_for_another(const Subject& subject, const catalog::Library& library, const Catalogue& catalogue) {
    const auto others = elsewhere(library, catalogue, subject.requirement);
    if (subject.catalogue.empty())
        return !has_requirement(catalogue, subject.requirement) && !others.empty();
    return subject.catalogue != catalogue.id && std::ranges::find(others, subject.catalogue) != others.end();
}

/// Why the subject cannot be told; empty: it can.
std::string objection(const Subject& subject, const catalog::Library& library, const Catalogue& catalogue) {
    if (!subject.catalogue.empty() && subject.catalogue != catalogue.id)
        return fmt::format("there is no catalogue \"{}\" with such a requirement", subject.catalogue);
    if (!has_requirement(catalogue, subject.requirement))
        return fmt::format("catalogue {} has no such requirement", catalogue.id);
    const auto others = elsewhere(library, catalogue, subject.requirement);
    if (subject.catalogue.empty() && !others.empty())
        return fmt::format("{} has one, too; write \"{}/{}\"", others.front(), catalogue.id, subject.requirement);
    return "";
}

/// Whether a requirement has such an open point, check or declaration.
bool has_point(const Requirement& requirement, std::string_view point) {
    const auto among = [&](const std::vector<std::string>& list) { return std::ranges::find(list, point) != list.end(); };
    return among(requirement.checks) || among(requirement.declarations) ||
           std::ranges::find(requirement.open_points, point, &OpenPoint::id) != requirement.open_points.end();
}

/// Why an observation does not count; empty: it does. Plain English, for the assessment's notes.
std::string objection(const DeclaredObservation& observation, const Requirement& requirement, std::string_view as_of) {
    if (!observation.point.empty() && !has_point(requirement, observation.point))
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

Observations::Observations(const catalog::Library& library, const Catalogue& catalogue, const std::optional<Product>& product, std::string_view as_of) {
    if (!product)
        return;
    for (const DeclaredObservation& observation : product->observations) {
        const Subject subject = subject_of(observation.requirement);
        if (is_for_another(subject, library, catalogue))
            continue;
        std::string why = objection(subject, library, catalogue);
        if (why.empty())
            why = objection(observation, *std::ranges::find(catalogue.requirements, subject.requirement, &Requirement::id), as_of);
        if (why.empty())
            counting_.push_back({subject.requirement, &observation});
        else
            ignored_.push_back(fmt::format("product.toml: observation about {} not counted: {}", observation.requirement, why));
    }
}

std::vector<const DeclaredObservation*> Observations::about(std::string_view requirement, std::string_view point) const {
    std::vector<const DeclaredObservation*> found;
    for (const Counting& one : counting_)
        if (one.requirement == requirement && one.observation->point == point)
            found.push_back(one.observation);
    return found;
}

}  // namespace shirushi::assess
