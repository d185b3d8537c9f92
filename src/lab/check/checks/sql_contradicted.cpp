// SHI-DEC-005: a product that declares to have no SQL database shows none in its image.
#include "check/check.hpp"
#include "check/checks/contradiction.hpp"

namespace shirushi::check {

extern constexpr Check sql_contradicted = check_reading<&Facts::declared_interfaces, &Facts::components, &Facts::services>(
    "SHI-DEC-005", 1,
    [](const std::vector<DeclaredInterfaces>& declared, const std::vector<Component>& components, const std::vector<Service>& services,
       Report& out) { judge_contradiction(declared, &DeclaredInterfaces::sql_database, components, services, out); });

}  // namespace shirushi::check
