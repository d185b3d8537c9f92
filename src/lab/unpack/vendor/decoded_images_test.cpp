// Vendors' images whose content is encrypted with published keys, scrambled or packed: made with openssl and small writers.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/collecting_sink.hpp"
#include "unpack/making_test.hpp"
#include "unpack/vendor/decoded_images.hpp"
#include "unpack/vendor/dlink_encrypted.hpp"
#include "unpack/vendor/vendor_formats.hpp"
#include "unpack/vendor/vendor_samples.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

/// AES in CBC mode by the openssl program.
Buffer encrypted(Bytes plain, std::string_view method, Bytes key, Bytes start) {
    const making::Workshop shop;
    shop.write("plain", plain);
    return shop.run(fmt::format("openssl enc -{} -nopad -K {} -iv {} < plain", method, to_hex(key), to_hex(start)));
}

Buffer filled_up(Bytes payload, std::size_t to) {
    Buffer all(payload.begin(), payload.end());
    all.resize((all.size() + to - 1) / to * to);
    return all;
}

Buffer shrs(Bytes payload, std::string_view key = "c05fbf1936c99429ce2a0781f08d6ad8") {
    const Buffer start = noise(16, 9);
    const Buffer plain = filled_up(payload, 16);
    const Buffer cipher = encrypted(plain, "aes-128-cbc", *from_hex(key), start);
    ImageWriter out;
    out.text("SHRS")
        .be32(payload.size())
        .be32(plain.size())
        .raw(start)
        .raw(crypto::sha512({payload, as_bytes("key")}))
        .raw(crypto::sha512({payload}));
    return out.raw(crypto::sha512({cipher})).fill(512).fill(1024, 's').raw(cipher).bytes;
}

Buffer encrpted_img(Bytes payload) {
    constexpr std::size_t kEraseBlock = 0x20000;
    const Buffer plain = filled_up(joined({as_bytes("UBI#\1"), payload}), 16);
    ImageWriter out;
    out.text("encrpted_img").be32(plain.size());
    for (std::size_t at = 0; at < plain.size(); at += kEraseBlock)
        out.raw(encrypted(clipped(plain, at, kEraseBlock), "aes-256-cbc", as_bytes("he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8"),
                          as_bytes("J%1iQl8$=lm-;8AE")));
    return out.bytes;
}

Buffer unmangled(std::string_view hidden, std::string_view signature) {
    Buffer plain;
    for (std::size_t i = 0; i < hidden.size(); ++i)
        plain.push_back(static_cast<std::uint8_t>(hidden[i] ^ static_cast<char>((i + 1) % 0xfc) ^ signature[i % signature.size()]));
    return plain;
}

Buffer encimg(Bytes payload) {
    const std::string_view signature = "wrgac05_dlob.hans_dir850l";
    const Buffer content = filled_up(payload, 16);
    ImageWriter plain;
    plain.be32(0x5ea3a417)
        .be32(36)
        .be32(0)
        .field(fmt::format("signature={}", signature), 36)
        .be32(0x5ea3a417)
        .be32(52)
        .be32(content.size());
    plain.raw(crypto::md5({content})).field("dev=/dev/mtdblock/1", 52).raw(content);
    return encrypted(plain.bytes, "aes-256-cbc", unmangled("BIuS1CVMEQG+0pUeE99jnR+vLlLd9unr", signature),
                     unmangled("f3+odwHhmJL1ceW1", signature));
}

Buffer wrgg_encrypted(Bytes payload) {
    const std::string_view signature = "wapac30_dlink.2016_dap2680";
    const Buffer cipher = encrypted(filled_up(payload, 16), "aes-256-cbc", unmangled("oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v", signature),
                                    unmangled("0BO5nlYankuVBe4s", signature));
    ImageWriter out;
    out.field(signature, 32)
        .le32(0x20080321)
        .le32(0x20080321)
        .field("v2.00", 16)
        .field("DAP-2680", 16)
        .fill(16)
        .field("r5", 16)
        .be32(cipher.size())
        .be32(0)
        .field("/dev/mtdblock/4", 32)
        .fill(16);
    return out.raw(cipher).bytes;
}

