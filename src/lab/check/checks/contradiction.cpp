#include "check/checks/contradiction.hpp"

#include "check/checks/services.hpp"

namespace shirushi::check {

void judge_contradiction(const std::vector<DeclaredInterfaces>& declared, Answer DeclaredInterfaces::*interface,
                         const std::vector<Component>& components, const std::vector<Service>& services, Report& out) {
    if (declared.empty() || declared.front().*interface != Answer::no)
        return;
    for (const Component& component : components)
        if (out.listed("products", component.product))
            out.fail({.key = "component",
                      .names = {{"component", component.product}},
                      .figures = {{"version", component.version}},
                      .evidence = component.evidence});
    for (const Service& service : services) {
        const bool fits = out.listed("programs", service.name) || out.listed("programs", program_of(service.command)) ||
                          out.listed("protocols", service.protocol);
        if (service.program_present && fits)
            out.fail({.key = "service", .names = {{"service", service.name}}, .figures = {}, .evidence = {service.evidence}});
    }
}

}  // namespace shirushi::check
