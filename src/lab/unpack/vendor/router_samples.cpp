// Writers of router makers' images for vendor_test.cpp and decoded_images_test.cpp.

#include <zlib.h>

#include <algorithm>

#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_samples.hpp"

namespace shirushi::unpack {

ImageWriter& ImageWriter::field(std::string_view what, std::size_t width, std::uint8_t fill_byte) {
    text(what.substr(0, width));
    return fill(width - std::min(width, what.size()), fill_byte);
}
ImageWriter& ImageWriter::raw(Bytes what) {
    bytes.insert(bytes.end(), what.begin(), what.end());
    return *this;
}
ImageWriter& ImageWriter::fill(std::size_t count, std::uint8_t byte) {
    bytes.insert(bytes.end(), count, byte);
    return *this;
}
ImageWriter& ImageWriter::number(std::uint64_t value, std::size_t size, Endian endian) {
    bytes.resize(bytes.size() + size);
    set(bytes.size() - size, value, size, endian);
    return *this;
}
void ImageWriter::set(std::size_t at, std::uint64_t value, std::size_t size, Endian endian) {
    for (std::size_t i = 0; i < size; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * (endian == Endian::little ? i : size - 1 - i));
}
void ImageWriter::set(std::size_t at, Bytes what) {
    std::ranges::copy(what, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

namespace {

std::uint32_t crc(Bytes bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

Buffer trx(Bytes payload, unsigned version) {
    const std::size_t header = version == 1 ? 28 : 32;
    ImageWriter out;
    out.text("HDR0").le32(header + 100 + payload.size()).le32(0).le16(0).le16(version).le32(header).le32(header + 100).le32(0);
    if (version == 2)
        out.le32(0);
    out.fill(100, 'k').raw(payload);
    out.set(8, ~crc(out.from(12)), 4, Endian::little);
    return out.bytes;
}
Buffer trx1(Bytes payload) {
    return trx(payload, 1);
}
Buffer trx2(Bytes payload) {
    return trx(payload, 2);
}

Buffer zytrx(Bytes payload) {
    ImageWriter out;
    out.text("0RDH")
        .be32(380)
        .be32(380 + payload.size())
        .be32(~crc(payload))
        .field("5.0.0.0\n", 32)
        .field("\n", 32)
        .be32(payload.size())
        .fill(12)
        .field("3 6035 122 0\n", 164);
    out.field("MT7621A", 8)
        .field("NR7101", 16)
        .be32(0x07010001)
        .fill(8)
        .field("1.00(ABUV.0)D0", 32)
        .field("1.00(ABUV.0)D0", 32)
        .fill(4)
        .be32(0x12345678)
        .fill(4)
        .be32(0)
        .fill(4);
    out.set(372, ~crc(out.bytes), 4, Endian::big);
    return out.raw(payload).bytes;
}

std::uint32_t chk_sum(Bytes bytes) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    for (const std::uint8_t byte : bytes) {
        low = (low + byte) & 0xffffffff;
        high = (high + low) & 0xffffffff;
    }
    const auto fold = [](std::uint64_t sum) {
        const std::uint64_t once = (sum & 0xffff) + (sum >> 16);
        return ((once >> 16) + once) & 0xffff;
    };
    return static_cast<std::uint32_t>(fold(high) << 16 | fold(low));
}

Buffer chk(Bytes payload) {
    const Buffer kernel(77, 'k');
    const std::string_view board = "U12H072T00_NETGEAR";
    ImageWriter out;
    out.text("*#$^").be32(40 + board.size()).byte(2).byte(1).byte(0).byte(0).byte(58).byte(1).byte(0).byte(38);
    out.be32(chk_sum(kernel)).be32(chk_sum(payload)).be32(kernel.size()).be32(payload.size()).be32(0).be32(0).text(board);
    const std::size_t header = out.bytes.size();
    out.raw(kernel).raw(payload);
    out.set(32, chk_sum(out.from(header)), 4, Endian::big);
    out.set(36, chk_sum(Bytes(out.bytes).first(header)), 4, Endian::big);
    return out.bytes;
}

Buffer dni(Bytes payload) {
    ImageWriter out;
    out.field("device:WNDR3700v4\nversion:V1.0.2.96\nregion:NA\nhd_id:29763948+0+128+128\n", 128).raw(payload);
    unsigned sum = 0;
    for (const std::uint8_t byte : out.bytes)
        sum += byte;
    return out.byte((0xff - sum) & 0xff).bytes;
}

Buffer sercomm(Bytes payload) {
    ImageWriter out;
    out.text("sErCoMm")
        .raw(Buffer{0, 1, 0, 0})
        .field("CHJ", 34)
        .field("A001", 10)
        .be32(0x16)
        .fill(4)
        .text("sErCoMm")
        .fill(512 - 70)
        .raw(payload);
    unsigned sum = 0;
    for (const std::uint8_t byte : out.bytes)
        sum += byte;
    out.bytes[511] = static_cast<std::uint8_t>(0x100 - sum % 0x100);
    return out.bytes;
}

void seama_entity(ImageWriter& out, Bytes payload, Endian endian) {
    const std::string_view texts("dev=/dev/mtdblock/1\0type=firmware\0\0\0", 36);
    out.number(0x5ea3a417, 4, endian).number(0, 2, endian).number(texts.size(), 2, endian).number(payload.size(), 4, endian);
    out.raw(crypto::md5({payload})).text(texts).raw(payload);
}
Buffer seama_sealed(Bytes payload) {
    const std::string_view texts("signature=wrgac02_dlob.hans_dir645\0\0", 36);
    ImageWriter out;
    out.be32(0x5ea3a417).be16(0).be16(texts.size()).be32(0).text(texts);
    seama_entity(out, payload, Endian::big);
    return out.bytes;
}
Buffer seama_little(Bytes payload) {
    ImageWriter out;
    seama_entity(out, payload, Endian::little);
    return out.bytes;
}

Buffer wrg(Bytes payload, Endian endian) {
    ImageWriter out;
    out.field("wrgn39_dlob.hans_dir645", 32)
        .number(0x20040220, 4, endian)
        .number(0x20040220, 4, endian)
        .number(payload.size(), 4, endian)
        .number(0x40000, 4, endian);
    out.field("/dev/mtdblock/1", 32);
    out.raw(crypto::md5({out.from(44), payload})).raw(payload);
    return out.bytes;
}
Buffer wrg_big(Bytes payload) {
    return wrg(payload, Endian::big);
}
Buffer wrg_little(Bytes payload) {
    return wrg(payload, Endian::little);
}

Buffer wrgg(Bytes payload, Endian endian) {
    ImageWriter out;
    out.field("wapac02_dlink.2014_dap2695", 32)
        .le32(0x20080321)
        .le32(0x20080321)
        .field("v1.17", 16)
        .field("DAP-2695", 16)
        .fill(16)
        .field("r1", 16);
    out.number(payload.size(), 4, endian).number(0x70000, 4, endian).field("/dev/mtdblock/2", 32);
    out.raw(crypto::md5({out.from(108), payload})).raw(payload);
    return out.bytes;
}
Buffer wrgg_big(Bytes payload) {
    return wrgg(payload, Endian::big);
}
Buffer wrgg_little(Bytes payload) {
    return wrgg(payload, Endian::little);
}

void tplink_sections(ImageWriter& out, Bytes payload) {
    out.be32(0x80060000)
        .be32(0x80060100)
        .be32(0x200 + 100 + payload.size())
        .be32(0x200)
        .be32(100)
        .be32(0x200 + 100)
        .be32(payload.size())
        .be32(0)
        .be32(0);
}
Buffer tplink1(Bytes payload) {
    constexpr std::uint8_t kSalt[]{0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
    ImageWriter out;
    out.le32(1)
        .field("TP-LINK Technologies", 24)
        .field("ver. 1.0", 36)
        .be32(0x08410010)
        .be32(1)
        .be32(1)
        .raw(kSalt)
        .be32(0)
        .fill(16)
        .be32(0);
    tplink_sections(out, payload);
    out.be16(3).be16(16).be16(9).fill(0x200 - 158).fill(100, 'k').raw(payload);
    out.set(76, crypto::md5({out.bytes}));
    return out.bytes;
}
Buffer tplink23(Bytes payload, unsigned version) {
    constexpr std::uint8_t kSalt[]{0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37};
    ImageWriter out;
    out.le32(version).field("ver. 2.0", 48).be32(0x0e730001).be32(1).be32(0).raw(kSalt).be32(0).fill(16, 0xff).be32(0xffffffff);
    tplink_sections(out, payload);
    out.be16(0x55aa).byte(1).byte(0).byte(0xa5).byte(0).byte(9).byte(1).fill(364, 0xff).fill(100, 'k').raw(payload);
    out.set(0x40, crypto::md5({out.bytes}));
    return out.bytes;
}
Buffer tplink2(Bytes payload) {
    return tplink23(payload, 2);
}
Buffer tplink3(Bytes payload) {
    return tplink23(payload, 3);
}

Buffer safeloader(Bytes payload) {
    constexpr std::uint8_t kSalt[]{0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d, 0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e};
    const std::string_view vendor = "fw-type:Cloud\n";
    ImageWriter out;
    out.be32(0x1014 + 0x800 + 16 + payload.size()).fill(16).be32(vendor.size()).field(vendor, 4092, 0xff);
    char table[200];
    const int length = std::snprintf(
        table, sizeof table, "fwup-ptn partition-table base 0x00800 size 0x00010\t\r\nfwup-ptn file-system base 0x00810 size 0x%05zx\t\r\n",
        payload.size());
    out.field({table, static_cast<std::size_t>(length) + 1}, 0x800, 0xff).field("partition boot", 16).raw(payload);
    out.set(4, crypto::md5({kSalt, out.from(20)}));
    return out.bytes;
}

Buffer tplink_rtos(Bytes payload) {
    ImageWriter out;
    out.raw(Buffer{0x00, 0x14, 0x2f, 0xc0})
        .fill(16)
        .text("IMG0")
        .be32(0x94 - 20 + payload.size())
        .be16(0x841)
        .byte(3)
        .fill(0x94 - 31)
        .raw(payload);
    return out.bytes;
}

}  // namespace

std::vector<VendorSample> router_samples() {
    return {{"Trx1", "trx", trx1, "partition1", "version 1, 2 partitions", "the checksum does not match"},
            {"Trx2", "trx", trx2, "partition1", "version 2, 2 partitions", "the checksum does not match"},
            {"ZyxelTrx", "zyxel-trx", zytrx, "payload", "ZyXEL NR7101, chip MT7621A, version 1.00(ABUV.0)D0",
             "the payload's checksum does not match"},
            {"Chk", "chk", chk, "rootfs", "Netgear board U12H072T00_NETGEAR, region North America, version 1.0.0.58_1.0.38",
             "the root file system's checksum does not match; the image's"},
            {"Dni", "netgear-dni", dni, "payload", "Netgear WNDR3700v4, version V1.0.2.96, region NA, hardware 29763948+0+128+128",
             "the checksum in its last byte does not match", false},
            {"Sercomm", "sercomm", sercomm, "payload", "Sercomm, hardware CHJ, hardware version A001, software 16",
             "the sum of all bytes is not zero", false},
            {"SeamaSealed", "seama", seama_sealed, "firmware",
             "big endian, sealed, 1 entities: signature=wrgac02_dlob.hans_dir645; dev=/dev/mtdblock/1, type=firmware",
             "the MD5 of firmware does not match"},
            {"SeamaLittleEndian", "seama", seama_little, "firmware", "little endian, entity: dev=/dev/mtdblock/1",
             "the MD5 of firmware does not match"},
            {"WrgBigEndian", "wrg", wrg_big, "payload", "wrgn39_dlob.hans_dir645, big endian, device /dev/mtdblock/1, offset 0x40000",
             "the MD5 does not match"},
            {"WrgLittleEndian", "wrg", wrg_little, "payload", "wrgn39_dlob.hans_dir645, little endian", "the MD5 does not match"},
            {"WrggBigEndian", "wrgg", wrgg_big, "payload",
             "big endian, device /dev/mtdblock/2, offset 0x70000, model DAP-2695, version v1.17, build r1", "the MD5 does not match"},
            {"WrggLittleEndian", "wrgg", wrgg_little, "payload", "wapac02_dlink.2014_dap2695, little endian", "the MD5 does not match"},
            {"TplinkVersion1", "tplink", tplink1, "rootfs",
             "TP-Link version 1, TP-LINK Technologies, ver. 1.0, hardware 0x08410010 revision 1, software 3.16.9, load 0x80060000, entry "
             "0x80060100, region 1",
             "the MD5 does not match"},
            {"TplinkVersion2", "tplink", tplink2, "rootfs",
             "TP-Link version 2, ver. 2.0, hardware 0x0e730001 revision 1 version 0, software 0.9.1-1.0", "the MD5 does not match"},
            {"TplinkVersion3", "tplink", tplink3, "rootfs", "TP-Link version 3, ver. 2.0", "the MD5 does not match"},
            {"TplinkSafeloader", "tplink-safeloader", safeloader, "file-system", "TP-Link, 2 partitions, fw-type:Cloud",
             "the MD5 is not the plain image's"},
            {"TplinkRtos", "tplink-rtos", tplink_rtos, "payload", "TP-Link real-time system, model 841, hardware 3", ""}};
}

}  // namespace shirushi::unpack
