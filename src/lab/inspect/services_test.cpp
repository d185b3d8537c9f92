#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "inspect/sample_device.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect {
namespace {

std::string shown(const Service& service) {
    std::vector<std::string> endpoints;
    for (const Endpoint& one : service.endpoints)
        endpoints.push_back(fmt::format("{}{}/{}", one.address.empty() ? "" : one.address + ":", one.port, one.transport));
    return fmt::format("{} {} [{}] {}{}{}", service.name, service.protocol.empty() ? "-" : service.protocol, fmt::join(endpoints, " "), name_of(service.started_by),
                       service.authenticates ? "" : " open", service.program_present ? "" : " absent");
}
std::vector<std::string> services(SampleDevice& device) {
    std::vector<std::string> all;
    const Facts facts = device.facts();
    EXPECT_TRUE(facts.services.observed);
    for (const Service& service : facts.services.rows)
        all.push_back(shown(service));
    return all;
}
using Lines = std::vector<std::string>;

TEST(Services, BusyBoxInittabLeadsToScriptsAndTheirTelnet) {
    auto device = SampleDevice()
                      .file("etc/inittab", "::sysinit:/etc/init.d/rcS\nttyS0::askfirst:-/bin/sh\n::respawn:/sbin/getty -L ttyS0 115200\n"
                                           "#::respawn:/usr/sbin/utelnetd\n::respawn:/usr/sbin/vendord -x\n")
                      .file("etc/init.d/rcS", "#!/bin/sh\nfor i in /etc/init.d/S??* ;do\n  case $i in *.sh) . $i ;; *) $i start ;; esac\ndone\n", 0755)
                      .file("etc/init.d/S50telnet", "#!/bin/sh\ncase \"$1\" in\n start)\n  [ -x /usr/sbin/telnetd ] && telnetd -l /bin/sh &\n  ;;\n stop)\n killall telnetd\nesac\n", 0755)
                      .file("etc/init.d/S60web", "#!/bin/sh\nDAEMON=/usr/sbin/httpd\nOPTS=\"-p 127.0.0.1:8080 -h /www\"\nstart() {\n start-stop-daemon -S -q -x $DAEMON -- $OPTS\n}\n"
                                                 "stop() {\n start-stop-daemon -K -x $DAEMON\n}\n# /usr/sbin/dropbear\necho telnetd\n", 0755)
                      .file("etc/init.d/K10old", "#!/bin/sh\nutelnetd\n", 0755)
                      .file("bin/busybox", std::string_view("\177ELF\0\0telnetd\0httpd\0", 20), 0755)
                      .link("usr/sbin/httpd", "../../bin/busybox")
                      .program("usr/sbin/vendord");
    EXPECT_EQ(services(device), (Lines{"httpd http [127.0.0.1:8080/tcp] init_script", "telnetd telnet [23/tcp] init_script open", "vendord - [] inittab"}));
}

TEST(Services, EvidencePointsAtTheLine) {
    const Facts facts = SampleDevice().file("etc/rc.local", "#!/bin/sh\necho hello\ntelnetd -p 2323 -l /bin/login\nexit 0\n", 0755).facts();
    ASSERT_EQ(facts.services.rows.size(), 1U);
    const Service& telnet = facts.services.rows[0];
    EXPECT_EQ(telnet.started_by, StartedBy::rc_local);
    EXPECT_TRUE(telnet.authenticates);
    EXPECT_FALSE(telnet.program_present);
    EXPECT_EQ(telnet.evidence.path, "squashfs@0x0/etc/rc.local");
    EXPECT_EQ(telnet.evidence.offset, 21U);
    EXPECT_EQ(telnet.evidence.excerpt, "telnetd -p 2323 -l /bin/login");
    EXPECT_EQ(telnet.endpoints[0].port, 2323U);
}

TEST(Services, ProcdScriptsAndTheirUciPorts) {
    auto device = SampleDevice()
                      .file("etc/inittab", "::sysinit:/etc/init.d/rcS S boot\n::shutdown:/etc/init.d/rcS K shutdown\n")
                      .file("etc/rc.common", "#!/bin/sh\n")
                      .file("etc/init.d/dropbear", "#!/bin/sh /etc/rc.common\nSTART=19\nUSE_PROCD=1\nPROG=/usr/sbin/dropbear\nstart_service() {\n procd_open_instance\n"
                                                   " procd_set_param command \"$PROG\" -F -P \"$pid\"\n procd_append_param command -p \"${Port}\"\n procd_close_instance\n}\n", 0755)
                      .link("etc/rc.d/S19dropbear", "../init.d/dropbear")
                      .file("etc/config/dropbear", "config dropbear\n\toption PasswordAuth 'on'\n\toption Port '2222'\n")
                      .file("etc/init.d/uhttpd", "#!/bin/sh /etc/rc.common\nSTART=50\nUHTTPD_BIN=\"/usr/sbin/uhttpd\"\nstart_instance() {\n procd_set_param command \"$UHTTPD_BIN\" -f\n}\n", 0755)
                      .link("etc/rc.d/S50uhttpd", "../init.d/uhttpd")
                      .file("etc/config/uhttpd", "config uhttpd main\n list listen_http 0.0.0.0:80\n list listen_http [::]:80\n list listen_https 0.0.0.0:443\n")
                      .file("etc/init.d/telnet", "#!/bin/sh /etc/rc.common\nstart() {\n service_start /usr/sbin/telnetd -l /bin/login.sh\n}\n", 0755)
                      .program("usr/sbin/dropbear")
                      .program("usr/sbin/uhttpd");
    EXPECT_EQ(services(device), (Lines{"dropbear ssh [2222/tcp] procd", "uhttpd http [80/tcp 443/tcp] procd"}));
    device = SampleDevice()
                 .file("etc/rc.common", "#!/bin/sh\n")
                 .file("etc/init.d/dropbear", "#!/bin/sh /etc/rc.common\nstart_service() {\n procd_set_param command /usr/sbin/dropbear\n}\n", 0755)
                 .link("etc/rc.d/S19dropbear", "../init.d/dropbear")
                 .file("etc/config/dropbear", "config dropbear\n\toption enable '0'\n");
    EXPECT_EQ(services(device), Lines{});
}

TEST(Services, SystemdUnitsThatATargetWants) {
    auto device = SampleDevice()
                      .program("lib/systemd/systemd")
                      .file("lib/systemd/system/ssh.service", "[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=-/usr/sbin/sshd -D $SSHD_OPTS\n")
                      .file("etc/default/ssh", "SSHD_OPTS=\"-p 2022\"\n")
                      .link("etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service")
                      .file("lib/systemd/system/off.service", "[Service]\nExecStart=/usr/sbin/telnetd\n")
                      .file("lib/systemd/system/masked.service", "[Service]\nExecStart=/usr/sbin/telnetd\n")
                      .link("etc/systemd/system/masked.service", "/dev/null")
                      .link("lib/systemd/system/multi-user.target.wants/masked.service", "../masked.service")
                      .file("lib/systemd/system/telnet.socket", "[Socket]\nListenStream=2323\nAccept=yes\n")
                      .file("lib/systemd/system/telnet@.service", "[Service]\nExecStart=-/usr/sbin/telnetd -l /bin/ash\n")
                      .link("etc/systemd/system/sockets.target.wants/telnet.socket", "/lib/systemd/system/telnet.socket")
                      .link("etc/systemd/system/getty.target.wants/getty@tty1.service", "/lib/systemd/system/getty@.service")
                      .file("lib/systemd/system/getty@.service", "[Service]\nExecStart=-/sbin/agetty tty1\n")
                      .program("usr/sbin/sshd");
    EXPECT_EQ(services(device), (Lines{"sshd ssh [2022/tcp] systemd", "telnetd telnet [2323/tcp] systemd open absent"}));
}

TEST(Services, SystemVRunLevelAndInetd) {
    auto device = SampleDevice()
                      .file("etc/inittab", "id:5:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl5:5:wait:/etc/init.d/rc 5\n")
                      .file("etc/init.d/rc", "#!/bin/sh\nfor i in /etc/rc$1.d/S*; do $i start; done\n", 0755)
                      .file("etc/init.d/inetd.busybox", "#!/bin/sh\nDAEMON=/usr/sbin/inetd\n[ -f /etc/default/inetd ] && . /etc/default/inetd\ncase $1 in\nstart)\n start-stop-daemon --start --exec $DAEMON\n;;\nesac\n", 0755)
                      .link("etc/rc5.d/S20inetd", "../init.d/inetd.busybox")
                      .link("etc/rc3.d/S20telnet", "../init.d/telnet")
                      .file("etc/init.d/telnet", "#!/bin/sh\ntelnetd\n", 0755)
                      .file("etc/inetd.conf", "# comment\nftp stream tcp nowait root /usr/sbin/tcpd vsftpd /etc/v.conf\n10.0.0.1:tftp dgram udp wait root /bin/busybox tftpd /srv\n"
                                              "#telnet stream tcp nowait root telnetd telnetd\n5000 stream tcp nowait root /bin/sh sh -i\n")
                      .file("etc/v.conf", "anonymous_enable=NO\n")
                      .program("usr/sbin/inetd");
    EXPECT_EQ(services(device), (Lines{"inetd - [] init_script", "sh - [5000/tcp] inetd open absent", "tftpd tftp [10.0.0.1:69/udp] inetd open absent",
                                       "vsftpd ftp [21/tcp] inetd absent"}));
}

TEST(Services, WhoIsLetIn) {
    struct Case {
        const char* command;
        const char* path;
        const char* configuration;
        const char* expected;
    };
    const Case cases[] = {
        {"vsftpd", "etc/vsftpd.conf", "anonymous_enable=YES\nlisten_port=2121\n", "vsftpd ftp [2121/tcp] rc_local open absent"},
        {"vsftpd", "etc/vsftpd.conf", "anonymous_enable=NO\n", "vsftpd ftp [21/tcp] rc_local absent"},
        {"vsftpd", "etc/vsftpd.conf", "listen=YES\n", "vsftpd ftp [21/tcp] rc_local open absent"},
        {"tcpsvd -vE 0.0.0.0 2121 ftpd -w /", "etc/x", "", "ftpd ftp [2121/tcp] rc_local open absent"},
        {"mosquitto -c /etc/m.conf -d", "etc/m.conf", "listener 1884 192.168.1.1\nallow_anonymous true\n", "mosquitto mqtt [192.168.1.1:1884/tcp] rc_local open absent"},
        {"mosquitto", "etc/mosquitto.conf", "password_file /etc/pw\n", "mosquitto mqtt [1883/tcp] rc_local absent"},
        {"snmpd", "etc/snmp/snmpd.conf", "rocommunity public default\n", "snmpd snmp [161/udp] rc_local open absent"},
        {"snmpd", "etc/snmp/snmpd.conf", "rocommunity Xy7 default\n#rocommunity public\n", "snmpd snmp [161/udp] rc_local absent"},
        {"dropbear -B -p 10.0.0.1:22 -p 2200", "etc/x", "", "dropbear ssh [10.0.0.1:22/tcp 2200/tcp] rc_local open absent"},
        {"sshd", "etc/ssh/sshd_config", "#Port 1\nPort 222\nPermitEmptyPasswords yes\n", "sshd ssh [222/tcp] rc_local open absent"},
        {"telnetd -l \"/bin/login -f root\"", "etc/x", "", "telnetd telnet [23/tcp] rc_local open absent"},
        {"busybox telnetd -l/bin/ash -p 26", "etc/x", "", "telnetd telnet [26/tcp] rc_local open absent"},
        {"nice -n 5 lighttpd -f /etc/l.conf", "etc/l.conf", "server.port = 8080\nserver.bind = \"127.0.0.1\"\n", "lighttpd http [127.0.0.1:8080/tcp] rc_local absent"},
        {"nginx", "etc/nginx/nginx.conf", "http {\n server {\n  listen 443 ssl;\n }\n}\n", "nginx https [443/tcp] rc_local absent"},
        {"redis-server /etc/r.conf", "etc/r.conf", "port 6380\nbind 127.0.0.1\n", "redis-server redis [127.0.0.1:6380/tcp] rc_local open absent"},
        {"gdbserver :1234 /bin/x", "etc/x", "", "gdbserver gdb [1234/tcp] rc_local open absent"},
        {"dnsmasq", "etc/dnsmasq.conf", "port=0\ndhcp-range=192.168.0.2,192.168.0.9\n", "dnsmasq dhcp [67/udp] rc_local absent"},
        {"ntpd -p pool.ntp.org", "etc/x", "", "ntpd ntp [] rc_local absent"},
        {"boa -c /etc", "etc/boa/boa.conf", "Port 8081\n", "boa http [8081/tcp] rc_local absent"},
    };
    for (const Case& one : cases) {
        auto device = SampleDevice().file("etc/rc.local", std::string("#!/bin/sh\n") + one.command + "\n", 0755).file(one.path, one.configuration);
        EXPECT_EQ(services(device), Lines{one.expected}) << one.command << " " << one.configuration;
    }
}

TEST(Services, SettingsThatSwitchOffAreBelieved) {
    auto device = SampleDevice()
                      .file("etc/rcS.d/S10dropbear", "#!/bin/sh\nNO_START=0\n. /etc/default/dropbear\nstart-stop-daemon --start --exec /usr/sbin/dropbear -- -p $DROPBEAR_PORT\n", 0755)
                      .file("etc/default/dropbear", "DROPBEAR_PORT=2022\n");
    EXPECT_EQ(services(device), Lines{"dropbear ssh [2022/tcp] init_script absent"});
    device = SampleDevice().file("etc/rcS.d/S10x", "#!/bin/sh\n. /etc/default/x\ntelnetd\n", 0755).file("etc/default/x", "ENABLED=no\n");
    EXPECT_EQ(services(device), Lines{});
}

TEST(Services, PasswordsInCommandsAreMasked) {
    const Facts facts = SampleDevice().file("etc/rc.local", "#!/bin/sh\nopenvpn --password SesameOpen --psk=SesameOpen\n").facts();
    ASSERT_EQ(facts.services.rows.size(), 1U);
    EXPECT_EQ(facts.services.rows[0].command, "openvpn --password S********n --psk=S********n");
    EXPECT_EQ(facts.services.rows[0].evidence.excerpt.find("Sesame"), std::string::npos);
}

TEST(Services, XinetdAndDisabledEntries) {
    auto device = SampleDevice()
                      .file("etc/rc.local", "#!/bin/sh\nxinetd\n")
                      .file("etc/xinetd.d/telnet", "service telnet\n{\n disable = no\n server = /usr/sbin/in.telnetd\n}\n")
                      .file("etc/xinetd.d/tftp", "service tftp\n{\n protocol = udp\n disable = yes\n server = /usr/sbin/in.tftpd\n}\n");
    EXPECT_EQ(services(device), (Lines{"in.telnetd telnet [23/tcp] inetd absent", "xinetd - [] rc_local absent"}));
}

TEST(Services, HostileScriptsEndAndLoopsOfScriptsAreReadOnce) {
    auto device = SampleDevice()
                      .file("etc/init.d/rcS", "#!/bin/sh\n/etc/init.d/a\n. /etc/init.d/rcS\n", 0755)
                      .file("etc/init.d/a", "#!/bin/sh\n/etc/init.d/rcS\n/etc/init.d/a\ntelnetd\ntelnetd\n", 0755)
                      .link("etc/rc.local", "rc.local");
    EXPECT_EQ(services(device), Lines{"telnetd telnet [23/tcp] init_script absent"});
    const std::string inittab = "id:5:initdefault:\n::sysinit:/x\n:::\na:b:c:-sh\n";
    for (std::size_t length = 0; length <= inittab.size(); ++length)
        (void)read_inittab(std::string_view(inittab).substr(0, length));
}

}  // namespace
}  // namespace shirushi::inspect
