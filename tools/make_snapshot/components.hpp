#pragma once
// Which products a snapshot covers and under which names, from a table "component <tab> records <tab> vendor:product ...".

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vuln/match.hpp"
#include "vuln/records.hpp"

namespace shirushi::make_snapshot {

/// Sorted by product. Pairs that name a sibling project of the component become components of their own.
std::vector<vuln::ProductNames> components_from_table(std::string_view table);

std::vector<vuln::ProductRecord> products_of(const std::vector<vuln::ProductNames>& components);

/// catalogues/components.toml.
std::string components_toml(const std::vector<vuln::ProductNames>& components);

}  // namespace shirushi::make_snapshot
