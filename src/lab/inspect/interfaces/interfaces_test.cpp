#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "inspect/interfaces/wireless_settings.hpp"
#include "inspect/sample_device.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using Lines = std::vector<std::string>;

std::string words_for(const WirelessNetwork& row) {
    return fmt::format("{} {} {} {} tkip {} frames {} pin {} used {}", row.configuration, name_of(row.role), row.ssid, name_of(row.security), name_of(row.tkip), name_of(row.frames_protected), name_of(row.wps_pin), name_of(row.in_use));
}
Lines networks(SampleDevice device) {
    Lines lines;
    const Facts facts = device.facts();
    EXPECT_TRUE(facts.wireless_networks.observed);
    for (const WirelessNetwork& row : facts.wireless_networks.rows)
        lines.push_back(words_for(row));
    return lines;
}
Lines in(const std::vector<FoundNetwork>& found) {
    Lines lines;
    for (const FoundNetwork& one : found)
        lines.push_back(words_for(one.network));
    return lines;
}
Lines bluetooth(SampleDevice device) {
    Lines lines;
    for (const BluetoothSetting& row : device.facts().bluetooth_settings.rows)
        lines.push_back(fmt::format("{} used {}: {}", name_of(row.kind), name_of(row.in_use), row.setting));
    return lines;
}
Lines usb(SampleDevice device) {
    Lines lines;
    for (const UsbExposure& row : device.facts().usb_exposures.rows)
        lines.push_back(fmt::format("{} {} guarded {} used {}", name_of(row.kind), row.name, name_of(row.guarded), name_of(row.in_use)));
    return lines;
}
Lines resets(SampleDevice device) {
    Lines lines;
    for (const ResetMechanism& row : device.facts().reset_mechanisms.rows)
        lines.push_back(fmt::format("{} erases [{}] leaves [{}] complete {} {}", row.name, fmt::join(row.erases, " "), fmt::join(row.leaves, " "), name_of(row.complete), row.note));
    return lines;
}

// ---- Wi-Fi

TEST(Hostapd, SchemesAreWhatItsManualSays) {
    const auto one = [](std::string_view rest) { return in(read_hostapd("interface=wlan0\nssid=a\n" + std::string(rest))).at(0); };
    EXPECT_EQ(one(""), "hostapd access_point a open tkip no frames unknown pin no used unknown");
    EXPECT_EQ(one("wpa=0\nwep_key0=123456789a\n"), "hostapd access_point a wep tkip no frames unknown pin no used unknown");
    EXPECT_EQ(one("ieee8021x=1\nwep_key_len_broadcast=13\n"), "hostapd access_point a wep tkip no frames unknown pin no used unknown");
    EXPECT_EQ(one("wpa=1\n"), "hostapd access_point a wpa tkip unknown frames no pin no used unknown");
    EXPECT_EQ(one("wpa=3\nwpa_pairwise=TKIP\nrsn_pairwise=CCMP\n"), "hostapd access_point a wpa_wpa2 tkip yes frames no pin no used unknown");
    EXPECT_EQ(one("wpa=2\nwpa_pairwise=TKIP\nrsn_pairwise=CCMP\n"), "hostapd access_point a wpa2 tkip no frames no pin no used unknown") << "wpa_pairwise is for the first WPA";
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=TKIP CCMP\n"), "hostapd access_point a wpa2 tkip yes frames no pin no used unknown");
    EXPECT_EQ(one("wpa=2\nwpa_pairwise=TKIP\n"), "hostapd access_point a wpa2 tkip yes frames no pin no used unknown") << "it stands in for rsn_pairwise";
    EXPECT_EQ(one("wpa=2\n"), "hostapd access_point a wpa2 tkip unknown frames no pin no used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=SAE\nieee80211w=2\n"), "hostapd access_point a wpa3 tkip no frames yes pin no used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=WPA-PSK SAE\nieee80211w=1\n"), "hostapd access_point a wpa2_wpa3 tkip no frames yes pin no used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=OWE\n"), "hostapd access_point a owe tkip no frames no pin no used unknown");
    EXPECT_EQ(one("wpa=@WPA@\n"), "hostapd access_point a unknown tkip no frames unknown pin no used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwps_state=2\nap_pin=12345670\n"), "hostapd access_point a wpa2 tkip no frames no pin yes used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwps_state=2\nconfig_methods=push_button virtual_push_button\n"), "hostapd access_point a wpa2 tkip no frames no pin no used unknown");
    EXPECT_EQ(one("wpa=2\nrsn_pairwise=CCMP\nwps_state=2\n"), "hostapd access_point a wpa2 tkip no frames no pin unknown used unknown");
    EXPECT_TRUE(read_hostapd("# wpa=1\nlogger_syslog=-1\n").empty()) << "it sets up no network";
}

