"""One device for each requirement: the clean device with one fault. `fails` are all requirements that the fault is about: some
requirements ask for the same thing in other words (a copy that does not fit is a buffer overflow and an out-of-bounds write)."""
import dataclasses
from collections.abc import Callable

from root_tree import HARDENED, HERE, Entry, compile_program, program, text


@dataclasses.dataclass(frozen=True)
class Device:
    requirement: str
    what: str
    check: str  # "" where a person saw it
    fails: tuple[str, ...]
    change: Callable = lambda tree, work: {}  # what differs of the tree: path -> Entry
    product: tuple[tuple[str, str], ...] = ()  # pieces of product.toml and what stands there instead
    more: str = ""  # behind product.toml


def handler(path, *lines):
    return lambda tree, work: {"etc/init.d/S51httpd": text("#!/bin/sh\n/usr/sbin/httpd -p 80 -h /www\n", 0o755), "usr/sbin/httpd": Entry(link="../../bin/toybox"),
                               f"www/cgi-bin/{path}": text("\n".join(("#!/bin/sh", *lines)) + "\n", 0o755)}


def tool(source):
    """A program that does one thing wrong, hardened like its neighbours."""
    def change(tree, work):
        path = work / "tool.c"
        path.write_text(source, encoding="utf-8")
        return {"usr/bin/tool": Entry(compile_program("armhf", HARDENED, "tool 1.0", work / "tool", path), 0o755)}
    return change


def seen(requirement, reason, conforms=False, point=""):
    """What a person saw, for product.toml."""
    about = f'point = "{point}"\n' if point else ""
    return (f'\n[[observations]]\nrequirement = "{requirement}"\n{about}conforms = {str(conforms).lower()}\nmethod = "test"\nperson = "A. Tester"\n'
            f'date = 2024-11-01\nreason = "{reason}"\n')


READS = '#include <string.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n'

