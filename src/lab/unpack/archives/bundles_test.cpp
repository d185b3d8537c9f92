// Packages and update bundles, made by their own tools.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/archives/archive_checks.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/archives/bundle_facts.hpp"
#include "unpack/archives/rauc.hpp"
#include "unpack/archives/rpm.hpp"
#include "unpack/archives/signed_message.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;
using testing::ElementsAre;
using testing::HasSubstr;

/// An rpm package of the folder "root", its payload compressed as rpm's `payload` says ("w9.gzdio").
Buffer rpm_package(const Workshop& shop, const std::string& payload) {
    const std::string script = R"(rm -rf rb; cat > x.spec <<EOF
Name: sample
Version: 1.2
Release: 3
Epoch: 4
Summary: s
License: MIT
BuildArch: noarch
%description
d
%install
mkdir -p %{buildroot}
cp -a $PWD/root/. %{buildroot}/
%files
/etc
/bin
/usr
EOF
rpmbuild -bb --define "_topdir $PWD/rb" --define "_binary_payload PAYLOAD" --define "_build_id_links none" --define "__os_install_post %{nil}" x.spec >/dev/null
cat rb/RPMS/noarch/*.rpm)";
    std::string command = script;
    return shop.run(command.replace(command.find("PAYLOAD"), 7, payload));
}

TEST(Rpm, EveryCompressor) {
    const Workshop shop;
    shop.sample_tree("root");
    for (const auto& [payload, name] : {std::pair("w9.gzdio", "gzip"), std::pair("w6.xzdio", "xz"), std::pair("w6.lzdio", "lzma"), std::pair("w9.bzdio", "bzip2"), std::pair("w3.zstdio", "zstd")}) {
        const Buffer image = rpm_package(shop, payload);
        const auto tree = making::unpacked(joined({noise(33, 1), image, noise(99, 2)}));
        const auto package = making::find(*tree, "rpm@0x21");
        ASSERT_TRUE(package) << payload;
        EXPECT_EQ(image.size(), tree->node(*package).size);
        EXPECT_EQ(fmt::format("sample 4:1.2-3 (noarch), cpio payload, {}, not signed", name), tree->node(*package).description);
        EXPECT_EQ("", tree->node(*package).damage);
        making::expect_sample(*tree, fmt::format("rpm@0x21/payload/{}@0x0/data/cpio@0x0", name));
    }
}

TEST(Rpm, DamageIsSaid) {
    const Workshop shop;
    (void)shop.run("mkdir -p root/etc root/bin root/usr; echo x > root/etc/x");
    const Buffer image = rpm_package(shop, "w9.gzdio");
    EXPECT_TRUE(identify_rpm(image)->checked);
    EXPECT_EQ("", split_rpm(image)->damage);
    Buffer broken = image;
    broken.back() ^= 1U;
    EXPECT_EQ("the payload's SHA-256 does not match", split_rpm(broken)->damage);
    EXPECT_THAT(identify_rpm(Bytes(image).first(image.size() - 5))->description, HasSubstr("cut off"));
    expect_robust_splitter(identify_rpm, split_rpm, image, 500);
}

TEST(Packages, OpkgInBothForms) {
    const Workshop shop;
    shop.sample_tree("root");
    (void)shop.run("echo 2.0 > debian-binary; printf 'Package: x\\nVersion: 1\\n' > control; tar -czf control.tar.gz ./control; tar -C root -czf data.tar.gz .");
    const auto tarred = making::unpacked(shop.run("tar -czf - ./debian-binary ./data.tar.gz ./control.tar.gz"));
    making::expect_sample(*tarred, "gzip@0x0/data/tar@0x0/data.tar.gz/gzip@0x0/data/tar@0x0");
    EXPECT_EQ("opkg package, 3 members", tarred->node(making::find(*tarred, "gzip@0x0/data/tar@0x0").value()).description);
    const auto archived = making::unpacked(shop.run("ar rc x.ipk debian-binary data.tar.gz control.tar.gz; cat x.ipk"));
    making::expect_sample(*archived, "ar@0x0/data.tar.gz/gzip@0x0/data/tar@0x0");
}

TEST(Packages, AlpineOfThreeStreams) {
    // abuild's way: three tars, of which only the last has an end mark, each in a gzip stream of its own.
    const Workshop shop;
    shop.sample_tree("root");
    const auto tree = making::unpacked(shop.run(R"(head -c 256 /dev/urandom > .SIGN.RSA.builder-1234.rsa.pub
printf '# made by a test\npkgname = sample\npkgver = 1.2-r3\narch = armv7\n' > .PKGINFO
tar --format=ustar -b 1 -cf - .SIGN.RSA.builder-1234.rsa.pub | head -c -1024 | gzip -n
tar --format=ustar -b 1 -cf - .PKGINFO | head -c -1024 | gzip -n
tar -C root --format=pax -cf - etc bin usr | gzip -n)"));
    making::expect_sample(*tree, "gzip@0x0/data/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "tar@0x0/.PKGINFO"));
    EXPECT_TRUE(making::find(*tree, "tar@0x0/.SIGN.RSA.builder-1234.rsa.pub"));
    EXPECT_THAT(tree->node(making::find(*tree, "gzip@0x0/data/tar@0x0").value()).description,
                HasSubstr("Alpine package sample 1.2-r3 (armv7), signed with the key builder-1234.rsa.pub (not verified)"));
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
}

TEST(Packages, OpenWrtSysupgrade) {
    const Workshop shop;
    const Buffer image = shop.run("mkdir sysupgrade-board; echo BOARD=vendor,router > sysupgrade-board/CONTROL; seq 1 3000 | gzip > sysupgrade-board/kernel; tar -cf - sysupgrade-board/CONTROL sysupgrade-board/kernel");
    EXPECT_EQ("OpenWrt sysupgrade, board vendor,router, 2 members", identify_tar(image)->description);
}

constexpr const char* kMakeKey = R"(openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj "/O=Test/CN=Signer of updates" -days 9999
)";

constexpr const char* kMakeSwUpdate = R"(cat > sw-description <<'EOF'
software =
{
    version = "2026.1"; # a comment; with = signs
    hardware-compatibility: [ "1.0", "1.2" ];
    images: (
        { filename = "rootfs.tar"; device = "/dev/mmcblk0p1"; sha256 = "aa"; },
        { filename = "secret.bin"; encrypted = true; sha256 = "bb"; }
    );
    /* files: ( { filename = "no"; encrypted = true; } ); */
    scripts: ( { filename = "pre.sh" type = "shellscript" } );
}
EOF
tar -C root -cf rootfs.tar .; head -c 400 /dev/urandom > secret.bin; echo '#!/bin/sh' > pre.sh
openssl cms -sign -in sw-description -out sw-description.sig -signer cert.pem -inkey key.pem -outform DER -nosmimecap -binary
)";