TEST(Hostapd, EachBssIsANetwork) {
    EXPECT_EQ(in(read_hostapd("interface=wlan0\nssid=home\nwpa=2\nrsn_pairwise=CCMP\nbss=wlan0_1\nssid=guest\n")),
              (Lines{"hostapd access_point home wpa2 tkip no frames no pin no used unknown", "hostapd access_point guest open tkip no frames unknown pin no used unknown"}));
}

TEST(Supplicant, NetworksAreBlocks) {
    EXPECT_EQ(in(read_supplicant("ctrl_interface=/var/run/wpa\nnetwork={\n ssid=\"w\"\n key_mgmt=NONE\n wep_key0=\"abcde\"\n}\nnetwork={\n\tssid=\"o\"\n\tkey_mgmt=NONE # open\n}\n"
                                 "network={\n ssid=\"t\"\n proto=WPA\n pairwise=TKIP\n psk=\"secret12\"\n}\nnetwork={\n ssid=\"m\"\n proto=WPA RSN\n}\nnetwork={\n ssid=\"d\"\n psk=\"secret12\"\n disabled=1\n}\n"
                                 "network={\n ssid=\"s\"\n key_mgmt=SAE\n ieee80211w=2\n}\nnetwork={\n ssid=\"r\"\n proto=RSN\n pairwise=CCMP\n}\n")),
              (Lines{"wpa_supplicant station w wep tkip no frames unknown pin unknown used unknown", "wpa_supplicant station o open tkip no frames unknown pin unknown used unknown",
                     "wpa_supplicant station t wpa tkip yes frames unknown pin unknown used unknown", "wpa_supplicant station m wpa_wpa2 tkip unknown frames unknown pin unknown used unknown",
                     "wpa_supplicant station d unknown tkip unknown frames unknown pin unknown used no", "wpa_supplicant station s wpa3 tkip unknown frames yes pin unknown used unknown",
                     "wpa_supplicant station r wpa2 tkip no frames unknown pin unknown used unknown"}));
}

TEST(UciWireless, EncryptionIsReadAsOpenWrtDoes) {
    const auto one = [](std::string_view encryption) {
        const auto found = read_uci_wireless("config wifi-device 'radio0'\nconfig wifi-iface\n\toption device 'radio0'\n\toption mode 'ap'\n\toption encryption '" + std::string(encryption) + "'\n");
        return fmt::format("{} {}", name_of(found.at(0).network.security), name_of(found.at(0).network.tkip));
    };
    EXPECT_EQ(one("none"), "open no");
    EXPECT_EQ(one("wep-open"), "wep no");
    EXPECT_EQ(one("psk"), "wpa unknown");
    EXPECT_EQ(one("psk+ccmp"), "wpa no");
    EXPECT_EQ(one("psk2"), "wpa2 no");
    EXPECT_EQ(one("psk2+tkip+ccmp"), "wpa2 yes");
    EXPECT_EQ(one("psk2+ccmp"), "wpa2 no");
    EXPECT_EQ(one("psk-mixed+tkip"), "wpa_wpa2 yes");
    EXPECT_EQ(one("psk+psk2"), "wpa_wpa2 unknown");
    EXPECT_EQ(one("wpa2"), "wpa2 no");
    EXPECT_EQ(one("sae"), "wpa3 no");
    EXPECT_EQ(one("sae-mixed"), "wpa2_wpa3 no");
    EXPECT_EQ(one("wpa3-mixed"), "wpa2_wpa3 no");
    EXPECT_EQ(one("owe"), "owe no");
    EXPECT_EQ(one("$ENC"), "unknown unknown");
}

