#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "inspect/sample_device.hpp"

namespace shirushi::inspect {
namespace {

std::vector<std::string> updates(SampleDevice device) {
    std::vector<std::string> all;
    const Facts facts = device.facts();
    EXPECT_TRUE(facts.update_mechanisms.observed);
    for (const UpdateMechanism& row : facts.update_mechanisms.rows)
        all.push_back(fmt::format("{} [{}] encrypted {} signature {} keys {}: {}", row.tool, fmt::join(row.sources, " "), name_of(row.encrypted_transport),
                                  name_of(row.verifies_signature), name_of(row.keys_present), row.note));
    return all;
}
using Lines = std::vector<std::string>;

TEST(Updates, PackageManagers) {
    EXPECT_EQ(updates(SampleDevice()
                          .program("bin/opkg")
                          .file("etc/opkg.conf", "dest root /\noption check_signature\n")
                          .file("etc/opkg/distfeeds.conf", "src/gz base http://downloads.example/base\n# src/gz x http://no\nsrc/gz luci https://downloads.example/luci\n")
                          .file("etc/opkg/keys/b5043e70f9a75cde", "untrusted comment: key\nAAAA\n")),
              Lines{"opkg [http://downloads.example/base https://downloads.example/luci] encrypted no signature yes keys yes: option check_signature; keys: 1"});
    EXPECT_EQ(updates(SampleDevice().program("bin/opkg").file("etc/opkg.conf", "src/gz base https://downloads.example/base\n")),
              Lines{"opkg [https://downloads.example/base] encrypted yes signature no keys no: check_signature not set; keys: 0"});
    EXPECT_EQ(updates(SampleDevice().file("etc/opkg.conf", "src/gz base http://x\n")), Lines{});
    EXPECT_EQ(updates(SampleDevice().program("usr/bin/apt-get").file("etc/apt/sources.list", "deb [trusted=yes] http://local.example stable main\n")),
              Lines{"apt [http://local.example] encrypted no signature no keys no: deb [trusted=yes] http://local.example stable main"});
    EXPECT_EQ(updates(SampleDevice().program("sbin/apk").file("etc/apk/repositories", "https://alpine.example/main\n#http://x\n").file("etc/apk/keys/a.pub", "k")),
              Lines{"apk [https://alpine.example/main] encrypted yes signature yes keys yes: apk verifies by default"});
}

TEST(Updates, ImageUpdaters) {
    EXPECT_EQ(updates(SampleDevice().program("usr/bin/swupdate").file("etc/swupdate.cfg", "globals : {\n public-key-file = \"/etc/swupdate.pem\";\n};\nsuricatta: {\n url = \"http://u.example\";\n}\n")),
              Lines{"swupdate [http://u.example] encrypted no signature yes keys no: public-key-file = \"/etc/swupdate.pem\";"});
    EXPECT_EQ(updates(SampleDevice().program("usr/bin/swupdate")), Lines{"swupdate [] encrypted unknown signature no keys unknown: no public-key-file, no -k"});
    EXPECT_EQ(updates(SampleDevice().program("usr/bin/rauc").file("etc/rauc/system.conf", "[system]\ncompatible=x\n[keyring]\npath=ca.pem\n").file("etc/rauc/ca.pem", "x")),
              Lines{"rauc [] encrypted unknown signature yes keys yes: path=ca.pem"});
    EXPECT_EQ(updates(SampleDevice().file("etc/mender/mender.conf", "{\"ServerURL\": \"https://m.example\"}")),
              Lines{"mender [https://m.example] encrypted yes signature no keys no: no ArtifactVerifyKey"});
    EXPECT_EQ(updates(SampleDevice().file("sbin/sysupgrade", "#!/bin/sh\n").file("lib/upgrade/fwtool.sh", "x() {\n[ \"$REQUIRE_IMAGE_SIGNATURE\" = 1 ] && mtd write a b\n}\n")),
              Lines{"sysupgrade [] encrypted unknown signature no keys no: REQUIRE_IMAGE_SIGNATURE not set"});
    EXPECT_EQ(updates(SampleDevice().file("sbin/sysupgrade", "#!/bin/sh\n").file("lib/upgrade/platform.sh", "REQUIRE_IMAGE_SIGNATURE=1\n")),
              Lines{"sysupgrade [] encrypted unknown signature yes keys no: REQUIRE_IMAGE_SIGNATURE=1"});
}

TEST(Updates, VendorScripts) {
    EXPECT_EQ(updates(SampleDevice().file("usr/sbin/getfw", "#!/bin/sh\nSERVER=http://fw.example\nwget -O /tmp/fw $SERVER/fw.bin\nmd5sum -c /tmp/fw.md5 || exit 1\nmtd -r write /tmp/fw firmware\n")),
              Lines{"script [http://fw.example/fw.bin] encrypted no signature no keys unknown: md5sum -c /tmp/fw.md5 || exit 1"});
    EXPECT_EQ(updates(SampleDevice()
                          .file("usr/sbin/getfw", "#!/bin/sh\ncurl -fsS -o /tmp/fw https://fw.example/fw\nif ! openssl dgst -sha256 -verify /etc/fw.pub -signature /tmp/s /tmp/fw; then\n exit 1\nfi\nflashcp /tmp/fw /dev/mtd3\n")
                          .file("etc/fw.pub", "k")),
              Lines{"script [https://fw.example/fw] encrypted yes signature yes keys yes: openssl dgst -sha256 -verify /etc/fw.pub -signature /tmp/s /tmp/fw; then"});
    EXPECT_EQ(updates(SampleDevice().file("usr/sbin/getfw", "#!/bin/sh\ncurl -k https://fw.example/fw > /tmp/fw\ndd if=/tmp/fw of=/dev/mtdblock2\nopenssl dgst -verify k -signature s f\n")),
              Lines{"script [https://fw.example/fw] encrypted no signature no keys unknown: no verification before the write; curl -k https://fw.example/fw > /tmp/fw"});
    EXPECT_EQ(updates(SampleDevice().file("usr/sbin/usb_update.sh", "#!/bin/sh\n/usr/sbin/fw_verify_image /mnt/fw\nnandwrite -p /dev/mtd4 /mnt/fw\n")),
              Lines{"script [] encrypted unknown signature unknown keys unknown: /usr/sbin/fw_verify_image /mnt/fw"});
    EXPECT_EQ(updates(SampleDevice().file("etc/init.d/save", "#!/bin/sh\ndd if=/tmp/n of=/dev/mtdblock1\n").file("usr/bin/page", "#!/bin/sh\nwget http://x.example/list\n")), Lines{});
}

}  // namespace
}  // namespace shirushi::inspect
