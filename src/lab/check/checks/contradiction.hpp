#pragma once
// What a product declares not to have, and what its image holds after all.

#include <vector>

#include "check/check.hpp"

namespace shirushi::check {

/// Where the interface is declared absent: a failing finding for every component among the parameter "products"
/// (`component`) and every service that starts among "programs" or "protocols" (`service`).
void judge_contradiction(const std::vector<DeclaredInterfaces>& declared, Answer DeclaredInterfaces::*interface,
                         const std::vector<Component>& components, const std::vector<Service>& services, Report& out);

}  // namespace shirushi::check