TEST(UciWireless, WhatIsSwitchedOffIsNotInUse) {
    EXPECT_EQ(in(read_uci_wireless("config wifi-device 'radio0'\n\toption disabled '1'\nconfig wifi-iface 'default_radio0'\n\toption device 'radio0'\n\toption mode 'ap'\n\toption ssid 'OpenWrt'\n\toption encryption 'none'\n"
                                   "config wifi-device 'radio1'\nconfig wifi-iface 'x'\n\toption device 'radio1'\n\toption ssid 'b'\n\toption disabled '1'\nconfig wifi-iface 'y'\n\toption device 'radio1'\n\toption mode 'mesh'\n"
                                   "config wifi-iface 'z'\n\toption device 'radio1'\n\toption mode 'sta'\n\toption ssid 'up'\n\toption encryption 'sae'\n")),
              (Lines{"uci access_point OpenWrt open tkip no frames no pin no used no", "uci access_point b open tkip no frames no pin no used no", "uci station up wpa3 tkip no frames yes pin no used unknown"}));
}

TEST(NvramWireless, BroadcomAndMediaTek) {
    EXPECT_EQ(in(read_nvram_wireless("lan_proto=dhcp\nwl0_ssid=net\nwl0_akm=psk psk2\nwl0_crypto=tkip+aes\nwl0_radio=1\nwl1_ssid=five\nwl1_akm=psk2\nwl1_crypto=aes\nwl1_mfp=1\nwl1_wps_mode=disabled\nwl2_akm=\nwl2_wep=enabled\nwl2_radio=0\n")),
              (Lines{"nvram access_point net wpa_wpa2 tkip yes frames unknown pin unknown used unknown", "nvram access_point five wpa2 tkip no frames yes pin no used unknown",
                     "nvram access_point  wep tkip no frames unknown pin unknown used no"}));
    EXPECT_EQ(in(read_nvram_wireless("Default\nBssidNum=2\nSSID1=a\nSSID2=b\nAuthMode=OPEN;WPAPSKWPA2PSK\nEncrypType=NONE;TKIPAES\n")),
              (Lines{"nvram access_point a open tkip no frames unknown pin unknown used unknown", "nvram access_point b wpa_wpa2 tkip yes frames unknown pin unknown used unknown"}));
    EXPECT_TRUE(read_nvram_wireless("AuthMode=OPEN\nwlan=1\n").empty());
}

