// What mkimage makes beyond the plain image tree (formats_test.cpp): signatures, ciphers, several configurations, trees in trees.

#include <fmt/format.h>

#include <algorithm>

#include "unpack/boot/boot_images.hpp"
#include "unpack/boot/boot_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;

/// s.its: a signed kernel, an encrypted program and a device tree; two configurations, the default one signed.
void write_sources(const Workshop& shop) {
    (void)shop.run(R"(mkdir keys && openssl genrsa -out keys/dev.key 2048 && openssl req -batch -new -x509 -key keys/dev.key -out keys/dev.crt
seq 1 32 | tr -d '\n' | head -c 32 > keys/sec.bin && head -c 16 keys/sec.bin > keys/iv.bin && seq 1 300 > k && gzip -nk k
printf '/dts-v1/; / { model = "B"; };' | dtc -O dtb -o b.dtb; cp b.dtb pub.dtb; cat > s.its <<'EOF'
/dts-v1/;
/ { description = "Signed"; #address-cells = <1>;
  images {
    kernel-1 { data = /incbin/("k.gz"); type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip"; load = <0>; entry = <0>;
               hash-1 { algo = "sha256"; }; signature-1 { algo = "sha256,rsa2048"; key-name-hint = "dev"; }; };
    secret { data = /incbin/("k"); type = "firmware"; arch = "arm64"; compression = "none"; cipher { algo = "aes256"; key-name-hint = "sec"; iv-name-hint = "iv"; }; };
    fdt-1 { data = /incbin/("b.dtb"); type = "flat_dt"; arch = "arm64"; compression = "none"; hash-1 { algo = "crc32"; }; };
  };
  configurations { default = "conf-2";
    conf-1 { kernel = "kernel-1"; fdt = "fdt-1"; };
    conf-2 { kernel = "kernel-1"; fdt = "fdt-1"; loadables = "secret"; signature { algo = "sha256,rsa2048"; key-name-hint = "dev"; sign-images = "fdt", "kernel"; }; };
  };
};
EOF
)");
}

TEST(Fit, SignaturesAndCiphersAreReported) {
    const Workshop shop;
    write_sources(shop);
    for (const char* options : {"", "-E", "-E -p 0x4000"}) {
        const Buffer image = shop.run(fmt::format("mkimage {} -f s.its -k keys -K pub.dtb -r s.itb >log && cat s.itb", options));
        const auto found = identify_fit(image);
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->size, image.size()) << options;
        for (const char* said : {"Signed; kernel-1: kernel, arm64, compression gzip, sha256 fits, signed sha256,rsa2048 with key \"dev\" (not verified: no key is at hand)",
                                 "secret: firmware, arm64, compression none, encrypted: aes256, key \"sec\"", "; configuration conf-1: kernel-1, fdt-1;",
                                 "; default configuration conf-2: kernel-1, fdt-1, secret, signed sha256,rsa2048 with key \"dev\" over fdt, kernel (not verified: no key is at hand)"})
            EXPECT_TRUE(found->description.contains(said)) << options << said << "\n" << found->description;
        EXPECT_FALSE(found->description.contains("cut off"));
        const auto parts = split_fit(image);
        ASSERT_TRUE(parts.has_value());
        ASSERT_EQ(parts->parts.size(), 3U);
        EXPECT_EQ(parts->damage, "");
        EXPECT_EQ(parts->parts[0].encrypted, "");
        EXPECT_EQ(parts->parts[1].name, "secret");
        EXPECT_TRUE(parts->parts[1].encrypted.starts_with("aes256, key \"sec\"")) << parts->parts[1].encrypted;
        EXPECT_EQ(as_text(clipped(image, parts->parts[0].offset, parts->parts[0].size)), as_text(shop.read("k.gz")));
    }
}

