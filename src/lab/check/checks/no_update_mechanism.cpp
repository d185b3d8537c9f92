// SHI-UPD-001: the image holds some way to update itself. A maker's own mechanism may not be recognised, so its absence is
// for a person to confirm.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check no_update_mechanism =
    check_reading<&Facts::update_mechanisms>("SHI-UPD-001", 1, [](const std::vector<UpdateMechanism>& mechanisms, Report& out) {
        if (mechanisms.empty())
            out.review({.key = "none_found", .names = {}, .figures = {}, .evidence = {}});
    });

}  // namespace shirushi::check
