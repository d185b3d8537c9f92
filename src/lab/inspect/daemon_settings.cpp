#include "inspect/daemon_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/uci.hpp"

namespace shirushi::inspect {
namespace {

using Arguments = std::vector<std::string>;

void open_to_all(Service& service, std::string_view why) {
    service.authenticates = false;
    service.authentication_note = excerpt(why);
}

void add_endpoint(std::vector<Endpoint>& endpoints, std::optional<Endpoint> endpoint) {
    if (endpoint && endpoints.size() < 64 && std::ranges::find(endpoints, *endpoint) == endpoints.end())
        endpoints.push_back(std::move(*endpoint));
}

/// The endpoints found replace the defaults.
void replace_endpoints(Service& service, std::vector<Endpoint> found) {
    if (!found.empty())
        service.endpoints = std::move(found);
}

std::vector<Setting> settings_in(const Root& root, std::string_view path) {
    const auto text = root.text(path);
    return text ? read_settings(*text) : std::vector<Setting>();
}

/// The first of the files that exists; a file named by an option comes before all.
std::vector<Setting> settings_of(const Root& root, const Arguments& arguments, std::string_view option, std::initializer_list<std::string_view> files) {
    if (!option.empty())
        if (const auto named = option_values(arguments, option); !named.empty() && root.text(named.back()))
            return settings_in(root, named.back());
    for (const std::string_view file : files)
        if (root.text(file))
            return settings_in(root, file);
    return {};
}

void set_port(Service& service, const std::vector<Setting>& settings, std::string_view key, std::string_view address_key = {}) {
    const auto port = last_value(settings, key);
    auto endpoint = port ? endpoint_from(*port) : std::nullopt;
    const std::string_view address = address_key.empty() ? std::string_view() : last_value(settings, address_key).value_or("");
    if (endpoint)
        service.endpoints = {*endpoint};
    if (!address.empty() && address != "0.0.0.0" && address != "*")
        for (Endpoint& one : service.endpoints)
            one.address = printable(address.substr(0, 64));
}

bool telnet(const Root&, const Arguments& arguments, Service& service) {
    for (const std::string& login : option_values(arguments, "-l")) {
        const auto words = words_of(login);
        const std::string_view program = words.empty() ? std::string_view() : base_name(words[0]);
        const bool shell = program == "sh" || program == "ash" || program == "bash" || program == "busybox";
        if (shell || std::ranges::find(words, "-f") != words.end() || std::ranges::find(arguments, "-f") != arguments.end())
            open_to_all(service, "-l " + login);
    }
    if (const auto bound = option_values(arguments, "-b"); !bound.empty() && !service.endpoints.empty()) {
        const auto whole = endpoint_from(bound.back());
        service.endpoints[0] = whole && bound.back().find(':') != std::string::npos ? *whole : Endpoint{"tcp", service.endpoints[0].port, printable(bound.back())};
    }
    return true;
}

bool dropbear(const Root& root, const Arguments& arguments, Service& service) {
    if (has_flag(arguments, "-B"))
        open_to_all(service, "-B");
    const auto text = service.started_by == StartedBy::procd ? root.text("etc/config/dropbear") : std::nullopt;
    if (!text)
        return true;
    std::vector<Endpoint> found;
    bool configured = false;
    for (const UciSection& section : read_uci(*text)) {
        if (section.type != "dropbear")
            continue;
        configured = true;
        const std::string_view enabled = section.value("enable");
        if (!enabled.empty() && !is_yes(enabled))
            continue;
        const std::string_view port = section.value("Port");
        add_endpoint(found, endpoint_from(port.empty() ? "22" : port));
    }
    replace_endpoints(service, found);
    return !configured || !found.empty();
}

bool ssh(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-f", {"etc/ssh/sshd_config", "etc/sshd_config"});
    if (option_values(arguments, "-p").empty())
        set_port(service, settings, "Port", "ListenAddress");
    if (is_yes(last_value(settings, "PermitEmptyPasswords").value_or("no")))
        open_to_all(service, "PermitEmptyPasswords yes");
    return true;
}

bool uhttpd(const Root& root, const Arguments& arguments, Service& service) {
    std::vector<Endpoint> plain;
    std::vector<Endpoint> tls;
    for (const std::string& value : option_values(arguments, "-p"))
        add_endpoint(plain, endpoint_from(value));
    for (const std::string& value : option_values(arguments, "-s"))
        add_endpoint(tls, endpoint_from(value));
    if (const auto text = plain.empty() && tls.empty() ? root.text("etc/config/uhttpd") : std::nullopt)
        for (const UciSection& section : read_uci(*text))
            for (const UciOption& option : section.options)
                if (section.type == "uhttpd" && option.key.starts_with("listen_http"))
                    for (const std::string_view one : words_of(option.value))
                        add_endpoint(option.key == "listen_https" ? tls : plain, endpoint_from(one));
    if (plain.empty() && !tls.empty())
        service.protocol = "https";
    plain.insert(plain.end(), tls.begin(), tls.end());
    replace_endpoints(service, plain);
    return true;
}

bool lighttpd(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-f", {"etc/lighttpd/lighttpd.conf", "etc/lighttpd.conf"});
    set_port(service, settings, "server.port", "server.bind");
    if (is_yes(last_value(settings, "ssl.engine").value_or("")) && !service.endpoints.empty() && service.endpoints[0].port == 443)
        service.protocol = "https";
    return true;
}

bool nginx(const Root& root, const Arguments& arguments, Service& service) {
    std::vector<std::vector<Setting>> files = {settings_of(root, arguments, "-c", {"etc/nginx/nginx.conf"})};
    for (const char* folder : {"etc/nginx/conf.d", "etc/nginx/sites-enabled"})
        for (const unpack::NodeId id : root.list(folder))
            if (const auto& node = root.tree().node(id); files.size() < 100)
                files.push_back(settings_in(root, fmt::format("{}/{}", folder, node.name)));
    std::vector<Endpoint> found;
    bool all_tls = true;
    for (const auto& settings : files)
        for (const Setting& setting : settings) {
            const auto words = words_of(setting.value.substr(0, setting.value.find(';')));
            if (setting.key != "listen" || words.empty())
                continue;
            all_tls &= std::ranges::find(words, "ssl") != words.end();
            add_endpoint(found, endpoint_from(words[0]));
        }
    if (!found.empty() && all_tls)
        service.protocol = "https";
    replace_endpoints(service, found);
    return true;
}

bool small_web_server(const Root& root, const Arguments& arguments, Service& service) {
    if (option_values(arguments, "-p").empty())
        set_port(service, settings_of(root, arguments, service.name == "boa" ? "-f" : "-C",
                                      service.name == "boa"          ? std::initializer_list<std::string_view>{"etc/boa/boa.conf", "etc/boa.conf", "etc_ro/boa.conf"}
                                      : service.name == "mini_httpd" ? std::initializer_list<std::string_view>{"etc/mini_httpd.conf", "etc/mini-httpd.conf"}
                                                                     : std::initializer_list<std::string_view>{"etc/thttpd.conf"}),
                 "port", service.name == "boa" ? "Listen" : "host");
    if (service.name == "mini_httpd" && has_flag(arguments, "-S"))
        service.protocol = "https";
    return true;
}

bool mosquitto(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-c", {"etc/mosquitto/mosquitto.conf", "etc/mosquitto.conf"});
    std::vector<Endpoint> found;
    bool has_login = false;
    for (const Setting& setting : settings) {
        const auto words = words_of(setting.value);
        if (setting.key == "listener" && !words.empty()) {
            auto endpoint = endpoint_from(words[0]);
            if (endpoint && words.size() > 1 && words[1] != "0.0.0.0")
                endpoint->address = printable(words[1].substr(0, 64));
            add_endpoint(found, std::move(endpoint));
        }
        has_login |= setting.key == "password_file" || setting.key == "auth_plugin" || setting.key == "plugin" || setting.key == "psk_file" ||
                     (setting.key == "require_certificate" && is_yes(setting.value));
    }
    if (found.empty())
        set_port(service, settings, "port", "bind_address");
    replace_endpoints(service, found);
    const auto anonymous = last_value(settings, "allow_anonymous");
    if (anonymous && is_yes(*anonymous))
        open_to_all(service, "allow_anonymous true");
    else if (!anonymous && !has_login)
        open_to_all(service, "no password_file, allow_anonymous not set");
    return true;
}

bool vsftpd(const Root& root, const Arguments& arguments, Service& service) {
    auto settings = arguments.size() > 1 ? settings_in(root, arguments.back()) : std::vector<Setting>();
    if (settings.empty())
        settings = settings_of(root, arguments, "", {"etc/vsftpd.conf", "etc/vsftpd/vsftpd.conf"});
    set_port(service, settings, "listen_port", "listen_address");
    const auto anonymous = last_value(settings, "anonymous_enable");
    if (anonymous ? is_yes(*anonymous) : !settings.empty())  // vsftpd.conf(5): the default is YES
        open_to_all(service, anonymous ? "anonymous_enable=YES" : "anonymous_enable not set (default YES)");
    return true;
}

bool proftpd(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-c", {"etc/proftpd.conf", "etc/proftpd/proftpd.conf"});
    set_port(service, settings, "Port");
    for (const Setting& setting : settings)
        if (setting.key == "<Anonymous")
            open_to_all(service, setting.line);
    return true;
}

/// BusyBox's ftpd serves whoever connects unless it was built with authentication; -A and -a switch that off again.
bool ftpd(const Root&, const Arguments& arguments, Service& service) {
    if (has_flag(arguments, "-w") || has_flag(arguments, "-A") || has_flag(arguments, "-a"))
        open_to_all(service, fmt::format("{}", service.command));
    return true;
}

bool no_login(const Root&, const Arguments&, Service& service) {
    open_to_all(service, fmt::format("{} has no login", service.protocol));
    return true;
}

bool gdbserver(const Root& root, const Arguments& arguments, Service& service) {
    for (std::size_t i = 1; i < arguments.size() && service.endpoints.empty(); ++i)
        if (arguments[i].find(':') != std::string::npos)
            add_endpoint(service.endpoints, endpoint_from(arguments[i]));
    return no_login(root, arguments, service);
}

bool snmp(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-c", {"etc/snmp/snmpd.conf", "etc/snmpd.conf"});
    for (const Setting& setting : settings) {
        const auto words = words_of(setting.value);
        const bool community = setting.key.starts_with("rocommunity") || setting.key.starts_with("rwcommunity") || setting.key == "com2sec";
        if (!community || words.empty())
            continue;
        const std::string_view word = setting.key == "com2sec" ? words.back() : words[0];
        if (word == "public" || word == "private")
            open_to_all(service, setting.line);
    }
    if (const auto address = last_value(settings, "agentAddress"))
        if (auto endpoint = endpoint_from(address->starts_with("udp:") ? address->substr(4) : *address, "udp"))
            service.endpoints = {std::move(*endpoint)};
    return true;
}

bool redis(const Root& root, const Arguments& arguments, Service& service) {
    auto settings = arguments.size() > 1 ? settings_in(root, arguments[1]) : std::vector<Setting>();
    if (settings.empty())
        settings = settings_of(root, arguments, "", {"etc/redis.conf", "etc/redis/redis.conf"});
    set_port(service, settings, "port", "bind");
    if (!last_value(settings, "requirepass"))
        open_to_all(service, "requirepass not set");
    return true;
}

bool rsync(const Root& root, const Arguments& arguments, Service& service) {
    if (service.name == "rsync" && std::ranges::find(arguments, "--daemon") == arguments.end())
        return false;
    const auto text = root.text("etc/rsyncd.conf");
    const auto settings = text ? read_settings(*text) : std::vector<Setting>();
    set_port(service, settings, "port", "address");
    const bool users = std::ranges::any_of(settings, [](const Setting& setting) { return trimmed(setting.line).starts_with("auth users"); });
    if (!users)
        open_to_all(service, "auth users not set");
    return true;
}

bool dnsmasq(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-C", {"etc/dnsmasq.conf"});
    std::vector<Endpoint> found = service.endpoints;
    const auto port_option = option_values(arguments, "-p");
    const std::string port(port_option.empty() ? last_value(settings, "port").value_or("") : std::string_view(port_option.back()));
    if (!port.empty()) {
        found.clear();
        add_endpoint(found, endpoint_from(port, "udp"));
        add_endpoint(found, endpoint_from(port, "tcp"));
    }
    const bool leases = last_value(settings, "dhcp-range") || !option_values(arguments, "--dhcp-range").empty() || !option_values(arguments, "-F").empty() ||
                        (service.started_by == StartedBy::procd && root.has("etc/config/dhcp"));
    if (leases)
        found.push_back({"udp", 67, ""});
    if (last_value(settings, "enable-tftp"))
        found.push_back({"udp", 69, ""});
    if (const auto address = last_value(settings, "listen-address"))
        for (Endpoint& one : found)
            one.address = printable(address->substr(0, 64));
    service.endpoints = found;
    if (found.size() == 1 && leases)
        service.protocol = "dhcp";
    return true;
}

bool samba(const Root& root, const Arguments& arguments, Service& service) {
    const auto text = root.text("etc/samba/smb.conf");
    const auto other = text ? text : root.text("etc/smb.conf");
    for (const std::string_view line : other ? lines_of(*other) : std::vector<std::string_view>()) {
        const std::string content = lowered(trimmed(line.substr(0, 256)));
        const auto equals = content.find('=');
        if (equals == std::string::npos)
            continue;
        const std::string_view key = trimmed(std::string_view(content).substr(0, equals));
        if ((key == "guest ok" || key == "public") && is_yes(trimmed(std::string_view(content).substr(equals + 1))))
            open_to_all(service, trimmed(line));
    }
    (void)arguments;
    return true;
}

/// BusyBox's ntpd is a client unless -l is given; a peer (-p) is what tells it from the full one.
bool ntp(const Root&, const Arguments& arguments, Service& service) {
    if (!option_values(arguments, "-p").empty() && !has_flag(arguments, "-l"))
        service.endpoints.clear();
    return true;
}

bool socat(const Root&, const Arguments& arguments, Service& service) {
    for (const std::string& argument : arguments) {
        const std::string upper = lowered(argument.substr(0, 256));
        const auto listen = upper.find("listen:");
        if (listen != std::string::npos) {
            const std::string_view rest = std::string_view(upper).substr(listen + 7);
            add_endpoint(service.endpoints, endpoint_from(rest.substr(0, rest.find(',')), upper.starts_with("udp") ? "udp" : "tcp"));
        }
        if (upper.starts_with("exec:") && (upper.find("/sh") != std::string::npos || upper.find("/bash") != std::string::npos))
            open_to_all(service, argument);
    }
    return !service.endpoints.empty();
}

bool minidlna(const Root& root, const Arguments& arguments, Service& service) {
    const auto settings = settings_of(root, arguments, "-f", {"etc/minidlna.conf"});
    if (const auto port = last_value(settings, "port"))
        if (const auto endpoint = endpoint_from(*port))
            service.endpoints[0] = *endpoint;
    return true;
}

struct Rule {
    std::string_view program;
    bool (*apply)(const Root&, const Arguments&, Service&);
};

constexpr Rule kRules[] = {
    {"telnetd", telnet},     {"utelnetd", telnet},  {"in.telnetd", telnet}, {"dropbear", dropbear},
    {"sshd", ssh},           {"uhttpd", uhttpd},    {"lighttpd", lighttpd}, {"lighttpd-angel", lighttpd},
    {"nginx", nginx},        {"boa", small_web_server}, {"mini_httpd", small_web_server}, {"thttpd", small_web_server},
    {"mosquitto", mosquitto}, {"vsftpd", vsftpd},   {"proftpd", proftpd},   {"ftpd", ftpd},
    {"tftpd", no_login},     {"in.tftpd", no_login}, {"adbd", no_login},    {"gdbserver", gdbserver},
    {"snmpd", snmp},         {"redis-server", redis}, {"rsync", rsync},     {"rsyncd", rsync},
    {"dnsmasq", dnsmasq},    {"smbd", samba},       {"ntpd", ntp},          {"socat", socat},
    {"minidlna", minidlna},  {"minidlnad", minidlna},
};

}  // namespace

bool apply_settings(const Root& root, const std::vector<std::string>& arguments, Service& service) {
    if (const Daemon* daemon = find_daemon(service.name); daemon != nullptr && !daemon->port_option.empty() && service.name != "ntpd") {
        std::vector<Endpoint> found;
        const std::string_view transport = daemon->endpoints[0].transport.empty() ? "tcp" : daemon->endpoints[0].transport;
        for (const std::string& value : option_values(arguments, daemon->port_option))
            add_endpoint(found, endpoint_from(value, transport));
        replace_endpoints(service, found);
    }
    for (const Rule& rule : kRules)
        if (rule.program == service.name)
            return rule.apply(root, arguments, service);
    return true;
}

}  // namespace shirushi::inspect