Buffer senao(Bytes payload, bool capwap) {
    ImageWriter out;
    out.be32(0)
        .be32(0x101)
        .be32(0x62)
        .field("3.5.4", 16)
        .be32(capwap ? 0 : 2)
        .be32(payload.size())
        .be32(0)
        .raw(crypto::md5({payload}))
        .fill(32)
        .be32(0)
        .be32(0x12345678);
    if (capwap)
        out.be32(0x616c6c00).be32(0).be32(3).be32(5).be32(4).be32(171101).be32(1).be32(8).be32(53).be32(9).text("ENS620EXT");
    std::uint32_t sum = 0;
    for (const std::uint8_t byte : out.bytes)
        sum += byte;
    out.set(0x58, sum, 4, Endian::big);
    const Buffer padded = filled_up(payload, 512);
    constexpr std::uint8_t kPattern[]{0x78, 0x3c, 0x9e, 0xcf, 0x67, 0xb3, 0x59, 0xac};
    for (std::size_t i = 0; i < padded.size(); ++i)
        out.byte(padded[i] ^ kPattern[i % 8]);
    return out.bytes;
}
Buffer senao_kernel(Bytes payload) {
    return senao(payload, false);
}
Buffer senao_capwap(Bytes payload) {
    return senao(payload, true);
}

/// RC4 as in textbooks, with the state's size as a parameter.
Buffer buffalo_cipher(std::uint8_t seed, Bytes from, std::size_t states) {
    const Buffer key = joined({Buffer{seed}, as_bytes("Buffalo")});
    std::vector<unsigned char> state(states);
    for (std::size_t i = 0; i < states; ++i)
        state[i] = static_cast<unsigned char>(i);
    for (std::size_t i = 0, k = 0; i < states; ++i) {
        k = (k + key[i % key.size()] + state[i]) % states;
        std::swap(state[i], state[k]);
    }
    Buffer to;
    unsigned char i = 0;
    unsigned char j = 0;
    for (const std::uint8_t byte : from) {
        i = static_cast<unsigned char>((i + 1UL) % states);
        j = static_cast<unsigned char>((j + 1UL * state[i]) % states);
        std::swap(state[i], state[j]);
        to.push_back(byte ^ state[(1UL * state[i] + state[j]) % states]);
    }
    return to;
}
Buffer buffalo(Bytes payload, bool long_state) {
    const auto states = [&](std::size_t size) { return long_state ? size : 256; };
    std::uint32_t sum = static_cast<std::uint32_t>(payload.size());
    for (const std::uint8_t byte : payload) {
        sum ^= static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<signed char>(byte)));
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ (sum % 2 != 0 ? 0xedb88320U : 0U);
    }
    const Buffer product = buffalo_cipher('O', Bytes(as_bytes({"WZR-HP-G300NH\0", 14})), states(14));
    const Buffer version = buffalo_cipher(product[0], Bytes(as_bytes({"1.99\0", 5})), states(5));
    ImageWriter out;
    out.text({"start\0", 6}).byte('O').be32(product.size()).raw(product).be32(version.size()).raw(version).be32(payload.size());
    return out.raw(buffalo_cipher(version[0], payload, states(payload.size()))).be32(sum).bytes;
}
Buffer buffalo_short(Bytes payload) {
    return buffalo(payload, false);
}
Buffer buffalo_long(Bytes payload) {
    return buffalo(payload, true);
}

Buffer instar(Bytes payload) {
    const making::Workshop shop;
    shop.write("payload.gz", payload);
    Buffer zip = shop.run("zip -q -0 -X z.zip payload.gz; cat z.zip");
    for (std::size_t i = 0; i + 4 <= zip.size(); ++i)
        for (const auto& [usual, theirs] : {std::pair{"PK\3\4", '\7'}, std::pair{"PK\1\2", '\10'}, std::pair{"PK\5\6", '\11'}})
            if (as_text(Bytes(zip).subspan(i, 4)) == usual)
                zip[i + 3] = static_cast<std::uint8_t>(theirs);
    return zip;
}

