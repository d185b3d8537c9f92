#pragma once
// Catalogues by the names people type.

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"

namespace shirushi::app {

inline constexpr std::string_view kDefaultCatalogue = "ccds-27";

/// What people named, or the default one.
std::vector<std::string> wanted_catalogues(const std::vector<std::string>& ids);

/// Any catalogue. Errors: not_found, which lists those there are. Borrows the library.
Result<const Catalogue*> catalogue_named(const catalog::Library& library, std::string_view id);

/// Those to judge by, each once, in the order given; the default one where none is. Errors: as above, and bad_input for a reference list.
Result<std::vector<const Catalogue*>> catalogues_to_judge_by(const catalog::Library& library, const std::vector<std::string>& ids);

}  // namespace shirushi::app
