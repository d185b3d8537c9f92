#include "sbom/compiled_in.hpp"

#include <gtest/gtest.h>

#include "sbom/sbom.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::sbom {
namespace {

using unpack::NodeId;
using unpack::TreeBuilder;
using Names = std::vector<std::string>;

std::string config_of(std::string_view version) {
    std::string text = "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm " + std::string(version) + " Kernel Configuration\n#\n";
    for (int i = 0; i < 20; ++i)
        text += "CONFIG_OPTION_" + std::to_string(i) + "=y\n";
    return text + "# CONFIG_BT is not set\nCONFIG_TUN=m\n";
}

Buffer bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

Buffer program(std::string_view text) {
    Buffer file = bytes_of("\x7f""ELF\x02\x01\x01");  // enough to be taken for one
    file.resize(64);
    file.insert(file.end(), text.begin(), text.end());
    file.push_back(0);
    return file;
}

TEST(KernelConfiguration, ItsVersionAndSymbolsAreRead) {
    const std::string text = config_of("5.10.0");
    EXPECT_EQ(kernel_version_of_config(as_bytes(text)), "5.10.0");
    EXPECT_EQ(kernel_version_of_config(as_bytes("#\n# Linux kernel version: 2.6.31\n")), "2.6.31");
    EXPECT_EQ(kernel_version_of_config(as_bytes("# Linux/arm soon Kernel Configuration\n")), "");
    const Names symbols = kernel_symbols(as_bytes(text));
    ASSERT_EQ(symbols.size(), 21U);
    EXPECT_EQ(symbols.back(), "CONFIG_TUN=m");
    for (std::size_t length = 0; length <= text.size(); ++length)
        EXPECT_LE(kernel_symbols(as_bytes(std::string_view(text).substr(0, length))).size(), 21U);
}

TEST(BuiltInModules, AreReadFromBothFiles) {
    EXPECT_EQ(built_in_modules(as_bytes("kernel/net/ipv4/tunnel4.ko\nkernel/drivers/net/tun.ko\nnothing\n")),
              (Names{"kernel/drivers/net/tun.ko", "kernel/net/ipv4/tunnel4.ko"}));
    constexpr std::string_view modinfo{"tun.license=GPL\0tun.file=drivers/net/tun\0tun.alias=x\0", 53};
    EXPECT_EQ(built_in_modules_of_modinfo(as_bytes(modinfo)), (Names{"kernel/drivers/net/tun.ko"}));
}

TEST(CompiledIn, GoesToTheComponentItIsAbout) {
    auto builder = TreeBuilder::owning(Buffer(64));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 0, 64, "");
    const auto add = [&](const char* path, Buffer content) { builder.add_entry(system, path, {.mode = 0755}, builder.keep(std::move(content))); };
    add("boot/config-5.10.0", bytes_of(config_of("5.10.0")));
    add("lib/modules/5.10.0/modules.builtin", bytes_of("kernel/drivers/net/tun.ko\n"));
    add("boot/vmlinux", program("Linux version 5.10.0 (b@h) (gcc version 8.3.0) #1 PREEMPT"));
    add("boot/old", program("Linux version 4.1.2 (b@h) (gcc version 8.3.0) #1 PREEMPT"));
    std::string busybox = "BusyBox v1.30.1 (2021)";
    busybox += '\0';
    for (const char* applet : {"ash", "cat", "ls"})
        (busybox += applet) += '\0';
    add("bin/busybox", program(busybox));
    builder.add_entry(system, "bin/sh", {.kind = FileKind::symlink, .target = "busybox"}, {});
    const auto identifiers =
        Identifiers::compile({{.product = "linux_kernel", .kind = "operating_system", .pattern = R"(Linux version (\d+\.\d+\.\d+) \()"},
                              {.product = "busybox", .pattern = R"(BusyBox v(\d+\.\d+\.\d+))"}})
            .value();
    const auto table = components(std::move(builder).finish(), identifiers);
    ASSERT_EQ(table.rows.size(), 3U);
    EXPECT_EQ(table.rows[0].id, "busybox@1.30.1");
    ASSERT_TRUE(table.rows[0].compiled_in);
    EXPECT_EQ(table.rows[0].compiled_in->applets, (Names{"ash", "cat", "ls"}));
    EXPECT_EQ(table.rows[1].version, "4.1.2");
    EXPECT_FALSE(table.rows[1].compiled_in);
    ASSERT_TRUE(table.rows[2].compiled_in);
    EXPECT_EQ(table.rows[2].compiled_in->configuration.size(), 21U);
    EXPECT_EQ(table.rows[2].compiled_in->modules, (Names{"kernel/drivers/net/tun.ko"}));
    EXPECT_EQ(table.rows[2].evidence.size(), 2U);  // the banner and the configuration
    EXPECT_EQ(table.rows[2].confidence, 95U);
}

TEST(CompiledIn, LinksSayWhichAppletsThereAreWhenNoTableDoes) {
    auto builder = TreeBuilder::owning(Buffer(64));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 0, 64, "");
    builder.add_entry(system, "bin/busybox", {.mode = 0755}, builder.keep(program("BusyBox v1.30.1 (2021)")));
    builder.add_entry(system, "bin/sh", {.kind = FileKind::symlink, .target = "busybox"}, {});
    builder.add_entry(system, "sbin/init", {.kind = FileKind::symlink, .target = "../bin/busybox"}, {});
    builder.add_entry(system, "sbin/other", {.kind = FileKind::symlink, .target = "/bin/toybox"}, {});
    const auto facts = compiled_in_facts(std::move(builder).finish());
    ASSERT_EQ(facts.facts.size(), 1U);
    EXPECT_EQ(facts.facts[0].what.applets, (Names{"init", "sh"}));
}

}  // namespace
}  // namespace shirushi::sbom
