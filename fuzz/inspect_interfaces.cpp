// Configuration of Wi-Fi and Bluetooth, rules for what is plugged in, and scripts in a small device: each input is all of them at once.
#include "inspect/inspectors.hpp"
#include "unpack/tree_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    auto builder = unpack::TreeBuilder::owning(Buffer(1));
    const auto root = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 1, "");
    const Bytes content{data, size};
    for (const char* path : {"etc/hostapd.conf", "etc/wpa_supplicant.conf", "etc/config/wireless", "etc/config/fstab", "etc/nvram.default", "etc/bluetooth/main.conf", "etc/bluetooth/hcid.conf", "etc/bluetooth/pin", "etc/mdev.conf",
                             "etc/udev/rules.d/x.rules", "etc/usbguard/usbguard-daemon.conf", "etc/usbguard/rules.conf", "etc/modprobe.d/x", "etc/modules", "etc/inittab", "etc/fstab", "etc/hotplug.d/usb/x", "etc/rc.local",
                             "lib/modules/x/modules.builtin", "usr/sbin/factory_reset.sh", "usr/bin/simple-agent", "usr/sbin/hostapd", "usr/sbin/wpa_supplicant"})
        builder.add_entry(root, path, {.mode = 0755}, content);
    static constexpr char script[] = "#!/bin/sh\nhostapd -B /etc/hostapd.conf\nwpa_supplicant -c /etc/wpa_supplicant.conf\n. /etc/rc.local\nmount -t ext4 /dev/mmcblk0p5 /data\n";
    builder.add_entry(root, "etc/init.d/rcS", {.mode = 0755}, as_bytes(script));
    const unpack::Tree tree = std::move(builder).finish();
    (void)inspect::inspect_interfaces(inspect::look_at(tree));
    return 0;
}