TEST(SwUpdate, BundleIsDescribedAndOpened) {
    const Workshop shop;
    shop.sample_tree("root");
    (void)shop.run(kMakeKey);
    (void)shop.run(kMakeSwUpdate);
    for (const char* format : {"crc", "newc"}) {
        const auto tree = making::unpacked(joined({noise(33, 1), shop.run(fmt::format("printf 'sw-description\\nsw-description.sig\\nrootfs.tar\\nsecret.bin\\npre.sh\\n' | cpio -o -H {}", format))}));
        making::expect_sample(*tree, "cpio@0x21/rootfs.tar/tar@0x0");
        const std::string description = tree->node(making::find(*tree, "cpio@0x21").value()).description;
        EXPECT_THAT(description, HasSubstr("SWUpdate bundle, version 2026.1, for hardware 1.0 1.2, 3 images, 2 with SHA-256, 1 encrypted, signed by CN=Signer of updates,O=Test (not verified), newc"));
        EXPECT_EQ("it is encrypted, as sw-description says", tree->node(making::find(*tree, "cpio@0x21/secret.bin").value()).damage);
    }
    const Buffer image = shop.run("printf 'sw-description\\npre.sh\\n' | cpio -o -H crc");
    EXPECT_THAT(identify_cpio(image)->description, HasSubstr("not signed"));
    expect_robust(identify_cpio, read_cpio, image, 200, false);
}

