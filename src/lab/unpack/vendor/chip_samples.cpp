// Writers of chip makers' images for vendor_test.cpp and decoded_images_test.cpp.

#include <zlib.h>

#include <algorithm>

#include "unpack/vendor/vendor_samples.hpp"

namespace shirushi::unpack {
namespace {

std::uint32_t crc(Bytes bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

/// With the carry added again, as in the Internet's checksum.
unsigned carried(Bytes bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}
unsigned system_v(Bytes bytes) {
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes)
        sum += byte;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

Buffer zynos(Bytes payload, unsigned flags) {
    ImageWriter out;
    out.be32(0x80008000)
        .be16(0)
        .text("SIG")
        .byte(4)
        .be32(flags == 0x40 ? payload.size() : 5 * payload.size())
        .be32(flags == 0x40 ? 0 : payload.size())
        .byte(flags)
        .byte(0);
    out.be16(flags == 0x40 ? carried(payload) : 0)
        .be16(flags == 0x40 ? 0 : carried(payload))
        .field("V3.40(ACL.1)", 15)
        .be32(0xbfc08000)
        .fill(5);
    return out.raw(payload).bytes;
}
Buffer zynos_plain(Bytes payload) {
    return zynos(payload, 0x40);
}
Buffer zynos_packed(Bytes payload) {
    return zynos(payload, 0xa0);
}

Buffer ras(Bytes payload, std::size_t header) {
    const Buffer kernel(301, 'k');
    ImageWriter out;
    out.be32(system_v(payload))
        .be32(payload.size())
        .field(std::string_view("V1.00(ABCT.6)C0\0", 16), 32, 0xff)
        .be32(system_v(payload))
        .field(std::string_view("NBG6617\0", 8), 64, 0xff);
    out.be32(system_v(kernel)).be32(kernel.size()).fill(header - 116, 0xff);
    out.set(40, system_v(Bytes(out.bytes).first(2048)), 4, Endian::big);
    return out.raw(payload).raw(kernel).bytes;
}
Buffer ras_64k(Bytes payload) {
    return ras(payload, 0x10000);
}
Buffer ras_4k(Bytes payload) {
    return ras(payload, 0x1000);
}

Buffer znbg(Bytes payload) {
    ImageWriter out;
    out.raw(payload).text("ZNBG").le32(0x804410).field("V.1.0.0(1.0.0)", 48).le32(~crc(payload));
    return out.bytes;
}

Buffer linksys_header(Bytes payload) {
    ImageWriter trx;
    trx.text("HDR0").le32(28 + payload.size()).le32(0).le16(0).le16(1).le32(28).le32(0).le32(0).raw(payload);
    trx.set(8, ~crc(trx.from(12)), 4, Endian::little);
    ImageWriter out;
    out.text("W54G").fill(4).byte(5).byte(12).byte(31).byte(4).byte(20).byte(7).text("U2ND").byte(1).byte(0).le16(0x1f).fill(10).raw(
        trx.bytes);
    return out.bytes;
}

std::uint32_t bitwise_cksum(Bytes bytes) {
    std::uint32_t sum = 0;
    const auto add = [&](unsigned byte) {
        for (unsigned bit = 8; bit-- > 0;)
            sum = sum << 1 ^ ((sum >> 31 ^ (byte >> bit & 1U)) != 0 ? 0x04c11db7U : 0U);
    };
    for (const std::uint8_t byte : bytes)
        add(byte);
    for (std::size_t length = bytes.size(); length != 0; length >>= 8)
        add(length & 0xff);
    return ~sum;
}
Buffer linksys_footer(Bytes payload) {
    char text[80];
    std::snprintf(text, sizeof text, ".LINKSYS.01000409%-15s%08X%-8s%-16s", "EA8500", bitwise_cksum(payload), "0", "K0000000F0246434");
    ImageWriter out;
    out.raw(payload).field(text, 256);
    return out.bytes;
}
Buffer linksys_footer_newline(Bytes payload) {
    ImageWriter out;
    out.raw(linksys_footer(payload)).byte('\n');
    return out.bytes;
}

Buffer bcm963xx(Bytes payload, Endian endian, std::string_view signature) {
    const Buffer kernel(200, 'k');
    ImageWriter all;
    all.raw(payload).raw(kernel);
    ImageWriter out;
    out.field("6", 4)
        .field(signature, 20)
        .field("ver. 2.0", 14)
        .field("6358", 6)
        .field("96358VW", 16)
        .field(endian == Endian::big ? "1" : "0", 2)
        .field(std::to_string(all.bytes.size()), 10);
    out.field("0", 12)
        .field("0", 10)
        .field("3217096960", 12)
        .field(std::to_string(payload.size()), 10)
        .field(std::to_string(3217096960U + payload.size()), 12);
    out.field(std::to_string(kernel.size()), 10).fill(24).field("built by hand", 30).fill(24);
    out.number(~crc(all.bytes), 4, endian).number(~crc(payload), 4, endian).number(~crc(kernel), 4, endian).fill(8);
    out.number(~crc(out.bytes), 4, endian).fill(16).raw(all.bytes);
    return out.bytes;
}
Buffer bcm963xx_big(Bytes payload) {
    return bcm963xx(payload, Endian::big, "Broadcom Corporatio");
}
Buffer bcm963xx_little(Bytes payload) {
    return bcm963xx(payload, Endian::little, "Broadcom Corporatio");
}
Buffer bcm963xx_own(Bytes payload) {
    return bcm963xx(payload, Endian::big, "Telecom Italia");
}

Buffer wfi(Bytes payload, Endian endian) {
    ImageWriter out;
    out.raw(payload)
        .number(~crc(payload), 4, endian)
        .number(0x5732, 4, endian)
        .number(0x4908, 4, endian)
        .number(3, 4, endian)
        .number(2, 4, endian);
    return out.bytes;
}
Buffer wfi_little(Bytes payload) {
    return wfi(payload, Endian::little);
}
Buffer wfi_big(Bytes payload) {
    return wfi(payload, Endian::big);
}

unsigned word_sum(Bytes bytes, Endian endian) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += (i % 2 == 0) == (endian == Endian::big) ? bytes[i] * 256U : bytes[i];
    return sum & 0xffff;
}
Buffer realtek(Bytes payload, std::string_view signature, std::uint32_t start, std::uint32_t burn) {
    Buffer even(payload.begin(), payload.end());
    even.resize((even.size() + 1) / 2 * 2);
    ImageWriter out;
    out.text(signature).be32(start).be32(burn).be32(even.size() + 2).raw(even).be16(0x10000 - word_sum(even, Endian::big));
    return out.bytes;
}
Buffer realtek_kernel(Bytes payload) {
    return realtek(payload, "cs6c", 0x80500000, 0x30000);
}
Buffer realtek_firmware(Bytes payload) {
    return realtek(payload, "cr6c", 0x80500000, 0x60000);
}
Buffer realtek_rootfs(Bytes payload) {
    return realtek(payload, "r6cr", 0x130000, 0x130000);
}
Buffer realtek_web(Bytes payload) {
    return realtek(payload, "w6cg", 0x10000, 0x10000);
}

Buffer csys(Bytes payload, Endian endian, bool edimax) {
    Buffer even(payload.begin(), payload.end());
    even.resize((even.size() + 1) / 2 * 2);
    ImageWriter out;
    out.text("CSYS").number(0x80500000, 4, endian);
    if (edimax)
        out.number(0x10000, 4, endian).text("RN52");
    out.number(even.size() + 2, 4, endian).raw(even).number(0x10000 - word_sum(even, endian), 2, endian);
    return out.bytes;
}
Buffer csys_little(Bytes payload) {
    return csys(payload, Endian::little, false);
}
Buffer csys_edimax(Bytes payload) {
    return csys(payload, Endian::little, true);
}
Buffer csys_edimax_big(Bytes payload) {
    return csys(payload, Endian::big, true);
}

Buffer rtk0(Bytes payload) {
    ImageWriter out;
    out.text("RTK0").le32(32 + payload.size()).le32(0x12345678).le32(0).le32(28).fill(12).raw(payload);
    return out.bytes;
}

Buffer certificate() {
    return ImageWriter().be16(0x3082).be16(20).fill(20, 'c').bytes;
}

Buffer mbn_body(Bytes payload) {
    return ImageWriter().raw(payload).fill(256, 's').raw(certificate()).raw(certificate()).fill(32, 0xff).bytes;
}
void mbn_fields(ImageWriter& out, Bytes payload) {
    out.le32(0x8ff00000)
        .le32(payload.size() + 256 + 80)
        .le32(payload.size())
        .le32(0x8ff00000 + payload.size())
        .le32(256)
        .le32(0x8ff00000 + payload.size() + 256)
        .le32(80);
}
Buffer mbn(Bytes payload) {
    ImageWriter out;
    out.le32(5).le32(3).le32(0);
    mbn_fields(out, payload);
    return out.raw(mbn_body(payload)).bytes;
}
Buffer sbl(Bytes payload) {
    ImageWriter out;
    out.le32(0x844bdcd1).le32(0x73d71034).le32(21).fill(8, 0xff).le32(80);
    mbn_fields(out, payload);
    return out.le32(1).le32(4).fill(20, 0xff).raw(mbn_body(payload)).bytes;
}

/// One code segment, one with the hashes: of the header, of itself, of the code.
Buffer qualcomm_elf(Bytes payload, bool wide, unsigned version) {
    const std::size_t table = wide ? 64 : 52;
    const std::size_t entry = wide ? 56 : 32;
    ImageWriter hashes;
    hashes.le32(0)
        .le32(version)
        .le32(version == 3 ? 0 : 64)
        .le32(version == 3 ? 0 : 24)
        .le32(0)
        .le32(96)
        .le32(0)
        .le32(256)
        .le32(0)
        .le32(80);
    if (version == 6)
        hashes.le32(0).le32(120).fill(120, 'm');
    hashes.fill(96, 'h').fill(version == 3 ? 0 : 88, 'q').fill(256, 's').raw(certificate()).raw(certificate()).fill(32, 0xff);
    ImageWriter out;
    out.text(
           "\x7f"
           "ELF")
        .byte(wide ? 2 : 1)
        .byte(1)
        .byte(1)
        .fill(9)
        .le16(2)
        .le16(wide ? 183 : 40)
        .le32(1);
    const std::size_t word = wide ? 8 : 4;
    out.number(0x80000000, word, Endian::little)
        .number(table, word, Endian::little)
        .number(0, word, Endian::little)
        .le32(0)
        .le16(table)
        .le16(entry)
        .le16(3)
        .fill(6);
    const auto segment = [&](std::uint64_t offset, std::uint64_t size, std::uint32_t flags) {
        out.le32(flags == 5 ? 1 : 0);
        if (wide)
            out.le32(flags).le64(offset).le64(0x80000000 + offset).le64(0x80000000 + offset).le64(size).le64(size).le64(0x1000);
        else
            out.le32(offset).le32(0x80000000 + offset).le32(0x80000000 + offset).le32(size).le32(size).le32(flags).le32(0x1000);
    };
    segment(0, table + 3 * entry, 0x07000000);
    segment(512, hashes.bytes.size(), 0x02200000);
    segment(2048, payload.size(), 5);
    out.fill(512 - out.bytes.size()).raw(hashes.bytes);
    return out.fill(2048 - out.bytes.size()).raw(payload).bytes;
}
Buffer qualcomm_elf32_v3(Bytes payload) {
    return qualcomm_elf(payload, false, 3);
}
Buffer qualcomm_elf64_v5(Bytes payload) {
    return qualcomm_elf(payload, true, 5);
}
Buffer qualcomm_elf64_v6(Bytes payload) {
    return qualcomm_elf(payload, true, 6);
}

}  // namespace

std::vector<VendorSample> chip_samples() {
    return {
        {"ZynosPlain", "zynos", zynos_plain, "payload", "ZyNOS ROM binary, load 0x80008000, uncompressed, version V3.40(ACL.1)",
         "the checksum does not match"},
        {"ZynosCompressed", "zynos", zynos_packed, "payload", "ZyNOS ROM binary, load 0x80008000, compressed from",
         "the checksum does not match"},
        {"Ras", "zyxel-ras", ras_64k, "rootfs", "ZyXEL NBG6617, version V1.00(ABCT.6)C0", "the root file system's checksum does not match",
         false},
        {"RasSmallHeader", "zyxel-ras", ras_4k, "rootfs", "ZyXEL NBG6617", "the root file system's checksum does not match", false},
        {"Znbg", "zyxel-znbg", znbg, "payload", "ZyXEL device 0x00804410, version V.1.0.0(1.0.0)", "the checksum does not match", false},
        {"LinksysHeader", "linksys", linksys_header, "trx", "Linksys W54G, version 4.20.7 of 2005-12-31, hardware 1, flags 0x1f", ""},
        {"LinksysFooter", "linksys-footer", linksys_footer, "payload", "Linksys EA8500", "the checksum does not match", false},
        {"LinksysFooterNewline", "linksys-footer", linksys_footer_newline, "payload", "Linksys EA8500", "the checksum does not match",
         false},
        {"Bcm963xxBigEndian", "bcm963xx", bcm963xx_big, "rootfs",
         "Broadcom tag 6, Broadcom Corporatio, chip 6358, board 96358VW, big endian, built by hand",
         "the CRC of rootfs does not match; the image's CRC"},
        {"Bcm963xxLittleEndian", "bcm963xx", bcm963xx_little, "rootfs", "board 96358VW, little endian", "the CRC of rootfs does not match"},
        {"Bcm963xxOwnSignature", "bcm963xx", bcm963xx_own, "rootfs", "Telecom Italia", "the CRC of rootfs does not match", false},
        {"WfiLittleEndian", "broadcom-wfi", wfi_little, "flash", "Broadcom whole flash, chip 4908, NAND of 128 KiB blocks",
         "the checksum does not match", false},
        {"WfiBigEndian", "broadcom-wfi", wfi_big, "flash", "Broadcom whole flash, chip 4908", "the checksum does not match", false},
        {"RealtekKernel", "realtek", realtek_kernel, "kernel", "Realtek kernel (cs6c), start 0x80500000, flash 0x30000",
         "the checksum does not match"},
        {"RealtekFirmware", "realtek", realtek_firmware, "firmware", "Realtek firmware (cr6c)", "the checksum does not match"},
        {"RealtekRootfs", "realtek", realtek_rootfs, "rootfs", "Realtek rootfs (r6cr), flash 0x130000", "the checksum does not match"},
        {"RealtekWebPages", "realtek", realtek_web, "web pages", "Realtek web pages (w6cg), flash 0x10000", "the checksum does not match"},
        {"Csys", "csys", csys_little, "payload", "Edimax, little endian, load 0x80500000", "not believed"},
        {"CsysEdimax", "csys", csys_edimax, "payload", "Edimax, little endian, load 0x80500000, flash 0x10000, model RN52", "not believed"},
        {"CsysEdimaxBigEndian", "csys", csys_edimax_big, "payload", "Edimax, big endian", "not believed"},
        {"Rtk0", "rtk0", rtk0, "payload", "Realtek, checksum 0x12345678", "", false},
        {"Mbn", "qualcomm-mbn", mbn, "code",
         "Qualcomm MBN version 3, image 5, load 0x8ff00000, signature of 256 bytes, 2 certificates in 80 bytes", "", false},
        {"Sbl", "qualcomm-sbl", sbl, "code",
         "Qualcomm secondary boot loader, image 21, load 0x8ff00000, signature of 256 bytes, 2 certificates in 80 bytes, root certificate "
         "1 of 4",
         ""},
        {"QualcommElf32Version3", "qualcomm-elf", qualcomm_elf32_v3, "segment2-0x80000800",
         "Qualcomm ELF, 3 segments, hash segment version 3, signature of 256 bytes, 2 certificates in 80 bytes", ""},
        {"QualcommElf64Version5", "qualcomm-elf", qualcomm_elf64_v5, "segment2-0x80000800",
         "hash segment version 5, signature of 256 bytes, 2 certificates in 80 bytes, signed by Qualcomm, too", ""},
        {"QualcommElf64Version6", "qualcomm-elf", qualcomm_elf64_v6, "segment2-0x80000800",
         "hash segment version 6, signature of 256 bytes, 2 certificates in 80 bytes, signed by Qualcomm, too", ""}};
}

}  // namespace shirushi::unpack