Buffer dahua(Bytes payload) {
    const making::Workshop shop;
    shop.write("payload.gz", payload);
    Buffer zip = shop.run("zip -q -0 -X z.zip payload.gz; cat z.zip");
    zip[0] = 'D';
    zip[1] = 'H';
    return zip;
}

Buffer npk(Bytes payload) {
    ImageWriter files;
    const auto item = [&](unsigned mode, std::string_view name, std::string_view content) {
        files.le16(mode)
            .fill(6)
            .le32(1600000000)
            .fill(4)
            .le32(1600000000)
            .fill(4)
            .le32(content.size())
            .le16(name.size())
            .text(name)
            .text(content);
    };
    item(040755, "boot", "");
    item(0100644, "boot/kernel", "a kernel\n");
    item(0120777, "boot/link", "kernel");
    Buffer packed(compressBound(files.bytes.size()));
    uLongf size = packed.size();
    EXPECT_EQ(Z_OK, compress(packed.data(), &size, files.bytes.data(), files.bytes.size()));
    packed.resize(size);
    ImageWriter out;
    out.raw(Buffer{0x1e, 0xf1, 0xd0, 0xba}).le32(0);
    const auto part = [&](unsigned type, Bytes content) { out.le16(type).le32(content.size()).raw(content); };
    part(1, ImageWriter().field("routeros-mipsbe", 16).byte(6).byte('f').byte(48).byte(6).le32(1600000000).fill(12).bytes);
    part(16, as_bytes("mipsbe"));
    part(4, packed);
    part(21, payload);
    part(9, Buffer(68, 's'));
    out.set(4, out.bytes.size() - 8, 4, Endian::little);
    return out.bytes;
}

const std::vector<VendorSample>& decoded_samples() {
    static const std::vector<VendorSample> kSamples{
        {"Shrs", "shrs", [](Bytes payload) { return shrs(payload); }, "decrypted", "D-Link, AES-128-CBC", "neither of the SHA-512"},
        {"EncrptedImg", "encrpted-img", encrpted_img, "decrypted", "D-Link, AES-256-CBC", ""},
        {"Encimg", "encimg", encimg, "decrypted", "D-Link DIR-850L A1 (Alpha Networks), AES-256-CBC", ""},
        {"WrggEncrypted", "wrgg-encrypted", wrgg_encrypted, "decrypted",
         "wapac30_dlink.2016_dap2680, model DAP-2680, version v2.00, AES-256-CBC", ""},
        {"SenaoKernel", "senao", senao_kernel, "firmware", "Senao vendor 0x101, product 0x62, version 3.5.4, kernel",
         "the MD5 does not match"},
        {"SenaoModel", "senao", senao_capwap, "firmware", "combined, model ENS620EXT, software 3.5.4, of 171101", "the MD5 does not match"},
        {"Buffalo", "buffalo", buffalo_short, "firmware", "Buffalo WZR-HP-G300NH, version 1.99", "the checksum does not match"},
        {"BuffaloLongState", "buffalo", buffalo_long, "firmware", "Buffalo WZR-HP-G300NH, version 1.99", "the checksum does not match"},
        {"InstarZip", "instar-zip", instar, "archive.zip", "Instar HD, a ZIP archive with other signatures, 1 files", ""},
        {"DahuaZip", "dahua-zip", dahua, "archive.zip", "Dahua, a ZIP archive that begins with DH, 1 files", ""},
        {"Npk", "npk", npk, "squashfs", "MikroTik, 5 parts, routeros-mipsbe 6.48.6, for mipsbe", ""}};
    return kSamples;
}

const Format& format_named(std::string_view name) {
    return *std::ranges::find_if(vendor_formats(), [&](const Format& format) { return format.name == name; });
}

