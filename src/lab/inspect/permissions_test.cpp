#include <gtest/gtest.h>

#include "inspect/sample_device.hpp"

namespace shirushi::inspect {
namespace {

const std::string kKey = "-----BEGIN PRIVATE KEY-----\n" + std::string(128, 'A') + "\n-----END PRIVATE KEY-----\n";

TEST(Permissions, WhatAnybodyMayDo) {
    const Facts facts = SampleDevice()
                            .file("bin/su", "x", 04755)
                            .file("bin/ping.iputils", "x", 04755)
                            .file("usr/sbin/vendor_cfg", "x", 06755)
                            .file("etc/rc.local", "x", 0777)
                            .file("etc/key.pem", kKey, 0644)
                            .file("etc/closed.pem", kKey, 0600)
                            .file("etc/shadow", "root:*:0:0:::::\n", 0644)
                            .folder("usr/www", 0777)
                            .folder("usr/spool", 01777)
                            .facts();
    ASSERT_TRUE(facts.permissions.observed);
    std::vector<std::string> seen;
    for (const Permission& row : facts.permissions.rows)
        seen.push_back(std::string(name_of(row.kind)) + " " + row.evidence.path.substr(12) + (row.expected ? " expected" : ""));
    EXPECT_EQ(seen, (std::vector<std::string>{"setuid_root /bin/ping.iputils expected", "setuid_root /bin/su expected", "sensitive_readable /etc/key.pem",
                                              "world_writable_file /etc/rc.local", "sensitive_readable /etc/shadow",
                                              "setuid_root /usr/sbin/vendor_cfg", "setgid_root /usr/sbin/vendor_cfg", "world_writable_directory /usr/www"}));
}

TEST(Permissions, QuietWhereNothingIsWrong) {
    const Facts facts = SampleDevice()
                            .folder("tmp", 0777)
                            .file("dev/null2", "", 0666)
                            .link("etc/link", "/nowhere")
                            .file("etc/doc.txt", "-----BEGIN PRIVATE KEY----- is how a key starts")
                            .file("usr/data", "x", 04644)
                            .facts();
    EXPECT_TRUE(facts.permissions.rows.empty());
}

}  // namespace
}  // namespace shirushi::inspect
