// Writers of switch, camera and other makers' images for vendor_test.cpp and decoded_images_test.cpp.

#include <zlib.h>

#include <algorithm>

#include "crypto/stored_digests.hpp"
#include "unpack/vendor/vendor_samples.hpp"

namespace shirushi::unpack {
namespace {

std::uint32_t crc(Bytes bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

void ubnt_section(ImageWriter& out, std::string_view kind, std::string_view name, Bytes content) {
    const std::size_t from = out.bytes.size();
    out.text(kind)
        .field(name, 16)
        .fill(12)
        .be32(0x80002000)
        .be32(1)
        .be32(0x9f050000)
        .be32(0x80002000)
        .be32(content.size())
        .be32(0x100000)
        .raw(content);
    out.be32(crc(out.from(from))).be32(0);
}
Buffer ubnt(Bytes payload, std::string_view magic, bool is_signed) {
    ImageWriter out;
    out.text(magic).field("XM.ar7240.v5.6.15-sign.31612.170908.1440", 256).be32(0).be32(0);
    out.set(260, crc(Bytes(out.bytes).first(260)), 4, Endian::big);
    ubnt_section(out, "PART", "kernel", Buffer(90, 'k'));
    ubnt_section(out, is_signed ? "FILE" : "PART", "rootfs", payload);
    if (is_signed)
        return out.text("ENDS").fill(256, 's').be32(0).bytes;
    const std::uint32_t sum = crc(out.bytes);
    return out.text("END.").be32(sum).be32(0).bytes;
}
Buffer ubnt_plain(Bytes payload) {
    return ubnt(payload, "UBNT", false);
}
Buffer ubnt_open(Bytes payload) {
    return ubnt(payload, "OPEN", false);
}
Buffer ubnt_signed(Bytes payload) {
    return ubnt(payload, "GEOS", true);
}

void xiaomi_blob(ImageWriter& out, std::string_view name, Bytes content) {
    out.le32(0xbabe).le32(0x250000).le32(content.size()).le16(4).le16(0).field(name, 32).raw(content).fill((4 - content.size() % 4) % 4);
}
Buffer xiaomi(Bytes payload, bool first) {
    const std::size_t header = first ? 48 : 80;
    ImageWriter out;
    out.text(first ? "HDR1" : "HDR2").le32(0).le32(0);
    if (first)
        out.le16(0).le16(0x0d);
    else
        out.le32(0).field("RA70", 8).field("EU", 8).fill(16);
    out.le32(header).le32(header + 48 + 60).fill(24);
    xiaomi_blob(out, "uboot.bin", Buffer(60, 'u'));
    xiaomi_blob(out, "firmware.bin", payload);
    out.set(4, out.bytes.size(), 4, Endian::little);
    out.le32(first ? 0 : 0x100).fill(12).fill(0x100, 's');
    out.set(8, ~crc(out.from(12)), 4, Endian::little);
    return out.bytes;
}
Buffer xiaomi1(Bytes payload) {
    return xiaomi(payload, true);
}
Buffer xiaomi2(Bytes payload) {
    return xiaomi(payload, false);
}

Buffer hwnp(Bytes payload) {
    const Buffer check(100, 'x');
    const std::size_t data = 36 + 64 + 2 * 360;
    ImageWriter out;
    out.text("HWNP")
        .be32(data + 100 + payload.size() - 0x4c)
        .be32(0)
        .le32(data)
        .le32(0)
        .le32(2)
        .le16(0)
        .le16(64)
        .le32(360)
        .le32(0)
        .field("494|4B4|;COMMON|CMCC|", 64);
    const auto item = [&](unsigned number, Bytes content, std::size_t at, std::string_view path, std::string_view section) {
        out.le32(number)
            .le32(crc(content))
            .le32(at)
            .le32(content.size())
            .field(path, 256)
            .field(section, 16)
            .field("V500R020C00SPC458B001", 64)
            .le32(0)
            .le32(0);
    };
    item(0, check, data, "file:/var/UpgradeCheck.xml", "UPGRDCHECK");
    item(1, payload, data + 100, "flash:rootfs", "ROOTFS");
    return out.raw(check).raw(payload).bytes;
}

Buffer zte(Bytes payload) {
    const Buffer kernel(130, 'k');
    ImageWriter out;
    out.raw(Buffer{0x99, 0x99, 0x99, 0x99, 0x44, 0x44, 0x44, 0x44, 0x55, 0x55, 0x55, 0x55, 0xaa, 0xaa, 0xaa, 0xaa})
        .fill(20)
        .field("V6.0.4P1T8", 44)
        .le32(1)
        .le32(0);
    out.le32(kernel.size())
        .le32(0x140)
        .le32(crc(payload))
        .le32(payload.size())
        .le32(0x140 + 136)
        .le32(0)
        .le32(0x40000)
        .le32(0x140 + 136)
        .le32(0x170000)
        .le32(0x270000)
        .fill(16);
    out.field("ZXIC DE301 NULL V6.0.4P1T8", 48).fill(24).le32(0).field("20200831084224", 16);
    out.set(0xd8, crc(Bytes(out.bytes).subspan(0x14, 0xc4)), 4, Endian::little);
    return out.fill(0x140 - out.bytes.size(), 0xff).raw(kernel).fill(6, 0xff).raw(payload).bytes;
}

Buffer jboot(Bytes payload) {
    ImageWriter out;
    out.text("DLK6E2424001")
        .be16(0)
        .be16(0)
        .fill(10)
        .byte(1)
        .byte(0)
        .le32(0x12345)
        .le32(0x10000)
        .le32(0x7f0000)
        .le32(0x10000)
        .le32(payload.size())
        .fill(16);
    return out.le16(0x4842).le16(2).le16(0).byte(4).byte(4).le32(0).le16(0x6e24).le16(0).raw(payload).bytes;
}

Buffer dlink_tlv(Bytes payload) {
    ImageWriter out;
    out.raw(Buffer{0x64, 0x80, 0x19, 0x40}).field("DIR-882", 32).field("WRG1210A1", 40).fill(32).le32(1).le32(payload.size());
    std::string digest;
    for (const std::uint8_t byte : crypto::md5({out.from(0x6c), payload})) {
        char text[3];
        std::snprintf(text, sizeof text, "%02x", byte);
        digest += text;
    }
    out.set(0x4c, as_bytes(digest));
    return out.raw(payload).bytes;
}

Buffer dkbs(Bytes payload, Endian endian) {
    ImageWriter out;
    out.field("dir-600_dkbs_dap", 7);
    out.field("_dkbs_dir619", 25)
        .fill(8)
        .field("2.11", 32)
        .fill(0x68 - 0x48)
        .number(payload.size(), 4, endian)
        .fill(4)
        .field("/dev/mtdblock/1", 32)
        .fill(16)
        .raw(payload);
    return out.bytes;
}
Buffer dkbs_big(Bytes payload) {
    return dkbs(payload, Endian::big);
}
Buffer dkbs_little(Bytes payload) {
    return dkbs(payload, Endian::little);
}

Buffer packimg(Bytes payload) {
    return ImageWriter().text("--PaCkImGs--").fill(4).le32(payload.size()).fill(12).raw(payload).bytes;
}

Buffer fpkg(Bytes payload) {
    ImageWriter out;
    out.text("FPKG").be32(0x01000000).be32(28).be32(1).be32(8).text("DFL-260E");
    out.be32(28).be16(0x100).be16(0).be32(payload.size()).field("core.bin", 16).raw(payload);
    return out.be32(28).be16(0x103).be16(0).be32(64).field("signature", 16).fill(64, 's').bytes;
}

Buffer deafbead(Bytes payload) {
    ImageWriter out;
    out.raw(Buffer{0xde, 0xaf, 0xbe, 0xad})
        .byte(0x86)
        .le16(4)
        .text("html")
        .byte(0x87)
        .le16(14)
        .text("html\\index.htm")
        .le32(payload.size())
        .raw(payload);
    return out.bytes;
}

Buffer bneg(Bytes payload) {
    return ImageWriter().text("BNEG").le32(1).le32(1).le32(50).le32(payload.size()).fill(50, 'k').raw(payload).bytes;
}

Buffer hp_bdl(Bytes payload) {
    ImageWriter out;
    out.raw(Buffer{'i', 'b', 'd', 'l', 1, 0, 1, 0})
        .le32(1321)
        .fill(4)
        .le32(1)
        .fill(12)
        .field("release 3", 256)
        .field("HP", 256)
        .field("LaserJet", 256)
        .fill(9)
        .field("2411", 256);
    return out.field("r7", 256).le64(1321 + 16).le64(payload.size()).raw(payload).bytes;
}

Buffer hp_ipkg(Bytes payload) {
    ImageWriter out;
    out.raw(Buffer{'i', 'p', 'k', 'g', 1, 0, 3, 0})
        .le32(1056)
        .le32(0)
        .le32(1)
        .fill(12)
        .field("2411", 256)
        .field("LaserJet", 256)
        .field("kernel", 256)
        .field("none", 256);
    return out.field("kernel.bin", 256).le64(1056 + 276).le64(payload.size()).le32(crc(payload)).raw(payload).bytes;
}

Buffer moxa(Bytes payload) {
    ImageWriter out;
    out.text("*FRM").be32(1).le32(0x60 + 80 + 256 + 64 + payload.size()).le16(0x60).le16(2).fill(48);
    out.le32(1).le32(0x60).le32(80).le32(0).le32(2).le32(0x60 + 80).le32(256 + 64 + payload.size()).le32(0).fill(80, 'f');
    out.field("NPort 5110", 32)
        .fill(16)
        .le32(256)
        .le32(64)
        .le16(64)
        .le16(1)
        .fill(256 - 60)
        .field("index.htm", 48)
        .fill(8)
        .le32(payload.size())
        .le32(256 + 64)
        .raw(payload);
    return out.bytes;
}

void brn_file(ImageWriter& out, Bytes content) {
    out.raw(content)
        .fill((content.size() + 12 + 0x3ff) / 0x400 * 0x400 - 12 - content.size(), 0xff)
        .le32(content.size())
        .le32(0x12345678)
        .le32(crc(content));
}
Buffer brn(Bytes payload) {
    ImageWriter out;
    brn_file(out, Buffer(50, 'k'));
    brn_file(out, payload);
    return out.text(std::string_view("BRNDTW502\0", 10)).bytes;
}

Buffer qnap(Bytes payload) {
    ImageWriter out;
    out.fill(48, 'e').raw(payload).text("icpnas").le32(48).field("QNAPTS212", 16).field("4.3.3", 16).field("20230620", 16).field("1.0", 16);
    return out.bytes;
}

}  // namespace

std::vector<VendorSample> other_samples() {
    return {
        {"Ubnt", "ubnt", ubnt_plain, "rootfs", "Ubiquiti UBNT, version XM.ar7240.v5.6.15-sign.31612.170908.1440, 2 sections, not signed",
         "the CRC of rootfs does not match; the image's CRC"},
        {"UbntOpen", "ubnt", ubnt_open, "rootfs", "Ubiquiti OPEN", "the CRC of rootfs does not match; the image's CRC"},
        {"UbntSigned", "ubnt", ubnt_signed, "rootfs",
         "Ubiquiti GEOS, version XM.ar7240.v5.6.15-sign.31612.170908.1440, 2 sections, signed (RSA)", "the CRC of rootfs does not match"},
        {"XiaomiHdr1", "xiaomi", xiaomi1, "firmware.bin", "Xiaomi HDR1, device 0x000d, 2 blobs", "the checksum does not match"},
        {"XiaomiHdr2", "xiaomi", xiaomi2, "firmware.bin", "Xiaomi HDR2, device RA70, region EU, 2 blobs", "the checksum does not match"},
        {"Hwnp", "hwnp", hwnp, "flash:rootfs", "Huawei, 2 items, version V500R020C00SPC458B001, for 494|4B4|;COMMON|CMCC|",
         "the CRC of flash:rootfs does not match"},
        {"Zte", "zte", zte, "rootfs", "ZTE version V6.0.4P1T8, ZXIC DE301 NULL V6.0.4P1T8, made 20200831084224",
         "the root file system's CRC does not match"},
        {"Jboot", "jboot", jboot, "payload", "JBOOT, ROM DLK6E2424001, flash 0x10000 to", ""},
        {"DlinkTlv", "dlink-tlv", dlink_tlv, "payload", "D-Link DIR-882, board WRG1210A1", "the MD5 does not match"},
        {"DkbsBigEndian", "dkbs", dkbs_big, "payload", "board dir-600_dkbs_dir619, version 2.11, device /dev/mtdblock/1, big endian", ""},
        {"DkbsLittleEndian", "dkbs", dkbs_little, "payload", "little endian", ""},
        {"Packimg", "packimg", packimg, "rootfs", "the tag between kernel and root file system", ""},
        {"Fpkg", "fpkg", fpkg, "core.bin", "D-Link DFL-260E, 2 files", ""},
        {"Deafbead", "deafbead", deafbead, "html/index.htm", "D-Link, 1 files", ""},
        {"Bneg", "bneg", bneg, "partition2", "Instar version 1.1", ""},
        {"HpBdl", "hp-bdl", hp_bdl, "package0", "HP HP release 3, device LaserJet, version 2411, revision r7, 1 packages", ""},
        {"HpIpkg", "hp-ipkg", hp_ipkg, "kernel.bin", "HP package kernel of LaserJet, version 2411, 1 files",
         "the CRC of kernel.bin does not match"},
        {"Moxa", "moxa", moxa, "index.htm", "Moxa, 2 sections, files of NPort 5110", ""},
        {"Brn", "brn", brn, "file1", "Arcadyan BRNDTW502, 2 files", "the CRC of the file at 0x400 does not match", false},
        {"Qnap", "qnap", qnap, "payload", "QNAP QNAPTS212, version 4.3.3, date 20230620, revision 1.0", "", false}};
}

}  // namespace shirushi::unpack
