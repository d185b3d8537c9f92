#pragma once
// Programs that are known to serve a network, with what they speak and where when nothing else is configured.

#include <array>
#include <string_view>

namespace shirushi::inspect {

struct DefaultEndpoint {
    std::string_view transport;  ///< empty: none
    unsigned port = 0;
};

struct Daemon {
    std::string_view name;      ///< of the program file, in any folder
    std::string_view protocol;  ///< as Service::protocol; empty: serves no network by itself
    std::array<DefaultEndpoint, 3> endpoints{};
    std::string_view port_option{};  ///< of the command line: "-p"; empty: none
};

/// By the file name of the program; null when it is not known.
const Daemon* find_daemon(std::string_view program);

/// The well-known port of a service name as in inetd.conf ("telnet", "ftp"); 0 when not known.
unsigned well_known_port(std::string_view service);

/// "/usr/sbin/telnetd" -> "telnetd".
std::string_view base_name(std::string_view path);

}  // namespace shirushi::inspect
