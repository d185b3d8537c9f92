// inetd.conf(5) and xinetd.conf(5): services that a super-server starts when somebody connects.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxLines = 200;  // of inetd.conf: each may look its service up in etc/services
constexpr std::size_t kMaxLine = 2048;

unsigned port_of(const Root& root, std::string_view service, std::string_view transport) {
    if (const auto number = to_integer<std::uint16_t>(service))
        return *number;
    if (const auto text = root.text("etc/services"))
        for (const std::string_view line : lines_of(text->substr(0, 64 * 1024))) {
            if (!line.starts_with(service) || line.size() > kMaxLine)
                continue;
            const auto words = words_of(line);
            const auto slash = words.size() < 2 ? std::string_view::npos : words[1].find('/');
            if (slash != std::string_view::npos && words[0] == service && words[1].substr(slash + 1) == transport)
                if (const auto number = to_integer<std::uint16_t>(words[1].substr(0, slash)))
                    return *number;
        }
    return well_known_port(service);
}

Start listening(const Root& root, std::string_view service, std::string_view transport, std::string_view address) {
    Start start{.started_by = StartedBy::inetd, .is_service = true, .address = std::string(address == "*" ? "" : address), .service = std::string(service)};
    (transport.starts_with("udp") ? start.udp_port : start.tcp_port) = port_of(root, service, transport.substr(0, 3));
    return start;
}

}  // namespace

void add_inetd_starts(const Root& root, std::string_view file, std::vector<Start>& starts) {
    const auto id = root.find(file);
    const auto text = root.text(file);
    if (!text)
        return;
    std::size_t count = 0;
    for (const std::string_view line : lines_of(*text)) {
        if (line.size() > kMaxLine || trimmed(line).starts_with('#') || ++count > kMaxLines)
            continue;
        // service type protocol wait user program name arguments; the service may be "address:service"
        const auto words = words_of(line);
        if (words.size() < 6 || (words[1] != "stream" && words[1] != "dgram"))
            continue;
        const auto colon = words[0].rfind(':');
        const std::string_view service = colon == std::string_view::npos ? words[0] : words[0].substr(colon + 1);
        Start start = listening(root, service, words[2], colon == std::string_view::npos ? "" : words[0].substr(0, colon));
        start.arguments.emplace_back(words[5]);
        for (std::size_t i = 7; i < words.size(); ++i)
            start.arguments.emplace_back(words[i]);
        if (base_name(words[5]) == "tcpd" && words.size() > 6)
            start.arguments[0] = words[6];
        if (base_name(words[5]) == "busybox" && words.size() > 6)  // the name it is called by is the applet
            start.arguments[0] = base_name(words[6]) == "busybox" && words.size() > 7 ? words[7] : words[6];
        start.evidence = {.path = root.tree().path(*id), .offset = offset_in(*text, line), .excerpt = excerpt(trimmed(line))};
        starts.push_back(std::move(start));
    }
}

void add_xinetd_starts(const Root& root, std::vector<Start>& starts) {
    std::vector<unpack::NodeId> files = root.list("etc/xinetd.d");
    if (const auto main = root.find("etc/xinetd.conf"))
        files.push_back(*main);
    for (const unpack::NodeId id : files) {
        const std::string_view text = text_of(root.tree(), id);
        std::string_view service;
        std::string_view opening;
        bool disabled = false;
        std::string_view transport = "tcp";
        std::string_view bind;
        std::string_view port;
        std::vector<std::string> arguments;
        for (const std::string_view line : lines_of(text.substr(0, 64 * 1024))) {
            const auto words = words_of(line.substr(0, kMaxLine));
            if (words.size() == 2 && words[0] == "service") {
                service = words[1];
                opening = line;
                disabled = false;
                transport = "tcp";
                bind = port = {};
                arguments.assign(1, "");
            } else if (words.size() >= 3 && words[1] == "=" && !service.empty()) {
                disabled |= words[0] == "disable" && words[2] == "yes";
                if (words[0] == "protocol")
                    transport = words[2];
                else if (words[0] == "port")
                    port = words[2];
                else if (words[0] == "bind" || words[0] == "interface")
                    bind = words[2];
                else if (words[0] == "server")
                    arguments[0] = words[2];
                else if (words[0] == "server_args")
                    arguments.insert(arguments.end(), words.begin() + 2, words.end());
            } else if (!words.empty() && words[0] == "}" && !service.empty()) {
                if (!disabled && !arguments[0].empty() && starts.size() < kMaxLines) {
                    Start start = listening(root, port.empty() ? service : port, transport, bind);
                    start.service = service;
                    start.arguments = arguments;
                    start.evidence = {.path = root.tree().path(id), .offset = offset_in(text, opening), .excerpt = excerpt(trimmed(opening))};
                    starts.push_back(std::move(start));
                }
                service = {};
            }
        }
    }
}

}  // namespace shirushi::inspect
