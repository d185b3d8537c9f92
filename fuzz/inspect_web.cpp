// Web scripts and the settings of web servers in a small device: each input is a script of every language, a page and every server's
// configuration at once.
#include "inspect/inspectors.hpp"
#include "inspect/web/flow.hpp"
#include "unpack/tree_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    auto builder = unpack::TreeBuilder::owning(Buffer(1));
    const auto root = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 1, "");
    const Bytes content{data, size};
    for (const char* path : {"bin/sh", "etc/config/uhttpd", "etc/httpd.conf", "etc/lighttpd/lighttpd.conf", "etc/nginx/nginx.conf", "etc/boa/boa.conf", "etc/thttpd.conf", "etc/route.txt",
                             "usr/lib/lua/luci/controller/x.lua", "usr/lib/lua/luci/view/x.htm", "www/x.php", "www/x.html", "www/cgi-bin/x.sh", "www/cgi-bin/x.lua", "www/cgi-bin/x.pl",
                             "www/cgi-bin/x.py", "www/cgi-bin/debug.bak"})
        builder.add_entry(root, path, {.mode = 0755}, content);
    const unpack::Tree tree = std::move(builder).finish();
    (void)inspect::inspect_web(inspect::look_at(tree), {{.name = "httpd", .command = "httpd -h /www"}});
    return 0;
}
