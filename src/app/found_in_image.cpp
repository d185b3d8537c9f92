#include "app/found_in_image.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "assess/assess.hpp"
#include "model/endpoint.hpp"

namespace shirushi::app {
namespace {

constexpr std::array<std::pair<std::string_view, Answer DeclaredInterfaces::*>, 5> kContradictions = {{{"SHI-DEC-001", &DeclaredInterfaces::wifi},
                                                                                                       {"SHI-DEC-002", &DeclaredInterfaces::bluetooth},
                                                                                                       {"SHI-DEC-003", &DeclaredInterfaces::usb},
                                                                                                       {"SHI-DEC-004", &DeclaredInterfaces::web_interface},
                                                                                                       {"SHI-DEC-005", &DeclaredInterfaces::sql_database}}};

/// Judges by nothing but the checks that hold a statement of absence against the image.
Catalogue contradictions() {
    Catalogue catalogue{.id = "contradictions"};
    for (const auto& [check, member] : kContradictions) {
        Requirement requirement{.id = std::string(check)};
        requirement.checks = {std::string(check)};
        catalogue.requirements.push_back(std::move(requirement));
    }
    return catalogue;
}

}  // namespace

std::vector<FoundInterface> interfaces_in(const Facts& facts, const catalog::Library& library) {
    Product none;
    for (const auto& [check, member] : kContradictions)
        none.interfaces.*member = Answer::no;
    Facts stated = facts;
    stated.declared_interfaces = {};
    stated.declared_services = {};
    assess::declare(none, stated);
    const Assessment judged = assess::assess(stated, library, contradictions(), none, {.program = "shirushi", .as_of = {1970, 1, 1}, .inputs = {}});
    std::vector<FoundInterface> found;
    for (const auto& [check, member] : kContradictions)
        for (const Finding& finding : judged.findings)
            if (finding.check_id == check && finding.kind == Kind::fail && std::ranges::find(found, member, &FoundInterface::member) == found.end())
                found.push_back({.member = member, .by = finding.arguments.empty() ? finding.check_id : finding.arguments.front().value});
    return found;
}

std::vector<DeclaredService> services_in(const Facts& facts) {
    std::vector<DeclaredService> found;
    for (const Service& service : facts.services.rows) {
        if (!service.program_present)
            continue;
        for (const Endpoint& endpoint : service.endpoints) {
            const auto same = [&](const DeclaredService& each) { return each.transport == endpoint.transport && each.port == endpoint.port; };
            if (!is_loopback(endpoint) && std::ranges::none_of(found, same))
                found.push_back({.transport = endpoint.transport, .port = endpoint.port, .protocol = service.protocol.empty() ? service.name : service.protocol, .purpose = ""});
        }
    }
    std::ranges::sort(found, {}, [](const DeclaredService& each) { return std::pair(each.transport, each.port); });
    return found;
}

}  // namespace shirushi::app
