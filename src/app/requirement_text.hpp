#pragma once
// One requirement as the terminal shows it.

#include <string>

#include "catalog/catalog.hpp"
#include "report/texts.hpp"

namespace shirushi::app {

/// All that the catalogue knows about the requirement: what it asks, what looks at it, what is left to people, what is unconfirmed,
/// and which requirements of other catalogues share its evidence.
std::string requirement_text(const catalog::Library& library, const Catalogue& catalogue, const Requirement& requirement, const report::Texts& texts,
                             Language language);

}  // namespace shirushi::app
