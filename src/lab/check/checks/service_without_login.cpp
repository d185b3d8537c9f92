// SHI-NET-003: no service that starts at boot lets anybody in without authentication.
#include <algorithm>

#include "check/check.hpp"
#include "check/checks/services.hpp"

namespace shirushi::check {

extern constexpr Check service_without_login =
    check_reading<&Facts::services>("SHI-NET-003", 1, [](const std::vector<Service>& services, Report& out) {
        for (const Service& service : services) {
            const bool local_only = !service.endpoints.empty() && std::ranges::all_of(service.endpoints, is_loopback);
            if (service.authenticates || !service.program_present || local_only)
                continue;
            out.fail({.key = "no_login",
                      .names = {{"service", service.name}},
                      .figures = {{"command", service.command}, {"why", service.authentication_note}},
                      .evidence = {service.evidence}});
        }
    });

}  // namespace shirushi::check
