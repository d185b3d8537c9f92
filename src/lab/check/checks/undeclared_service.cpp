// SHI-NET-002: every service that starts at boot is one that product.toml declares. A service whose port is known is
// compared by transport and port; one whose port is not known, by protocol, and then a person has to look.
#include <fmt/format.h>

#include <algorithm>

#include "check/check.hpp"
#include "check/checks/services.hpp"

namespace shirushi::check {
namespace {

bool is_declared(const std::vector<DeclaredService>& declared, const Endpoint& endpoint) {
    return std::ranges::any_of(declared, [&](const DeclaredService& one) {
        return one.transport == endpoint.transport && one.port == endpoint.port;
    });
}

}  // namespace

extern constexpr Check undeclared_service = check_reading<&Facts::services, &Facts::declared_services>(
    "SHI-NET-002", 1, [](const std::vector<Service>& services, const std::vector<DeclaredService>& declared, Report& out) {
        for (const Service& service : services) {
            if (!service.program_present)
                continue;
            for (const Endpoint& endpoint : service.endpoints)
                if (!is_loopback(endpoint) && !is_declared(declared, endpoint))
                    out.fail({.key = "undeclared",
                              .names = {{"service", service.name}, {"port", fmt::format("{}/{}", endpoint.port, endpoint.transport)}},
                              .figures = {},
                              .evidence = {service.evidence}});
            const bool below_ports = service.protocol == "wifi";  // an access point: nothing to declare by transport and port
            if (service.endpoints.empty() && !service.protocol.empty() && !below_ports &&
                std::ranges::find(declared, service.protocol, &DeclaredService::protocol) == declared.end())
                out.review({.key = "port_unknown",
                            .names = {{"service", service.name}, {"protocol", service.protocol}},
                            .figures = {},
                            .evidence = {service.evidence}});
        }
    });

}  // namespace shirushi::check
