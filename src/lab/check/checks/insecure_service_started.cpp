// SHI-NET-001: no Telnet, FTP, TFTP, r-command or debug server starts at boot. Judges what the start-up configuration runs,
// by protocol and by program, so that telnetd on another port is caught as well.
#include "check/check.hpp"
#include "check/checks/services.hpp"

namespace shirushi::check {

extern constexpr Check insecure_service_started =
    check_reading<&Facts::services>("SHI-NET-001", 1, [](const std::vector<Service>& services, Report& out) {
        for (const Service& service : services) {
            const bool by_program = out.listed("programs", service.name) || out.listed("programs", program_of(service.command));
            if (!by_program && !out.listed("protocols", service.protocol))
                continue;
            Said said{.key = "started",
                      .names = {{"service", service.name}},
                      .figures = {{"command", service.command}},
                      .evidence = {service.evidence}};
            if (service.program_present) {
                out.fail(std::move(said));
            } else {
                said.key = "program_missing";
                out.review(std::move(said));
            }
        }
    });

}  // namespace shirushi::check
