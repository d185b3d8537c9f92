// Start-up files in a small device: each input is inittab, script, inetd.conf and unit at once.
#include "inspect/inspectors.hpp"
#include "inspect/update_tools.hpp"
#include "unpack/tree_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    auto builder = unpack::TreeBuilder::owning(Buffer(1));
    const auto root = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 1, "");
    const Bytes content{data, size};
    for (const char* path : {"etc/inittab", "etc/inetd.conf", "etc/xinetd.d/x", "etc/config/dropbear", "etc/config/uhttpd", "etc/vsftpd.conf",
                             "etc/mosquitto.conf", "etc/opkg.conf", "etc/apt/sources.list", "lib/systemd/system/x.service",
                             "lib/systemd/system/multi-user.target.wants/x.service", "sbin/sysupgrade", "bin/opkg", "usr/bin/apt-get"})
        builder.add_entry(root, path, {.mode = 0755}, content);
    static constexpr char script[] = "#!/bin/sh\n. /etc/inittab\ninetd\nxinetd\ntelnetd\ndropbear\nuhttpd\nvsftpd\nmosquitto\n";
    builder.add_entry(root, "etc/init.d/rcS", {.mode = 0755}, as_bytes(script));
    builder.add_entry(root, "etc/rc.local", {.mode = 0755}, content);
    const unpack::Tree tree = std::move(builder).finish();
    const inspect::Image image = inspect::look_at(tree);
    (void)inspect::inspect_services(image);
    (void)inspect::inspect_updates(image);
    return 0;
}