TEST(Fit, EncryptedPartsAreNeverRead) {
    const Workshop shop;
    write_sources(shop);
    const auto tree = making::unpacked(joined({noise(11, 1), shop.run("mkimage -f s.its -k keys -K pub.dtb -r s.itb >log && cat s.itb")}));
    const auto secret = making::find(*tree, "fit@0xb/secret");
    ASSERT_TRUE(secret.has_value());
    EXPECT_TRUE(tree->node(*secret).encrypted.starts_with("aes256")) << tree->node(*secret).encrypted;
    EXPECT_TRUE(std::ranges::any_of(tree->gaps(), [](const std::string& gap) { return gap.contains("fit@0xb/secret: encrypted"); }));
    EXPECT_TRUE(making::find(*tree, "fit@0xb/fdt-1/dtb@0x0").has_value());
}

TEST(Fit, TreesInTrees) {
    const Workshop shop;
    const Buffer image = shop.run(R"(seq 1 300 | gzip -n > k.gz
its() { printf '/dts-v1/; / { description = "%s"; #address-cells = <1>; images { one { data = /incbin/("%s"); type = "firmware"; compression = "none"; hash { algo = "crc32"; }; }; }; };' $1 $2 > x.its; }
its inner k.gz && mkimage -f x.its inner.itb >log && its outer inner.itb && mkimage -f x.its outer.itb >log && cat outer.itb)");
    const auto tree = making::unpacked(image);
    EXPECT_TRUE(making::find(*tree, "fit@0x0/one/fit@0x0/one/gzip@0x0/data").has_value()) << making::tables(*tree);
}

TEST(Fit, DamageOfEveryKind) {
    const Workshop shop;
    const Buffer image = shop.run(R"(seq 1 30 > k; printf '/dts-v1/; / { description = "x"; #address-cells = <1>; images { one { data = /incbin/("k"); type = "firmware"; compression = "none"; hash { algo = "sha256"; }; signature { algo = "a"; key-name-hint = "b"; value = <1>; }; cipher { algo = "c"; }; }; }; configurations { default = "c"; c { kernel = "one"; signature-1 { algo = "a"; sign-images = "kernel"; }; }; }; };' > x.its
mkimage -E -f x.its x.itb >log && cat x.itb)");
    boot_test::expect_no_harm(identify_fit, split_fit, nullptr, image);
    boot_test::expect_no_harm(identify_device_tree, nullptr, nullptr, shop.run(R"(printf '/dts-v1/; / { model = "B"; compatible = "a", "b"; chosen { bootargs = "root=/dev/x"; }; };' | dtc -O dtb)"));
}

TEST(Fit, EveryHashIsCompared) {
    const Workshop shop;
    Buffer image = shop.run(R"(seq 1 3000 > k; printf '/dts-v1/; / { description = "x"; #address-cells = <1>; images { one { data = /incbin/("k"); type = "firmware"; compression = "none"; hash-1 { algo = "crc32"; }; hash-2 { algo = "md5"; }; hash-3 { algo = "sha1"; }; hash-4 { algo = "sha256"; }; hash-5 { algo = "sha512"; }; }; }; };' > x.its
mkimage -f x.its x.itb >log && cat x.itb)");
    const std::string_view fits = "one: firmware, any architecture, compression none, crc32 fits, md5 fits, sha1 fits, sha256 fits, sha512 fits";
    const auto tree = making::unpacked(image);
    EXPECT_TRUE(tree->regions()[0].description.contains(fits)) << tree->regions()[0].description;
    const auto payload = std::ranges::search(image, as_bytes("1000\n1001\n"));
    ASSERT_FALSE(payload.empty());
    payload.front() ^= 1U;
    const auto damaged = making::unpacked(image);
    for (const char* algorithm : {"crc32", "md5", "sha1", "sha256", "sha512"})
        EXPECT_TRUE(damaged->regions()[0].description.contains(fmt::format("the {} of one does not match", algorithm))) << damaged->regions()[0].description;
}

}  // namespace
}  // namespace shirushi::unpack
