// SHI-NET-004: services that speak without encryption are looked at by a person, who knows what they carry.
#include <algorithm>

#include "check/check.hpp"
#include "check/checks/services.hpp"

namespace shirushi::check {

extern constexpr Check plain_text_service =
    check_reading<&Facts::services>("SHI-NET-004", 1, [](const std::vector<Service>& services, Report& out) {
        for (const Service& service : services) {
            const bool local_only = !service.endpoints.empty() && std::ranges::all_of(service.endpoints, is_loopback);
            if (service.program_present && !local_only && out.listed("protocols", service.protocol))
                out.review({.key = "plain_text",
                            .names = {{"service", service.name}, {"protocol", service.protocol}},
                            .figures = {},
                            .evidence = {service.evidence}});
        }
    });

}  // namespace shirushi::check