TEST(SwUpdate, DescriptionsInJsonAndEncrypted) {
    const SwDescription json = read_sw_description(as_bytes(R"({"software": {"version": "7", "hardware-compatibility": ["a", "b"], "images": [
        {"filename": "x", "encrypted": "aes-cbc", "sha256": "00"}, {"filename": "y", "encrypted": false}]}})"));
    EXPECT_TRUE(json.is_text);
    EXPECT_EQ("7", json.version);
    EXPECT_THAT(json.hardware, ElementsAre("a", "b"));
    EXPECT_THAT(json.encrypted, ElementsAre("x"));
    EXPECT_EQ(2U, json.images);
    EXPECT_EQ(1U, json.hashed);
    EXPECT_FALSE(read_sw_description(noise(400, 1)).is_text);
    EXPECT_FALSE(read_sw_description({}).is_text);
    for (const char* odd : {"{", "}", "{{{{\"", "a = ", "/*", "/* x", "//", "#", "\"\\", "= : ( [ ] ) ;", "{ filename", "/*/"})
        EXPECT_EQ(0U, read_sw_description(as_bytes(odd)).images) << odd;
    EXPECT_EQ(0U, read_sw_description(as_bytes(std::string(100'000, '{'))).images);
    BundleFacts facts;
    facts.member("sw-description", noise(300, 2));
    EXPECT_EQ("SWUpdate bundle, sw-description is encrypted or damaged, not signed", facts.text());
}

/// A bundle of "rootfs.tar" in this format, signed with kMakeKey's key.
Buffer rauc_bundle(const Workshop& shop, const std::string& format) {
    return shop.run(fmt::format(R"(rm -rf in x.raucb; mkdir in; cp rootfs.tar in/rootfs.img
printf '[update]\ncompatible=Test Board\nversion=2026.1\n\n[bundle]\nformat={}\n\n[image.rootfs]\nfilename=rootfs.img\n' > in/manifest.raucm
rauc bundle --cert cert.pem --key key.pem in x.raucb >/dev/null
cat x.raucb)", format));
}

TEST(Rauc, PlainAndVerity) {
    const Workshop shop;
    shop.sample_tree("root");
    (void)shop.run(kMakeKey);
    (void)shop.run("tar -C root -cf rootfs.tar .");
    const Buffer plain = rauc_bundle(shop, "plain");
    const auto tree = making::unpacked(joined({noise(301, 1), plain, noise(77, 2)}));
    making::expect_sample(*tree, "rauc@0x12d/payload.squashfs/squashfs@0x0/rootfs.img/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "squashfs@0x0/manifest.raucm"));
    const Node& bundle = tree->node(making::find(*tree, "rauc@0x12d").value());
    EXPECT_EQ(plain.size(), bundle.size);
    EXPECT_EQ("RAUC bundle, format plain, signed by CN=Signer of updates,O=Test (not verified)", bundle.description);

    const auto checked = making::unpacked(rauc_bundle(shop, "verity"));
    making::expect_sample(*checked, "rauc@0x0/payload.squashfs/squashfs@0x0/rootfs.img/tar@0x0");
    EXPECT_THAT(checked->regions()[0].description, HasSubstr("RAUC bundle, format verity, compatible Test Board, version 2026.1, "));
    EXPECT_THAT(checked->regions()[0].description, HasSubstr("bytes of hash tree, signed by CN=Signer of updates,O=Test (not verified)"));
    EXPECT_EQ(checked->gaps(), std::vector<std::string>{});
}

TEST(Rauc, CryptIsEncrypted) {
    const Workshop shop;
    (void)shop.run(std::string(kMakeKey) + "seq 1 9000 > rootfs.tar");
    const Buffer crypt = rauc_bundle(shop, "crypt");
    const auto found = identify_rauc(crypt);
    ASSERT_TRUE(found);
    EXPECT_EQ(crypt.size(), found->size);
    EXPECT_EQ("AES-256, as the manifest's format crypt says", found->encrypted);
    EXPECT_THAT(found->description, HasSubstr("format crypt, compatible Test Board"));
    const Buffer sealed = shop.run("rauc encrypt --keyring cert.pem --to cert.pem x.raucb y.raucb >/dev/null; cat y.raucb");
    const auto tree = making::unpacked(sealed);
    EXPECT_EQ(RegionKind::encrypted, tree->regions()[0].kind);
    EXPECT_THAT(tree->regions()[0].description, HasSubstr("RAUC bundle, format crypt; encrypted: for its recipients only"));
    EXPECT_NE("", tree->node(making::find(*tree, "rauc@0x0/payload.squashfs").value()).encrypted);
}

TEST(Rauc, SurvivesCutsAndFlips) {
    const Workshop shop;
    (void)shop.run(std::string(kMakeKey) + "seq 1 2500 | gzip > rootfs.tar");
    for (const char* format : {"plain", "verity", "crypt"}) {
        const Buffer bundle = rauc_bundle(shop, format);
        std::mt19937 random(7);
        for (int round = 0; round < 600; ++round) {
            Buffer flipped = bundle;
            if (round % 3 == 0)
                flipped.resize(random() % flipped.size());
            else  // the message and its size at the end, or the file system's header
                flipped[round % 2 == 0 ? flipped.size() - 1 - random() % 1400 : random() % 96] ^= static_cast<std::uint8_t>(1 + random() % 255);
            const auto found = identify_rauc(flipped);
            EXPECT_LE(found ? found->size : 0, flipped.size());
            if (found) {
                EXPECT_TRUE(split_rauc(Bytes(flipped).first(found->size)));
            }
        }
    }
}

TEST(Mender, ArtifactIsDescribedAndOpened) {
    const Workshop shop;
    shop.sample_tree("root");
    (void)shop.run("tar -C root -cf rootfs.img .; openssl genrsa -traditional -out key.pem 2048");
    for (const char* compression : {"gzip", "none", "lzma"}) {
        const Buffer image = shop.run(fmt::format("mender-artifact --compression {} write rootfs-image -t board-a -t board-b -n release-7 -f rootfs.img -o x.mender >/dev/null; cat x.mender", compression));
        const auto tree = making::unpacked(image);
        making::expect_sample(*tree, "/rootfs.img/tar@0x0");
        EXPECT_THAT(tree->regions()[0].description, HasSubstr("Mender artifact, format 3, 1 payloads, not signed, "));
        EXPECT_THAT(tree->regions()[0].description, HasSubstr("artifact release-7, for board-a, for board-b")) << compression;
    }
    const Buffer is_signed = shop.run("mender-artifact write rootfs-image -t board-a -n release-7 -f rootfs.img -k key.pem -o y.mender >/dev/null; cat y.mender");
    EXPECT_THAT(identify_tar(is_signed)->description, HasSubstr("1 payloads, signed (not verified)"));
}

TEST(SignedMessages, CutsAndFlips) {
    const Workshop shop;
    (void)shop.run(kMakeKey);
    const Buffer message = shop.run("echo text > t; openssl cms -sign -in t -signer cert.pem -inkey key.pem -outform DER -nodetach -binary");
    const auto read = read_signed_message(message);
    ASSERT_TRUE(read);
    EXPECT_EQ("CN=Signer of updates,O=Test", read->signer);
    EXPECT_EQ("text\n", as_text(read->content));
    EXPECT_EQ(message.size(), read->size);
    EXPECT_EQ("signed by CN=Signer of updates,O=Test (not verified), 5 bytes of content", identify_signed_message(message)->description);
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(read_signed_message(Bytes(message).first(size)));
    std::mt19937 random(3);
    for (int round = 0; round < 2000; ++round) {
        Buffer flipped = message;
        flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        const auto other = read_signed_message(flipped);
        EXPECT_TRUE(!other || other->content.size() <= flipped.size());
    }
}

}  // namespace
}  // namespace shirushi::unpack
