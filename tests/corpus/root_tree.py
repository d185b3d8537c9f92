"""The root file system of the corpus images as data: path -> Entry, in a planted and a clean form."""
import dataclasses
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILERS = {"armhf": "arm-linux-gnueabihf-gcc", "mipsel": "mipsel-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}
HARDENED = ["-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-fPIE", "-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]
CARELESS = ["-O1", "-DCARELESS", "-w", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-fno-pie", "-no-pie", "-Wl,-z,norelro,-z,execstack"]


@dataclasses.dataclass(frozen=True)
class Entry:
    content: bytes = b""
    mode: int = 0o644
    link: str = ""
    folder: bool = False


def compile_program(architecture, flags, banner, out, source=HERE / "programs/banner_daemon.c"):
    result = subprocess.run([COMPILERS[architecture], *flags, f'-DBANNER="{banner}"', "-s", "-Wl,--build-id=none", "-o", out, source],
                            capture_output=True, text=True)
    if result.returncode != 0:  # the linker's warning about gets() is what we want to be warned about, so it is not shown
        raise SystemExit(result.stderr)
    return out.read_bytes()


def program(work, architecture, banner, careless, extra=()):
    """A stand-in daemon compiled from programs/banner_daemon.c; the same text gives the same bytes."""
    return compile_program(architecture, [*(CARELESS if careless else HARDENED), *extra], banner, work / "program")


def library(work, architecture, banner, careless):
    flags = [flag for flag in (CARELESS if careless else HARDENED) if "pie" not in flag.lower()]
    return compile_program(architecture, [*flags, "-fPIC", "-shared"], banner, work / "library")


def text(content, mode=0o644):
    return Entry(content.encode(), mode)


def common():
    tree = {
        "etc/hostname": text("gateway\n"),
        "etc/group": text("root:x:0:\nwww:x:33:\n"),
        "etc/os-release": text('ID=kanmon\nNAME="Kanmon gateway"\nVERSION_ID=1.0\n'),
        "etc/init.d/S40network": text("#!/bin/sh\nifconfig lo 127.0.0.1 up\nifconfig eth0 up\n", 0o755),
        "etc/init.d/S55dropbear": text("#!/bin/sh\n[ -x /usr/sbin/dropbear ] && /usr/sbin/dropbear -R -p 22\n", 0o755),
        "etc/init.d/S56dnsmasq": text("#!/bin/sh\n/usr/sbin/dnsmasq --conf-file=/etc/dnsmasq.conf\n", 0o755),
        "etc/dnsmasq.conf": text("interface=br0\ndhcp-range=192.0.2.100,192.0.2.200,12h\n"),
        "etc/inittab": text("::sysinit:/etc/init.d/rcS\n::ctrlaltdel:/sbin/reboot\n::shutdown:/bin/umount -a -r\n"),
        "etc/init.d/rcS": text("#!/bin/sh\nfor script in /etc/init.d/S*; do\n    $script start\ndone\n", 0o755),
        "etc/init.d/S57hostapd": text("#!/bin/sh\n/usr/sbin/hostapd -B /etc/hostapd.conf\n", 0o755),
        "etc/fstab": text("/dev/mmcblk0p4 /data ext4 rw,nosuid,nodev 0 2\n"),
        "etc/mdev.conf": text("null root:root 666\nsd[a-z][0-9]* root:root 660 @/etc/mdev/usb.sh\n"),
        "sbin/init": Entry(link="../bin/busybox"),
        "bin/sh": Entry(link="busybox"),
        "bin/login": Entry(link="busybox"),
        "bin/mount": Entry(link="busybox"),
        "sbin/ifconfig": Entry(link="../bin/busybox"),
        "tmp": Entry(folder=True, mode=0o1777),
        "proc": Entry(folder=True, mode=0o555),
        "dev": Entry(folder=True, mode=0o755),
        "www/index.html": text("<!doctype html><title>Kanmon gateway</title><p>Log in</p>\n"),
    }
    for number in range(12):  # enough text to compress as a real root does
        tree[f"www/help/{number:02}.html"] = text("<p>How to connect a device to the gateway, step by step.</p>\n" * (40 + number))
    return tree


def planted(work, architecture):
    tree = common()
    daemon = lambda banner, careless=True, extra=(): Entry(program(work, architecture, banner, careless, extra), 0o755)
    tree |= {
        "etc/passwd": text("root:x:0:0:root:/root:/bin/sh\nservice:x:0:0:remote service:/:/bin/sh\nsupport:x:500:500::/home:/bin/sh\n"
                           "www:x:33:33::/www:/bin/false\n"),
        # $1$ of "admin"; support has no password; service has one that no list knows
        "etc/shadow": text("root:$1$kanmon$.C007PN.rW.T/rp18OHAF1:18000:0:99999:7:::\nservice:$1$kanmon$kjoYcdUQDrQLOV29qalHh1:18000::::::\nsupport::18000::::::\n"
                           "www:*:18000::::::\n", 0o644),
        "etc/init.d/S50telnet": text("#!/bin/sh\n# for the factory\n/usr/sbin/telnetd -l /bin/sh &\n", 0o777),
        "etc/init.d/S51httpd": text("#!/bin/sh\n/usr/sbin/httpd -p 80 -h /www\n", 0o755),
        "etc/init.d/S52inetd": text("#!/bin/sh\n/usr/sbin/inetd /etc/inetd.conf\n", 0o755),
        "etc/init.d/S60debug": text("#!/bin/sh\nDAEMON=/usr/sbin/gdbserver\n$DAEMON --multi :9530 &\n", 0o755),
        "etc/inetd.conf": text("ftp\tstream\ttcp\tnowait\troot\t/usr/sbin/ftpd\tftpd -w /\n"),
        "etc/hostapd.conf": text("interface=wlan0\nssid=kanmon\nwpa=3\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP CCMP\n"
                                  "wpa_passphrase=kanmon-2015\n"),
        "etc/init.d/S58bluetooth": text("#!/bin/sh\nhciconfig hci0 up\n/usr/bin/bluetooth-agent 0000 &\n", 0o755),
        "etc/mdev/usb.sh": text("#!/bin/sh\n# updates in the field\nmount -o ro /dev/$MDEV /mnt/usb\n[ -f /mnt/usb/service.sh ] && sh /mnt/usb/service.sh\n", 0o755),
        "usr/bin/bluetooth-agent": daemon("bluetooth-agent"),
        "usr/sbin/factory-reset": text("#!/bin/sh\necho resetting > /dev/console\nsync\nreboot\n", 0o755),
        "usr/sbin/hostapd": daemon("hostapd"),
        "etc/ssl/device.key": Entry((HERE / "keys/test-key-device.pem").read_bytes(), 0o644),
        "etc/ssl/device.crt": Entry((HERE / "keys/test-certificate-device.pem").read_bytes(), 0o644),
        "usr/sbin/firmware-update": text("#!/bin/sh\ncd /tmp\nwget http://update.example/kanmon/firmware.bin -O firmware.bin || exit 1\n"
                                         "mtd -r write firmware.bin firmware\n", 0o755),
        "usr/sbin/nvram-set": daemon("nvram-set 1.0", careless=False) ,
        "usr/sbin/httpd": daemon("mini_httpd/1.19 19dec2003", extra=("-Wl,-rpath,/tmp/lib",)),
        "usr/sbin/telnetd": Entry(link="../../bin/busybox"),
        "usr/sbin/ftpd": Entry(link="../../bin/busybox"),
        "usr/sbin/inetd": Entry(link="../../bin/busybox"),
        "usr/sbin/gdbserver": daemon("GNU gdbserver (GDB) 7.6"),
        "usr/sbin/dropbear": daemon("SSH-2.0-dropbear_2011.54"),
        "usr/sbin/dnsmasq": daemon("dnsmasq-2.40"),
        "bin/busybox": daemon("BusyBox v1.19.4 (2013-03-06 18:54:31 CST) multi-call binary."),
        "usr/lib/libcrypto.so.1.0.0": Entry(library(work, architecture, "OpenSSL 1.0.1e 11 Feb 2013\\0error:%08lX:%s:%s:%s", True), 0o755),
    }
    tree["usr/sbin/nvram-set"] = dataclasses.replace(tree["usr/sbin/nvram-set"], mode=0o4755)
    return tree


def clean(work, architecture):
    tree = common()
    daemon = lambda banner: Entry(program(work, architecture, banner, False), 0o755)
    # No BusyBox without a known advisory exists as of the snapshot, so the clean twin stands on toybox.
    for path, entry in tree.items():
        if entry.link.endswith("busybox"):
            tree[path] = Entry(link=entry.link.replace("busybox", "toybox"))
    tree |= {
        "etc/passwd": text("root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/www:/bin/false\n"),
        "etc/shadow": text("root:!:20000:0:99999:7:::\nwww:*:20000::::::\n", 0o600),
        "etc/hostapd.conf": text("interface=wlan0\nssid=kanmon\nwpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nwpa_psk_file=/data/hostapd.psk\n"),
        "etc/mdev/usb.sh": text("#!/bin/sh\nmount -o ro,noexec,nosuid,nodev /dev/$MDEV /mnt/usb\n", 0o755),
        "usr/sbin/factory-reset": text("#!/bin/sh\nrm -rf /data/*\nsync\nreboot\n", 0o755),
        "usr/sbin/hostapd": daemon("hostapd"),
        "etc/init.d/S50keys": text("#!/bin/sh\n# every unit makes its own keys when it starts for the first time\n"
                                   "[ -f /data/device.key ] || device-keys /data/device.key\n", 0o755),
        "etc/swupdate.cfg": text('globals : {\n  verbose = false;\n  public-key-file = "/etc/swupdate/public.pem";\n};\n'
                                 'download : {\n  url = "https://update.example/kanmon/firmware.swu";\n};\n'),
        "etc/swupdate/public.pem": Entry((HERE / "keys/test-update-public.pem").read_bytes()),
        "usr/bin/swupdate": daemon("swupdate"),
        "usr/sbin/dropbear": daemon("SSH-2.0-dropbear_2025.88"),
        "usr/sbin/dnsmasq": daemon("dnsmasq-2.93"),
        "bin/toybox": daemon("toybox 0.8.11"),
        "usr/lib/libcrypto.so.3": Entry(library(work, architecture, "OpenSSL 3.5.8 1 Sep 2026\\0error:%08lX:%s:%s:%s", False), 0o755),
    }
    return tree


def with_debian(tree, packages, wanted):
    """The tree with real programs of unpacked Debian packages: wanted maps a path in the tree to (package, path in it)."""
    changed = dict(tree)
    for path, (package, inside) in wanted.items():
        source = packages / package / inside
        changed[path] = Entry(source.read_bytes(), changed[path].mode if path in changed and not changed[path].link else 0o755)
    return changed
