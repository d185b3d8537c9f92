#include "app/catalogue_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace shirushi::app {
namespace {

std::string ids_of(const catalog::Library& library, bool testable_only) {
    std::vector<std::string_view> ids;
    for (const Catalogue& catalogue : library.catalogues)
        if (!testable_only || catalogue.kind == CatalogueKind::testable)
            ids.push_back(catalogue.id);
    return fmt::format("{}", fmt::join(ids, ", "));
}

}  // namespace

std::vector<std::string> wanted_catalogues(const std::vector<std::string>& ids) { return ids.empty() ? std::vector{std::string(kDefaultCatalogue)} : ids; }

Result<const Catalogue*> catalogue_named(const catalog::Library& library, std::string_view id) {
    if (const Catalogue* found = library.catalogue(id))
        return found;
    return fail(Errc::not_found, fmt::format("there is no catalogue \"{}\"; there is: {}", id, ids_of(library, false)));
}

Result<std::vector<const Catalogue*>> catalogues_to_judge_by(const catalog::Library& library, const std::vector<std::string>& ids) {
    std::vector<const Catalogue*> chosen;
    for (const std::string& id : wanted_catalogues(ids)) {
        const Catalogue* const catalogue = TRY(catalogue_named(library, id));
        if (catalogue->kind == CatalogueKind::reference)
            return fail(Errc::bad_input, fmt::format("catalogue {} is a reference list: no product is judged by it; choose one of: {}", id, ids_of(library, true)));
        // A product field's catalogue is asked beside those that it builds on.
        if (catalogue->profile)
            for (const std::string& base : catalogue->profile->builds_on)
                if (const Catalogue* const below = library.catalogue(base); std::ranges::find(chosen, below) == chosen.end())
                    chosen.push_back(below);
        if (std::ranges::find(chosen, catalogue) == chosen.end())
            chosen.push_back(catalogue);
    }
    return chosen;
}

}  // namespace shirushi::app