/// Begins like what encrypted images begin with.
Buffer small_payload() {
    return joined({as_bytes({"\x1f\x8b\x08", 3}), noise(300, 12)});
}

class EveryDecodedImage : public testing::TestWithParam<VendorSample> {};

TEST_P(EveryDecodedImage, GivesItsPayload) {
    const VendorSample& sample = GetParam();
    const Buffer payload = small_payload();
    const Buffer image = sample.make(payload);
    const Format& format = format_named(sample.format);
    const auto found = format.identify(joined({image, noise(400, 5)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_EQ("", found->encrypted);
    EXPECT_THAT(found->description, HasSubstr(sample.says));
    CollectingSink sink;
    ASSERT_TRUE(format.decode(image, {}, sink));
    EXPECT_EQ(0, sink.misuses + sink.doubles);
    ASSERT_TRUE(sink.entries.contains(sample.part));
    EXPECT_TRUE(sink.entries[sample.part].stream);
    EXPECT_EQ("", sink.entries[sample.part].damage);
    EXPECT_THAT(sink.entries[sample.part].content, HasSubstr(as_text(payload)));

    CollectingSink other;
    ASSERT_TRUE(format.decode(image, {.index = 1, .count = 2}, other));
    EXPECT_TRUE(other.entries.empty());
}

TEST_P(EveryDecodedImage, SaysThatAChecksumDoesNotMatch) {
    const VendorSample& sample = GetParam();
    if (sample.damage.empty())
        return;
    Buffer image = sample.make(small_payload());
    image[image.size() - 250] ^= 0x04;
    CollectingSink sink;
    (void)format_named(sample.format).decode(image, {}, sink);
    EXPECT_THAT(sink.entries[sample.part].damage, HasSubstr(sample.damage));
}

TEST_P(EveryDecodedImage, CutAnywhereIsAPart) {
    const VendorSample& sample = GetParam();
    const Buffer payload = small_payload();
    const Buffer image = sample.make(payload);
    const Format& format = format_named(sample.format);
    for (std::size_t size = 0; size < image.size(); ++size) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
        const auto found = format.identify(part);
        if (!found)
            continue;
        ASSERT_LE(found->size, size);
        CollectingSink sink;
        (void)format.decode(part, {}, sink);
        ASSERT_EQ(0, sink.misuses);
        const auto& entry = sink.entries[sample.part];
        ASSERT_TRUE(!entry.damage.empty() || entry.content.empty() || entry.content.contains(as_text(payload))) << size;
    }
}

TEST_P(EveryDecodedImage, FlippedBytesNeverBreakOut) {
    const VendorSample& sample = GetParam();
    const Buffer image = sample.make(small_payload());
    const Format& format = format_named(sample.format);
    std::mt19937 random(31);
    for (int round = 0; round < 600; ++round) {
        Buffer flipped = image;
        for (int i = 0; i < 3; ++i)
            flipped[random() % (i == 0 ? flipped.size() : std::min<std::size_t>(flipped.size(), 160))] =
                static_cast<std::uint8_t>(random());
        const auto found = format.identify(flipped);
        if (!found)
            continue;
        ASSERT_LE(found->size, flipped.size());
        CollectingSink sink(std::uint64_t{1} << 20);
        (void)format.decode(Bytes(flipped).first(found->size), {}, sink);
        ASSERT_EQ(0, sink.misuses);
    }
}

INSTANTIATE_TEST_SUITE_P(Vendor, EveryDecodedImage, testing::ValuesIn(decoded_samples()), [](const auto& one) { return one.param.name; });

TEST(VendorDecoded, EveryOneInOneDump) {
    const making::Workshop shop;
    const Buffer payload = shop.run("mkdir t; echo hello > t/file; tar -C t -cf - . | gzip -n");
    Buffer dump = noise(901, 1);
    std::map<std::size_t, VendorSample> placed;
    for (const VendorSample& sample : decoded_samples()) {
        placed[dump.size()] = sample;
        dump = joined({dump, sample.make(payload), noise(444, static_cast<std::uint32_t>(dump.size()))});
    }
    const auto tree = making::unpacked(dump);
    for (const auto& [offset, sample] : placed) {
        bool found = false;
        for (std::uint32_t i = 0; i < tree->size() && !found; ++i) {
            const std::string path = tree->path(NodeId{i});
            found = path.contains(fmt::format("{}@0x{:x}/", sample.format, offset)) && path.ends_with("tar@0x0/file") &&
                    as_text(tree->bytes(NodeId{i})) == "hello\n";
        }
        EXPECT_TRUE(found) << sample.name << "\n" << making::tables(*tree);
    }
    making::expect_covered(*tree);
}

TEST(VendorDecoded, NpkGivesItsFiles) {
    CollectingSink sink;
    ASSERT_TRUE(read_npk(npk(small_payload()), {}, sink));
    EXPECT_EQ(FileKind::directory, sink.entries["boot"].info.kind);
    EXPECT_EQ("a kernel\n", sink.entries["boot/kernel"].content);
    EXPECT_EQ(0644U, sink.entries["boot/kernel"].info.mode);
    EXPECT_EQ(1600000000, sink.entries["boot/kernel"].info.modified);
    EXPECT_EQ("kernel", sink.entries["boot/link"].info.target);
    EXPECT_EQ("mipsbe", sink.entries["architecture"].content);
    EXPECT_EQ(std::string(68, 's'), sink.entries["signature"].content);
}

TEST(VendorDecoded, WithoutTheRightKeyIsNotDecoded) {
    CollectingSink sink;
    const auto read = read_shrs(shrs(small_payload(), "00112233445566778899aabbccddeeff"), {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("encrypted: AES-128-CBC"));
    EXPECT_TRUE(sink.entries.empty());

    Buffer image = encrpted_img(small_payload());
    image[20] ^= 1U;  // the first block no longer is that of a UBI image
    EXPECT_THAT(identify_encrpted_img(image)->encrypted, HasSubstr("AES-256-CBC"));

    ImageWriter dir868;
    dir868.raw(Buffer{0x3d, 0xe6, 0x02, 0x63, 0x3f, 0xc1, 0x85, 0xe7, 0xd2, 0xbf, 0x64, 0xaf, 0x29, 0x57, 0x3a, 0xbd}).fill(100, 'e');
    EXPECT_THAT(identify_encimg(dir868.bytes)->encrypted, HasSubstr("every image for the DIR-868L A"));

    ImageWriter other_key;
    other_key.text({"start\0", 6}).byte('O').be32(14).fill(14, 0x11).be32(5).fill(5, 0x22).be32(40).fill(44, 'e');
    EXPECT_THAT(identify_buffalo(other_key.bytes)->encrypted, HasSubstr("another key"));
}

TEST(VendorDecoded, ReportsWhatNobodyCanRead) {
    ImageWriter mh01;
    mh01.text("MH01")
        .le32(0)
        .le32(0)
        .le32(0)
        .text("MH01")
        .le32(32)
        .le32(64)
        .le32(0)
        .text("00112233445566778899aabbccddeeff")
        .text("Salted__")
        .fill(56, 'e');
    ImageWriter autel;
    autel.text({"ECC0101\0", 8}).le32(50).le32(32).field("Copyright Autel", 16).fill(50, 'e');
    for (const auto& [image, format] : {std::pair{mh01.bytes, "mh01"}, std::pair{autel.bytes, "autel"}}) {
        const auto tree = making::unpacked(image);
        ASSERT_EQ(1U, tree->regions().size());
        EXPECT_EQ(format, tree->regions()[0].format);
        EXPECT_EQ(RegionKind::encrypted, tree->regions()[0].kind);
        EXPECT_TRUE(making::find(*tree, "/payload").has_value());
    }
}

}  // namespace
}  // namespace shirushi::unpack