TEST(Wireless, InUseIsWhatStartUpLeadsTo) {
    const std::string_view file = "interface=wlan0\nssid=a\nwpa=1\n";
    const auto started = [&] { return SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nhostapd -B /etc/ap.conf\nwpa_supplicant -B -i wlan0 -c/etc/wifi.cfg\n", 0755); };
    EXPECT_EQ(networks(started().program("usr/sbin/hostapd").file("etc/ap.conf", file)), Lines{"hostapd access_point a wpa tkip unknown frames no pin no used yes"});
    EXPECT_EQ(networks(started().file("etc/ap.conf", file)), Lines{}) << "what would read it is not there";
    EXPECT_EQ(networks(SampleDevice().file("etc/hostapd.conf", file)), Lines{"hostapd access_point a wpa tkip unknown frames no pin no used unknown"});
    EXPECT_EQ(networks(SampleDevice().file("usr/share/doc/hostapd/hostapd.conf", file).file("etc/hostapd.conf.example", file).file("etc/hostapd.conf.orig", file)), Lines{}) << "examples";
    EXPECT_EQ(networks(SampleDevice().file("etc/config/wireless", "config wifi-iface\n option ssid a\n option encryption psk2\n").file("etc/rc.common", "#!/bin/sh\n").program("sbin/netifd")),
              Lines{"uci access_point a wpa2 tkip no frames no pin no used yes"});
    EXPECT_EQ(networks(started().program("sbin/wpa_supplicant").file("etc/wifi.cfg", "network={\n ssid=\"w\"\n key_mgmt=NONE\n wep_key0=abcde12345\n}\n")),
              Lines{"wpa_supplicant station w wep tkip no frames unknown pin unknown used yes"});
}

TEST(Wireless, KeysAreMasked) {
    const Facts facts = SampleDevice().file("etc/hostapd.conf", "interface=wlan0\nssid=a\nwep_key0=123456789a\n").facts();
    ASSERT_EQ(facts.wireless_networks.rows.size(), 1U);
    EXPECT_EQ(facts.wireless_networks.rows[0].evidence.excerpt.find("123456789a"), std::string::npos);
}

// ---- Bluetooth

TEST(Bluetooth, FilesOfBluez) {
    EXPECT_EQ(bluetooth(SampleDevice()
                            .file("etc/bluetooth/main.conf", "[General]\n#SecureConnections = off\nSecureConnections = off\nJustWorksRepairing = always\nDiscoverableTimeout = 0\n")
                            .file("etc/bluetooth/input.conf", "[General]\nClassicBondedOnly=false\n")
                            .file("etc/bluetooth/network.conf", "[General]\nDisableSecurity=true\n")),
              (Lines{"secure_connections_off used unknown: SecureConnections = off", "repairing_unasked used unknown: JustWorksRepairing = always", "always_discoverable used unknown: DiscoverableTimeout = 0",
                     "link_security_off used unknown: DisableSecurity=true", "unbonded_input used unknown: ClassicBondedOnly=false"}));
    EXPECT_EQ(bluetooth(SampleDevice().file("etc/bluetooth/main.conf", "[General]\nSecureConnections = only\nJustWorksRepairing = never\nDiscoverableTimeout = 180\nPairableTimeout = 0\n").file("etc/bluetooth/input.conf", "ClassicBondedOnly=true\n")), Lines{});
}

TEST(Bluetooth, AFixedPinIsMasked) {
    EXPECT_EQ(bluetooth(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nhciconfig hci0 sspmode 0\nhciconfig hci0 piscan\nbluetooth-agent 0000 &\nbtmgmt sc off\nbt-agent -c NoInputNoOutput -p /etc/pins &\n", 0755).file("etc/pins", "* 1234\n")
                            .program("usr/bin/hciconfig").program("usr/bin/bluetooth-agent").program("usr/bin/btmgmt").program("usr/bin/bt-agent")),
              (Lines{"fixed_pin used yes: bluetooth-agent 0**0", "fixed_pin used yes: bt-agent -c NoInputNoOutput -p /etc/pins", "simple_pairing_off used yes: hciconfig hci0 sspmode 0", "secure_connections_off used yes: btmgmt sc off",
                     "just_works used yes: bt-agent -c NoInputNoOutput -p /etc/pins", "always_discoverable used yes: hciconfig hci0 piscan"}));
    EXPECT_EQ(bluetooth(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nbluetooth-agent 0000 &\n", 0755)), Lines{"fixed_pin used unknown: bluetooth-agent 0**0"}) << "the agent is not there";
    EXPECT_EQ(bluetooth(SampleDevice().file("usr/bin/pair.sh", "#!/bin/sh\nhciconfig hci0 sspmode 1\nbtmgmt ssp off\nbluetoothctl discoverable on\n", 0755)), Lines{"simple_pairing_off used unknown: btmgmt ssp off"});
}

TEST(Bluetooth, OldStackAndAgentsInPython) {
    EXPECT_EQ(bluetooth(SampleDevice().file("etc/bluetooth/hcid.conf", "options {\n\tsecurity user;\n\tpasskey \"BlueZ\";\n}\n")), Lines{}) << "the helper is asked";
    EXPECT_EQ(bluetooth(SampleDevice().file("etc/bluetooth/hcid.conf", "options {\n\tsecurity auto;\n\tpasskey \"1234\";\n}\n")), Lines{"fixed_pin used unknown: passkey \"1**4\";"});
    const std::string_view agent = "#!/usr/bin/python3\nclass Agent:\n    def RequestPinCode(self, device):\n        return \"0000\"\n    def RequestPasskey(self, device):\n        return 1\n";
    EXPECT_EQ(bluetooth(SampleDevice().file("usr/bin/simple-agent.py", agent, 0755).file("etc/init.d/rcS", "#!/bin/sh\n/usr/bin/simple-agent.py &\n", 0755)), Lines{"fixed_pin used yes: return \"0**0\""});
    EXPECT_EQ(bluetooth(SampleDevice().file("usr/bin/simple-agent", "#!/usr/bin/python3\ndef RequestPinCode(self, device):\n    return ask(\"PIN\")\ndef x():\n    return \"0000\"\n", 0755)), Lines{});
}

// ---- USB

TEST(Usb, ModulesAreNamedByTheirClass) {
    EXPECT_EQ(usb(SampleDevice().file("lib/modules/6.1/kernel/usb-storage.ko", "x").file("lib/modules/6.1/kernel/uas.ko.xz", "x").file("lib/modules/6.1/cdc-acm.ko", "x").file("lib/modules/6.1/ext4.ko", "x").file("lib/modules/6.1/g_ether.ko", "x")
                      .file("lib/modules/6.1/modules.builtin", "kernel/drivers/hid/usbhid/usbhid.ko\n")),
              (Lines{"class_driver CDC-ACM guarded unknown used unknown", "class_driver HID guarded unknown used yes", "class_driver Mass Storage guarded unknown used unknown"}));
}

TEST(Usb, WhatDecidesAboutDevices) {
    EXPECT_EQ(usb(SampleDevice().file("etc/usbguard/usbguard-daemon.conf", "ImplicitPolicyTarget=block\n").file("etc/usbguard/rules.conf", "allow id 1d6b:0002\n").file("etc/init.d/rcS", "#!/bin/sh\n/usr/sbin/usbguard-daemon -f &\n", 0755).program("usr/sbin/usbguard-daemon")),
              Lines{"authorization usbguard guarded yes used yes"});
    EXPECT_EQ(usb(SampleDevice().file("etc/usbguard/usbguard-daemon.conf", "ImplicitPolicyTarget=allow\n")), Lines{"authorization usbguard guarded no used unknown"});
    EXPECT_EQ(usb(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nfor h in /sys/bus/usb/devices/usb*; do\n echo 0 > $h/authorized_default\ndone\n", 0755)), Lines{"authorization authorized_default guarded yes used yes"});
    EXPECT_EQ(usb(SampleDevice().file("boot/cmdline.txt", "root=/dev/mmcblk0p2 usbcore.authorized_default=0\n").file("etc/udev/rules.d/1.rules", "ACTION==\"add\", SUBSYSTEM==\"usb\", ATTR{authorized}==\"0\"\n")), Lines{"authorization authorized_default guarded yes used yes"});
}

TEST(Usb, AFileOnStorageIsRun) {
    EXPECT_EQ(usb(SampleDevice().file("etc/mdev.conf", "null 0:0 666\nsd[a-z][0-9]* 0:0 660 @/etc/mdev/usb.sh\n").file("etc/mdev/usb.sh", "#!/bin/sh\nmount -o ro /dev/$MDEV /mnt/stick\n[ -f /mnt/stick/run.sh ] && sh /mnt/stick/run.sh\n", 0755)),
              (Lines{"storage_mounted /mnt/stick guarded no used yes", "storage_executed /mnt/stick/run.sh guarded no used yes"}));
    EXPECT_EQ(usb(SampleDevice().file("etc/udev/rules.d/9.rules", "KERNEL==\"sd?1\", ACTION==\"add\", RUN+=\"/usr/bin/stick %k\"\n").file("usr/bin/stick", "#!/bin/sh\nmount -o ro,noexec /dev/$1 /mnt/s\nopenssl dgst -verify /etc/key.pem -signature /mnt/s/sig /mnt/s/run.sh || exit\n. /mnt/s/run.sh\n", 0755)),
              (Lines{"storage_mounted /mnt/s guarded yes used yes", "storage_executed /mnt/s/run.sh guarded yes used yes"}));
    EXPECT_EQ(usb(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nmount /dev/sda1 /data\n/data/start.sh\n", 0755)), (Lines{"storage_mounted /data guarded no used unknown", "storage_executed /data/start.sh guarded no used unknown"}))
        << "it may be a disk that is built in";
    EXPECT_EQ(usb(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\n[ -x /mnt/usb/factory.sh ] && /mnt/usb/factory.sh\n", 0755)), Lines{"storage_executed /mnt/usb/factory.sh guarded no used yes"});
    EXPECT_EQ(usb(SampleDevice().file("usr/bin/x", "#!/bin/sh\ncat /mnt/usb/list\ncp /mnt/usb/a /tmp\n", 0755)), Lines{});
}

TEST(Usb, UpdatesFromStorage) {
    EXPECT_EQ(usb(SampleDevice().file("etc/hotplug.d/block/20-up", "mount /dev/$DEVNAME /mnt/usb\nmtd -r write /mnt/usb/fw.bin firmware\n")), (Lines{"storage_mounted /mnt/usb guarded no used yes", "storage_update /mnt/usb/fw.bin guarded no used yes"}));
    EXPECT_EQ(usb(SampleDevice().file("usr/sbin/usbup", "#!/bin/sh\nsysupgrade /mnt/usb/fw.bin\n", 0755)), Lines{"storage_update /mnt/usb/fw.bin guarded unknown used unknown"});
}

TEST(Usb, ConsolesAndBridges) {
    EXPECT_EQ(usb(SampleDevice().file("etc/inittab", "::sysinit:/etc/init.d/rcS\nttyGS0::respawn:-/bin/sh\n").file("etc/init.d/rcS", "#!/bin/sh\n", 0755)), Lines{"console ttyGS0 guarded no used yes"});
    EXPECT_EQ(usb(SampleDevice().file("etc/inittab", "::respawn:/sbin/getty -L ttyUSB0 115200 vt100\n::respawn:/sbin/getty -n -l /bin/sh -L ttyACM0 115200\nttyS0::respawn:/bin/sh\n")), (Lines{"console ttyACM0 guarded no used yes", "console ttyUSB0 guarded yes used yes"}));
    EXPECT_EQ(usb(SampleDevice().file("etc/init.d/rcS", "#!/bin/sh\nmodprobe g_serial\nmkdir -p /config/usb_gadget/g1/functions/rndis.usb0 /config/usb_gadget/g1/functions/ffs.adb\nsh </dev/ttyGS0 >/dev/ttyGS0 2>&1 &\n", 0755)),
              (Lines{"gadget_function g_serial guarded unknown used yes", "gadget_function rndis guarded unknown used yes", "console ttyGS0 guarded no used yes", "debug_bridge ffs.adb guarded unknown used yes"}));
    EXPECT_EQ(usb(SampleDevice().file("lib/systemd/systemd", "x").link("etc/systemd/system/getty.target.wants/serial-getty@ttyGS0.service", "/lib/systemd/system/serial-getty@.service")
                      .file("etc/systemd/system/serial-getty@ttyGS0.service.d/login.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root %I\n")),
              Lines{"console ttyGS0 guarded no used yes"});
}

// ---- reset

TEST(Reset, ReachesWhatIsMountedOrLeavesIt) {
    const std::string_view fstab = "/dev/root / ext4 ro 0 0\n/dev/mmcblk0p5 /data ext4 defaults 0 0\n/dev/mmcblk0p6 /log ext4 rw 0 0\ntmpfs /tmp tmpfs defaults 0 0\n";
    const auto device = [&](std::string_view script) { return SampleDevice().file("etc/fstab", fstab).file("usr/sbin/factory_reset.sh", std::string("#!/bin/sh\n") + std::string(script), 0755); };
    EXPECT_EQ(resets(device("rm -rf /data/* /log\nsync\nreboot\n")), Lines{"factory_reset.sh erases [/data /log] leaves [] complete yes "});
    EXPECT_EQ(resets(device("rm -rf /data/*\nreboot\n")), Lines{"factory_reset.sh erases [/data] leaves [/log] complete no "});
    EXPECT_EQ(resets(device("umount /data\nmkfs.ext4 -F /dev/mmcblk0p5\nmkfs.ext4 /dev/mmcblk0p6\nreboot\n")), Lines{"factory_reset.sh erases [/dev/mmcblk0p5 /dev/mmcblk0p6] leaves [] complete yes "});
    EXPECT_EQ(resets(device("echo resetting\nreboot\n")), Lines{"factory_reset.sh erases [] leaves [/data /log] complete no "});
    EXPECT_EQ(resets(device("echo 1 > /data/reset_flag\nreboot\n")), Lines{"factory_reset.sh erases [] leaves [] complete unknown echo 1 > /data/reset_flag"}) << "something else acts on it";
    EXPECT_EQ(resets(device("/usr/bin/cfgtool default\nreboot\n")), Lines{"factory_reset.sh erases [] leaves [] complete unknown /usr/bin/cfgtool default"});
    EXPECT_EQ(resets(device("sync\nreboot recovery\n")), Lines{"factory_reset.sh erases [] leaves [] complete unknown reboot recovery"});
    EXPECT_EQ(resets(device("killall -USR1 cfgd\nreboot\n")), Lines{"factory_reset.sh erases [] leaves [] complete unknown killall -USR1 cfgd"});
    EXPECT_EQ(resets(device(". /usr/lib/wipe.sh\nreboot\n")), Lines{"factory_reset.sh erases [] leaves [] complete unknown . /usr/lib/wipe.sh"});
    EXPECT_EQ(resets(SampleDevice().file("etc/fstab", "/dev/root / ext4 rw 0 0\n/dev/sda9 /data ext4 rw 0 0\n").file("sbin/factory-reset", "#!/bin/sh\nrm -rf /data\n", 0755)), Lines{"factory-reset erases [/data] leaves [] complete unknown "});
    EXPECT_EQ(resets(device("rm -rf $DATA\nrm -rf /log\n")), Lines{"factory_reset.sh erases [/log] leaves [] complete unknown rm -rf $DATA"});
    EXPECT_EQ(resets(device("mtd erase config\n")), Lines{"factory_reset.sh erases [mtd config] leaves [] complete unknown "}) << "which of the places that is, nobody knows";
}

TEST(Reset, FilesBesideWhatIsErasedAreLeft) {
    EXPECT_EQ(resets(SampleDevice().file("etc/fstab", "/dev/mmcblk0p5 /data ext4 defaults 0 0\n").file("etc/hostapd.conf", "interface=wlan0\nwpa=2\nwpa_psk_file=/data/wifi.psk\n")
                         .file("etc/init.d/rcS", "#!/bin/sh\n[ -f /data/config/x ] || cp /etc/x /data/config/x\n", 0755).file("usr/sbin/restore_defaults", "#!/bin/sh\nrm -rf /data/config\nreboot\n", 0755)),
              Lines{"restore_defaults erases [/data/config] leaves [/data/wifi.psk] complete no "});
}

TEST(Reset, OpenWrtAndNames) {
    EXPECT_EQ(resets(SampleDevice().file("etc/rc.common", "#!/bin/sh\n").file("sbin/firstboot", "#!/bin/sh\njffs2reset $@\n", 0755).program("sbin/jffs2reset")), Lines{"firstboot erases [/overlay] leaves [] complete yes "});
    EXPECT_EQ(resets(SampleDevice().file("sbin/usb_reset.sh", "#!/bin/sh\nreboot\n", 0755).file("sbin/reset_modem", "#!/bin/sh\nrm -rf /data\n", 0755).file("sbin/reset", "#!/bin/sh\necho c\n", 0755)), Lines{});
    EXPECT_EQ(resets(SampleDevice().file("www/cgi-bin/reset.cgi", "#!/bin/sh\nnvram erase\nreboot\n", 0755)), Lines{"reset.cgi erases [nvram] leaves [] complete unknown "});
}

// ---- hostile text

TEST(Interfaces, ReadersTakeEveryLength) {
    const std::string text = "config wifi-device 'r'\n\toption disabled '1'\nconfig wifi-iface\n\toption device 'r'\n\toption encryption 'psk2+tkip'\ninterface=w\nssid=\"a\"\nbss=b\nwpa=3\nwpa_pairwise=TKIP\nwps_state=2\n"
                             "network={\nkey_mgmt=NONE\nwep_key0=\"x\"\nproto=WPA\n}\nwl0_akm=psk\nwl0_crypto=tkip\nAuthMode=OPEN;X\nEncrypType=NONE;\nBssidNum=9\n"
                             "passkey \"1234\";\nsecurity auto;\nSecureConnections=off\nsd[a-z] 0:0 660 @mount /dev/$MDEV /mnt/usb -o noexec\nKERNEL==\"sd?\", RUN+=\"/bin/sh /mnt/usb/a.sh\", ATTR{authorized}=\"0\"\n"
                             "rm -rf /data/* $X\nmtd erase y\nmount -t ext4 /dev/mmcblk0p1 /data\nsh </dev/ttyGS0\necho 0 > /sys/authorized_default\nbluetooth-agent 0000\nttyGS0::respawn:/sbin/getty -n -l /bin/sh ttyGS0\n";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const std::string piece = text.substr(0, length);
        (void)read_hostapd(piece);
        (void)read_supplicant(piece);
        (void)read_uci_wireless(piece);
        (void)read_nvram_wireless(piece);
        if (length % 7 != 0 && length != text.size())
            continue;  // the whole inspector is slower
        SampleDevice device;
        for (const char* path : {"etc/inittab", "etc/mdev.conf", "etc/udev/rules.d/x.rules", "etc/bluetooth/hcid.conf", "etc/bluetooth/main.conf", "etc/fstab", "etc/usbguard/usbguard-daemon.conf", "etc/hotplug.d/usb/x", "etc/rc.local"})
            (void)device.file(path, piece, 0755);
        (void)device.file("sbin/factory_reset", "#!/bin/sh\n" + piece, 0755).facts({}, {.bytes_of_code = 0});
    }
}

}  // namespace
}  // namespace shirushi::inspect::interfaces
