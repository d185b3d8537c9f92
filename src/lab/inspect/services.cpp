// Services: what starts at boot, as a row each, with where it listens and whom it lets in.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemon_settings.hpp"
#include "inspect/daemons.hpp"
#include "inspect/inspectors.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect {
namespace {

/// The command for people to see. Arguments after which, or in which, a password stands are masked there and in `line`.
std::string masked_command(const std::vector<std::string>& arguments, std::string& line) {
    std::vector<std::string> shown;
    bool next_is_secret = false;
    const auto hidden = [&](std::string_view secret) {
        line = masked_excerpt(line, secret);
        return masked(secret);
    };
    for (const std::string& argument : arguments) {
        const std::string lower = lowered(argument.substr(0, 64));
        const auto equals = argument.find('=');
        const bool names_secret = lower.find("passw") != std::string::npos || lower.find("psk") != std::string::npos || lower.find("secret") != std::string::npos;
        if (next_is_secret)
            shown.push_back(hidden(argument));
        else if (names_secret && equals != std::string::npos && equals < 64)
            shown.push_back(argument.substr(0, equals + 1) + hidden(std::string_view(argument).substr(equals + 1)));
        else
            shown.push_back(argument);
        next_is_secret = !next_is_secret && names_secret && equals == std::string::npos && argument.find('/') == std::string::npos;
    }
    return excerpt(fmt::format("{}", fmt::join(shown, " ")), 512);
}

/// BusyBox holds its applets' names as NUL-ended words; a link to it, or "busybox NAME", needs one of them.
bool is_applet(const Root& root, std::string_view name) {
    const auto busybox = root.program("busybox");
    if (!busybox)
        return false;
    const std::string_view content = as_text(root.tree().bytes(*busybox));
    const std::string word = std::string(1, '\0') + std::string(name) + std::string(1, '\0');
    return content.find(word) != std::string_view::npos;
}

/// tcpsvd(8): options, address, port, program and its arguments.
std::optional<Start> behind_super_server(const Start& start) {
    const std::string_view name = base_name(start.arguments[0]);
    if (name != "tcpsvd" && name != "udpsvd")
        return std::nullopt;
    std::size_t i = 1;
    while (i < start.arguments.size() && start.arguments[i].starts_with('-'))
        i += start.arguments[i].size() == 2 && std::string_view("cCbulx").find(start.arguments[i][1]) != std::string_view::npos ? 2 : 1;
    if (i + 2 >= start.arguments.size())
        return std::nullopt;
    Start inner = start;
    const std::string& address = start.arguments[i];
    inner.address = address == "0" || address == "0.0.0.0" ? "" : address;
    const auto port = to_integer<std::uint16_t>(start.arguments[i + 1]);
    (name == "tcpsvd" ? inner.tcp_port : inner.udp_port) = port ? *port : well_known_port(start.arguments[i + 1]);
    inner.arguments = invocation_of({start.arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2, start.arguments.end()}).arguments;
    return inner.arguments.empty() ? std::nullopt : std::optional(inner);
}

std::optional<Service> service_from(const Root& root, const Start& start) {
    const std::string name(base_name(start.arguments[0]));
    Service service{.name = printable(name), .protocol = {}, .command = {}, .started_by = start.started_by, .evidence = start.evidence};
    service.command = masked_command(start.arguments, service.evidence.excerpt);
    service.program_present = root.program(start.arguments[0]).has_value() || is_applet(root, name);
    if (const Daemon* daemon = find_daemon(name)) {
        service.protocol = daemon->protocol;
        for (const DefaultEndpoint& endpoint : daemon->endpoints)
            if (!endpoint.transport.empty())
                service.endpoints.push_back({std::string(endpoint.transport), endpoint.port, ""});
    }
    if (!apply_settings(root, start.arguments, service))
        return std::nullopt;
    if (start.tcp_port != 0 || start.udp_port != 0) {  // the super-server listens, whatever the program would do alone
        service.endpoints.clear();
        if (start.tcp_port != 0)
            service.endpoints.push_back({"tcp", start.tcp_port, printable(start.address)});
        if (start.udp_port != 0)
            service.endpoints.push_back({"udp", start.udp_port, printable(start.address)});
        if (const std::string_view shell = name; shell == "sh" || shell == "ash" || shell == "bash") {
            service.authenticates = false;
            service.authentication_note = service.command;
        }
    }
    return service;
}

/// Adds what inetd and the like start in their turn.
void add_super_servers(const Root& root, std::vector<Start>& starts) {
    const std::size_t direct = starts.size();
    bool inetd_done = false;
    bool xinetd_done = false;
    for (std::size_t i = 0; i < direct; ++i) {
        const std::string name(base_name(starts[i].arguments[0]));
        if ((name == "inetd" || name == "openbsd-inetd") && !std::exchange(inetd_done, true)) {
            const std::string last = starts[i].arguments.back();
            add_inetd_starts(root, last.starts_with('/') && starts[i].arguments.size() > 1 ? last : "etc/inetd.conf", starts);
        }
        if (name == "xinetd" && !std::exchange(xinetd_done, true))
            add_xinetd_starts(root, starts);
        if (auto inner = behind_super_server(starts[i]))
            starts[i] = std::move(*inner);
    }
}

bool same_service(const Service& a, const Service& b) {
    return a.command == b.command && a.endpoints == b.endpoints && a.started_by == b.started_by && a.evidence.path == b.evidence.path;
}

}  // namespace

Table<Service> inspect_services(const Image& image) {
    Table<Service> table{.observed = true, .gaps = image.tree->gaps(), .rows = {}};
    for (const Root& root : image.roots) {
        std::vector<Start> starts = starts_of(root);
        add_super_servers(root, starts);
        std::vector<Service> here;
        for (const Start& start : starts)
            if (auto service = service_from(root, start))
                if (here.size() < 4096)
                    here.push_back(std::move(*service));
        // The same line reached by two ways is one service.
        std::ranges::stable_sort(here, {}, [](const Service& s) { return std::tie(s.name, s.evidence, s.command); });
        for (Service& service : here)
            if (table.rows.empty() || !same_service(table.rows.back(), service))
                table.rows.push_back(std::move(service));
    }
    return table;
}

}  // namespace shirushi::inspect
