#include "inspect/daemons.hpp"

#include <algorithm>

namespace shirushi::inspect {
namespace {

constexpr DefaultEndpoint tcp(unsigned port) { return {"tcp", port}; }
constexpr DefaultEndpoint udp(unsigned port) { return {"udp", port}; }

// One line each; sorted by name. Port numbers: IANA's registry or the program's manual.
constexpr auto kDaemons = std::to_array<Daemon>({
    {"adbd", "adb", {tcp(5555)}},
    {"avahi-daemon", "mdns", {udp(5353)}},
    {"boa", "http", {tcp(80)}, "-p"},
    {"coap-server", "coap", {udp(5683)}, "-p"},
    {"cupsd", "ipp", {tcp(631)}},
    {"cwmpd", "tr069", {tcp(7547)}},
    {"darkhttpd", "http", {tcp(8080)}, "--port"},
    {"dhcpd", "dhcp", {udp(67)}},
    {"dnsmasq", "dns", {udp(53), tcp(53)}},
    {"dropbear", "ssh", {tcp(22)}, "-p"},
    {"fcgiwrap", "", {}},
    {"ftpd", "ftp", {tcp(21)}},
    {"gdbserver", "gdb", {}},
    {"goahead", "http", {tcp(80)}},
    {"hostapd", "wifi", {}},
    {"httpd", "http", {tcp(80)}, "-p"},
    {"igmpproxy", "", {}},
    {"in.ftpd", "ftp", {tcp(21)}},
    {"in.telnetd", "telnet", {tcp(23)}},
    {"in.tftpd", "tftp", {udp(69)}},
    {"inadyn", "", {}},
    {"inetd", "", {}},
    {"lighttpd", "http", {tcp(80)}},
    {"lighttpd-angel", "http", {tcp(80)}},
    {"mathopd", "http", {tcp(80)}},
    {"mini_httpd", "http", {tcp(80)}, "-p"},
    {"minidlna", "upnp", {tcp(8200), udp(1900)}, "-p"},
    {"minidlnad", "upnp", {tcp(8200), udp(1900)}, "-p"},
    {"minissdpd", "ssdp", {udp(1900)}},
    {"miniupnpd", "upnp", {udp(1900), tcp(5000)}, "-p"},
    {"mjpg_streamer", "http", {tcp(8080)}},
    {"mosquitto", "mqtt", {tcp(1883)}, "-p"},
    {"mysqld", "mysql", {tcp(3306)}},
    {"named", "dns", {udp(53), tcp(53)}, "-p"},
    {"nginx", "http", {tcp(80)}},
    {"nmbd", "netbios", {udp(137), udp(138)}},
    {"ntpd", "ntp", {udp(123)}},
    {"openbsd-inetd", "", {}},
    {"openvpn", "openvpn", {udp(1194)}, "--port"},
    {"pptpd", "pptp", {tcp(1723)}},
    {"proftpd", "ftp", {tcp(21)}},
    {"pure-ftpd", "ftp", {tcp(21)}},
    {"redis-server", "redis", {tcp(6379)}, "--port"},
    {"rpc.mountd", "mount", {}},
    {"rpc.nfsd", "nfs", {tcp(2049), udp(2049)}},
    {"rpcbind", "rpcbind", {tcp(111), udp(111)}},
    {"rsync", "rsync", {tcp(873)}, "--port"},
    {"rsyncd", "rsync", {tcp(873)}, "--port"},
    {"rtspd", "rtsp", {tcp(554)}},
    {"smbd", "smb", {tcp(445), tcp(139)}, "-p"},
    {"snmpd", "snmp", {udp(161)}},
    {"socat", "", {}},
    {"sshd", "ssh", {tcp(22)}, "-p"},
    {"stunnel", "tls", {}},
    {"tcpsvd", "", {}},
    {"telnetd", "telnet", {tcp(23)}, "-p"},
    {"tftpd", "tftp", {udp(69)}, "-p"},
    {"thttpd", "http", {tcp(80)}, "-p"},
    {"tr069", "tr069", {tcp(7547)}},
    {"tr069c", "tr069", {tcp(7547)}},
    {"udpsvd", "", {}},
    {"uhttpd", "http", {tcp(80)}},
    {"upnpd", "upnp", {udp(1900)}},
    {"utelnetd", "telnet", {tcp(23)}, "-p"},
    {"vsftpd", "ftp", {tcp(21)}},
    {"wscd", "upnp", {udp(1900)}},
    {"wsdd2", "wsd", {udp(3702), tcp(3702)}},
    {"x11vnc", "vnc", {tcp(5900)}, "-rfbport"},
    {"xinetd", "", {}},
    {"zebra", "zebra-vty", {tcp(2601)}, "-P"},
});

struct NamedPort {
    std::string_view name;
    unsigned port = 0;
};
constexpr auto kPorts = std::to_array<NamedPort>({{"chargen", 19}, {"daytime", 13}, {"discard", 9}, {"echo", 7}, {"exec", 512}, {"finger", 79}, {"ftp", 21},
                                                  {"http", 80}, {"https", 443}, {"imap", 143}, {"login", 513}, {"ntalk", 518}, {"pop3", 110}, {"rsync", 873},
                                                  {"shell", 514}, {"smtp", 25}, {"ssh", 22}, {"swat", 901}, {"telnet", 23}, {"tftp", 69}, {"time", 37}, {"www", 80}});

}  // namespace

const Daemon* find_daemon(std::string_view program) {
    const std::string_view name = base_name(program);
    const auto at = std::ranges::lower_bound(kDaemons, name, {}, &Daemon::name);
    return at != kDaemons.end() && at->name == name ? &*at : nullptr;
}

unsigned well_known_port(std::string_view service) {
    const auto at = std::ranges::find(kPorts, service, &NamedPort::name);
    return at != kPorts.end() ? at->port : 0;
}

std::string_view base_name(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

static_assert(std::ranges::is_sorted(kDaemons, {}, &Daemon::name));

}  // namespace shirushi::inspect