DEVICES = (
    Device("A-1", "a program copies what it read to where it does not fit", "SHI-COD-001", ("A-1", "C-6"),
           tool(READS + "int main(void) { char name[16]; char line[256]; if (scanf(\"%s\", name) != 1 || !fgets(line, sizeof line, stdin)) return 1; puts(name); puts(line); return 0; }\n")),
    Device("A-3", "a page shows what a request says", "SHI-WEB-004", ("A-3",),
           handler("hello.sh", "echo 'Content-Type: text/html'", "echo", "echo \"<b>$QUERY_STRING</b>\"")),
    Device("A-4", "the repository of the web pages is served", "SHI-WEB-007", ("A-4",),
           lambda tree, work: handler("index.sh", "echo 'Content-Type: text/plain'", "echo", "date")(tree, work) | {"www/.git/config": text("[core]\n\trepositoryformatversion = 0\n"),
                                                                                                     "www/.git/HEAD": text("ref: refs/heads/main\n")}),
    Device("A-5", "data of a request in the text of a query", "SHI-WEB-003", ("A-5",),
           handler("find.sh", "sqlite3 /etc/u.db \"select * from u where n='$QUERY_STRING'\" > /dev/null"), (('sql_database = "no"', 'sql_database = "yes"'),)),
    Device("A-6", "a request that changes settings asks for no token", "SHI-WEB-005", ("A-6",),
           handler("name.sh", "name=$(echo \"$QUERY_STRING\" | tr -cd a-z)", "uci set \"system.name=$name\"", "uci commit system")),
    Device("A-7", "a file named by a request", "SHI-WEB-002", ("A-7",), handler("log.sh", "f=${QUERY_STRING#file=}", "cat \"/www/logs/$f\" > /dev/null")),
    Device("A-8", "one of a folder's handlers forgot to ask for the login", "SHI-WEB-006", ("A-8",),
           lambda tree, work: {path: entry for name, lines in (("a.sh", ("check_session || exit 1", "token=$(get_token)", "date")), ("b.sh", ("check_session || exit 1", "uptime")),
                                                               ("c.sh", ("check_session || exit 1", "free")),
                                                               ("d.sh", ("n=$(echo \"$QUERY_STRING\" | tr -cd a-z)", "cat \"/proc/$n\" > /dev/null")))
                               for path, entry in handler(name, *lines)(tree, work).items()}),
    Device("A-9", "a request becomes a command", "SHI-WEB-001", ("A-9",), handler("ping.sh", "eval \"ping -c 1 ${QUERY_STRING}\" > /dev/null")),
    Device("B-1", "a debug service that nobody declared", "SHI-NET-002", ("B-1",),
           lambda tree, work: {"etc/init.d/S60debug": text("#!/bin/sh\n/usr/sbin/lighttpd -f /etc/lighttpd.conf\n", 0o755), "etc/lighttpd.conf": text("server.port = 8081\nserver.document-root = \"/srv\"\n"),
                               "usr/sbin/lighttpd": Entry(program(work, "armhf", "status daemon", False), 0o755)}),
    Device("B-2", "an account logs in with no password", "SHI-ACC-001", ("A-8", "B-2", "D-1"),
           lambda tree, work: {"etc/passwd": text(tree["etc/passwd"].content.decode() + "support:x:500:500::/home:/bin/sh\n"),
                               "etc/shadow": Entry(tree["etc/shadow"].content + b"support::18000::::::\n", 0o600)}),
    Device("B-3", "a person's fuzzing crashed it", "", ("B-3",), more=seen("B-3", "the DNS service crashed after 12 minutes of malformed answers")),
    Device("B-4", "an old shell that no service uses", "SHI-VUL-002", ("B-4",),
           lambda tree, work: {"usr/bin/bash": Entry(program(work, "armhf", "@(#)Bash version 4.2.45(1) release GNU", False), 0o755)}),
    Device("C-1", "everybody may change what root starts", "SHI-PRM-002", ("C-1",),
           lambda tree, work: {"etc/init.d/S50keys": dataclasses.replace(tree["etc/init.d/S50keys"], mode=0o777)}),
    Device("C-2", "an analyser's finding that a person confirmed", "", ("C-2",), more=seen("C-2", "the session is used after it was freed on logout, confirmed in the source")),
    Device("C-3", "an analyser's finding that a person confirmed", "", ("C-3",), more=seen("C-3", "over-read in the DHCP options, confirmed in the source")),
    Device("C-4", "an analyser's finding that a person confirmed", "", ("C-4",), more=seen("C-4", "width times height wraps in the image decoder, confirmed in the source")),
    Device("C-5", "an analyser's finding that a person confirmed", "", ("C-5",), more=seen("C-5", "malloc's result is not checked in the upload handler, confirmed in the source")),
    Device("C-6", "a program reads a line of any length", "SHI-BIN-006", ("A-1", "C-6"),
           tool(READS + "char *gets(char *);\nint main(void) { char name[16]; return gets(name) ? puts(name) : 1; }\n")),
    Device("C-7", "libraries are looked for where everybody may write", "SHI-BIN-009", ("C-7",),
           lambda tree, work: {"usr/bin/tool": Entry(program(work, "armhf", "tool 1.0", False, ("-Wl,-rpath,/tmp/lib",)), 0o755)}),
    Device("D-1", "a private key that is the same in every unit", "SHI-KEY-001", ("D-1",),
           lambda tree, work: {"etc/ssl/device.key": Entry((HERE / "keys/test-key-device.pem").read_bytes(), 0o600)}),
    Device("D-2", "a factory reset that erases nothing", "SHI-RST-001", ("D-2",),
           lambda tree, work: {"usr/sbin/factory-reset": text("#!/bin/sh\necho resetting > /dev/console\nsync\nreboot\n", 0o755)}),
    Device("D-3", "an access point that offers WPA with TKIP, too", "SHI-WIF-001", ("D-3",),
           lambda tree, work: {"etc/hostapd.conf": text("interface=wlan0\nssid=kanmon\nwpa=3\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP CCMP\nwpa_psk_file=/data/hostapd.psk\n")}),
    Device("D-4", "an agent answers pairing with one PIN", "SHI-BLT-001", ("D-4",),
           lambda tree, work: {"etc/init.d/S58bluetooth": text("#!/bin/sh\nhciconfig hci0 up\n/usr/bin/bluetooth-agent 0000 &\n", 0o755),
                               "usr/bin/bluetooth-agent": Entry(program(work, "armhf", "bluetooth-agent", False), 0o755)}, (('bluetooth = "no"', 'bluetooth = "yes"'),)),
    Device("D-5", "an old daemon behind a declared service", "SHI-VUL-004", ("B-4", "D-5"),
           lambda tree, work: {"usr/sbin/dropbear": Entry(program(work, "armhf", "SSH-2.0-dropbear_2011.54", False), 0o755)}),
    Device("D-6", "a person plugged in what should be refused", "", ("D-6",), product=(('usb = "no"', 'usb = "yes"'),), more=seen("D-6", "a keyboard was accepted")),
    Device("D-7", "what lies on a USB stick is run", "SHI-USB-002", ("D-7",),
           lambda tree, work: {"etc/mdev/usb.sh": text("#!/bin/sh\nmount -o ro /dev/$MDEV /mnt/usb\n[ -f /mnt/usb/service.sh ] && sh /mnt/usb/service.sh\n", 0o755)},
           (('usb = "no"', 'usb = "yes"'),)),
    Device("D-8", "an update is written without a look at its signature", "SHI-UPD-002", ("D-8",),
           lambda tree, work: {"usr/sbin/firmware-update": text("#!/bin/sh\ncd /tmp\nwget http://update.example/kanmon/firmware.bin -O firmware.bin || exit 1\n"
                                                                "mtd -r write firmware.bin firmware\n", 0o755)}),
)
