#pragma once
// The map of METI's IoT security and safety framework (IoT-SSF): difficulty of recovery upwards, economic impact to the right, each use of
// the product in its cell, and an arrow to where the measures bring it. SVG, no script, no reference, every use said in words.

#include <string>
#include <vector>

#include "model/catalogue.hpp"
#include "model/uses.hpp"

namespace shirushi::report {

/// At most forty uses are drawn; product.toml and the table beside it have all.
std::string risk_map_svg(const std::vector<Use>& uses, Language language);

}  // namespace shirushi::report
