#include "vuln/exposure.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace shirushi::vuln {
namespace {

Component component(std::string product, std::string path) {
    return {.id = product + "@1", .product = product, .name = product, .version = "1", .evidence = {{.path = std::move(path), .offset = {}, .excerpt = {}}}};
}
Executable program(std::string path, std::vector<std::string> needed = {}) {
    Executable made;
    made.path = std::move(path);
    made.needed = std::move(needed);
    return made;
}
Service service(std::string name, std::vector<Endpoint> endpoints, std::string protocol = "") {
    Service made;
    made.name = std::move(name);
    made.program_present = true;
    made.endpoints = std::move(endpoints);
    made.protocol = std::move(protocol);
    return made;
}

/// A router: a web server with TLS on the network, a resolver on the loopback address, a daemon without ports, a tool nobody starts.
Facts router() {
    Facts facts;
    facts.services = {.observed = true, .gaps = {}, .rows = {service("httpd", {{"tcp", 443, ""}}), service("resolver", {{"udp", 53, "127.0.0.1"}}),
                                                             service("telnetd", {}, "telnet"), service("crond", {})}};
    facts.executables = {.observed = true, .gaps = {}, .rows = {program("fs/usr/sbin/httpd", {"libssl.so.1"}), program("fs/usr/lib/libssl.so.1.0.1", {"libz.so.1"}),
                                                                program("fs/usr/lib/libz.so.1.2.8"), program("fs/usr/sbin/resolver"),
                                                                program("fs/bin/busybox"), program("fs/usr/bin/tool")}};
    File link;
    link.kind = FileKind::symlink;
    link.path = "fs/usr/lib/libssl.so.1";
    link.target = "libssl.so.1.0.1";
    facts.files.rows.push_back(link);
    link.path = "fs/usr/lib/libz.so.1";
    link.target = "/usr/lib/libz.so.1.2.8";
    facts.files.rows.push_back(link);
    facts.components.observed = true;
    facts.components.rows = {component("webserver", "fs/usr/sbin/httpd"), component("openssl", "fs/usr/lib/libssl.so.1.0.1"),
                             component("zlib", "fs/usr/lib/libz.so.1.2.8"), component("resolver", "fs/usr/lib/opkg/status"),
                             component("tool", "fs/usr/bin/tool"), component("package", "fs/usr/lib/opkg/status")};
    Component busybox = component("busybox", "fs/bin/busybox");
    busybox.compiled_in = CompiledIn{.applets = {"ash", "telnetd"}, .configuration = {}, .modules = {}};
    facts.components.rows.push_back(busybox);
    Component kernel = component("linux_kernel", "kernel");
    kernel.kind = ComponentKind::operating_system;
    facts.components.rows.push_back(kernel);
    return facts;
}

const ComponentExposure* of(const Table<ComponentExposure>& table, std::string_view id) {
    const auto found = std::ranges::find(table.rows, id, &ComponentExposure::component);
    return found == table.rows.end() ? nullptr : &*found;
}

TEST(Exposure, ServicesTheirProgramsAndWhatTheyLoad) {
    const auto table = exposures(router());
    EXPECT_TRUE(table.observed);
    EXPECT_EQ(*of(table, "webserver@1"), (ComponentExposure{"webserver@1", ExposureKind::listening, "httpd (tcp 443)", ""}));
    EXPECT_EQ(*of(table, "openssl@1"), (ComponentExposure{"openssl@1", ExposureKind::listening, "httpd (tcp 443)", "fs/usr/sbin/httpd"}));
    EXPECT_EQ(*of(table, "zlib@1"), (ComponentExposure{"zlib@1", ExposureKind::listening, "httpd (tcp 443)", "fs/usr/lib/libssl.so.1.0.1"}));
    EXPECT_EQ(*of(table, "resolver@1"), (ComponentExposure{"resolver@1", ExposureKind::started, "resolver (udp 53)", ""})) << "the loopback address only";
    EXPECT_EQ(*of(table, "busybox@1"), (ComponentExposure{"busybox@1", ExposureKind::listening, "telnetd (telnet)", ""}));
    EXPECT_EQ(of(table, "linux_kernel@1")->kind, ExposureKind::started);
    EXPECT_EQ(of(table, "tool@1")->kind, ExposureKind::idle);
    EXPECT_EQ(of(table, "package@1"), nullptr) << "which files are its own is not known";
}

TEST(Exposure, WhereSomethingWasNotReadNothingIsIdle) {
    Facts facts = router();
    facts.services.gaps = {"etc/init.d"};
    EXPECT_EQ(of(exposures(facts), "tool@1"), nullptr);
    facts.services.observed = false;
    EXPECT_FALSE(exposures(facts).observed);
    EXPECT_TRUE(exposures(facts).rows.empty());
}

TEST(Exposure, LoopsEnd) {
    Facts facts = router();
    facts.executables.rows[2].needed = {"libssl.so.1"};
    facts.files.rows[0].target = "libssl.so.1";
    facts.services.rows[0].program_present = false;  // a program that is not there runs nothing
    const auto table = exposures(facts);
    EXPECT_EQ(of(table, "openssl@1")->kind, ExposureKind::idle);
}

}  // namespace
}  // namespace shirushi::vuln
