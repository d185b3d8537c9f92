// Firmware volumes made by a small writer; what packs their sections is the real xz where it is LZMA, and a writer here where no
// tool of Debian can make it. Debian's OVMF, and 7-Zip as a second opinion, are in corpus.debian.

#include "unpack/boot/uefi.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <set>

#include "unpack/boot/boot_test.hpp"
#include "unpack/boot/uefi_compressed.hpp"
#include "base/text.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using boot_test::append;
using boot_test::put_number;
using making::joined;
using making::noise;
using making::Workshop;

Buffer guid(std::string_view text) {
    std::string digits(text);
    std::erase(digits, '-');
    Buffer bytes = from_hex(digits).value();
    std::reverse(bytes.begin(), bytes.begin() + 4);
    std::reverse(bytes.begin() + 4, bytes.begin() + 6);
    std::reverse(bytes.begin() + 6, bytes.begin() + 8);
    return bytes;
}

Buffer wide(std::string_view text) {
    Buffer bytes;
    for (const char byte : text) {
        bytes.push_back(static_cast<std::uint8_t>(byte));
        bytes.push_back(0);
    }
    bytes.resize(bytes.size() + 2);
    return bytes;
}

Buffer section(std::uint8_t type, Bytes content) {
    Buffer bytes(4);
    put_number(bytes, 0, content.size() + 4, 3);
    bytes[3] = type;
    append(bytes, content);
    return bytes;
}

Buffer sections(std::initializer_list<Buffer> all) {
    Buffer bytes;
    for (const Buffer& one : all) {
        bytes.resize((bytes.size() + 3) / 4 * 4);
        append(bytes, one);
    }
    return bytes;
}

Buffer guided(std::string_view which, Bytes content, std::uint16_t attributes = 1, Bytes more = {}) {
    Buffer head = guid(which);
    put_number(head, 16, 24 + more.size(), 2);
    put_number(head, 18, attributes, 2);
    return section(2, joined({head, more, content}));
}

std::uint8_t sum(Bytes bytes) {
    unsigned total = 0;
    for (const std::uint8_t byte : bytes)
        total += byte;
    return static_cast<std::uint8_t>(total);
}

Buffer file(std::string_view which, std::uint8_t type, Bytes content, bool checksum = false, bool large = false) {
    Buffer bytes = guid(which);
    bytes.resize(large ? 32 : 24);
    bytes[18] = type;
    bytes[19] = static_cast<std::uint8_t>((checksum ? 0x40 : 0) | (large ? 1 : 0));
    if (large)
        put_number(bytes, 24, content.size() + 32, 8);
    else
        put_number(bytes, 20, content.size() + 24, 3);
    bytes[16] = static_cast<std::uint8_t>(-sum(bytes));
    bytes[17] = checksum ? static_cast<std::uint8_t>(-sum(content)) : std::uint8_t{0xaa};
    bytes[23] = 0xf8;
    append(bytes, content);
    return bytes;
}

constexpr std::string_view kFfs2 = "8C8CE578-8A3D-4F1C-9935-896185C32DD3";

Buffer volume(const std::vector<Buffer>& files, std::size_t size, std::string_view system = kFfs2) {
    Buffer bytes(72);
    std::ranges::copy(guid(system), bytes.begin() + 16);
    put_number(bytes, 32, size, 8);
    std::ranges::copy(as_bytes("_FVH"), bytes.begin() + 40);
    put_number(bytes, 44, 0x4feff, 4);
    put_number(bytes, 48, 72, 2);
    bytes[55] = 2;
    put_number(bytes, 56, size / 256, 4);
    put_number(bytes, 60, 256, 4);
    std::uint16_t total = 0;
    for (std::size_t i = 0; i < 72; i += 2)
        total = static_cast<std::uint16_t>(total + load_le<std::uint16_t>(bytes.data() + i));
    put_number(bytes, 50, static_cast<std::uint16_t>(-total), 2);
    for (const Buffer& one : files) {
        bytes.resize((bytes.size() + 7) / 8 * 8, 0xff);
        append(bytes, one);
    }
    EXPECT_LE(bytes.size(), size);
    bytes.resize(size, 0xff);
    return bytes;
}

/// The compression of UEFI, as simply as it can be written: one code for all blocks, of 8 bits for two symbols and of 9 for the
/// others; repeats of one byte as matches at distance 1.
Buffer compressed(Bytes content, unsigned position_bits) {
    std::vector<unsigned> symbols;
    for (std::size_t i = 0; i < content.size();) {
        std::size_t run = 0;
        while (i > 0 && i + run < content.size() && run < 256 && content[i + run] == content[i - 1])
            ++run;
        symbols.push_back(run >= 3 ? static_cast<unsigned>(256 + run - 3) : content[i]);
        i += run >= 3 ? run : 1;
    }
    std::string bits;
    const auto put = [&](std::uint64_t value, unsigned count) {
        for (unsigned i = count; i > 0; --i)
            bits += (value >> (i - 1) & 1U) != 0 ? '1' : '0';
    };
    for (std::size_t done = 0; done < symbols.size(); done += 1000) {
        const std::size_t count = std::min<std::size_t>(1000, symbols.size() - done);
        put(count, 16);
        put(12, 5);  // lengths of the alphabet of lengths: those of 10 (8 bits) and 11 (9 bits) are one bit each
        for (int i = 0; i < 3; ++i)
            put(0, 3);
        put(3, 2);
        for (int i = 6; i < 10; ++i)
            put(0, 3);
        put(1, 3);
        put(1, 3);
        put(510, 9);
        for (unsigned symbol = 0; symbol < 510; ++symbol)
            put(symbol < 2 ? 0 : 1, 1);
        put(0, position_bits);
        put(0, position_bits);  // every position is the one before
        for (std::size_t i = done; i < done + count; ++i)
            put(symbols[i] < 2 ? symbols[i] : 4 + symbols[i] - 2, symbols[i] < 2 ? 8 : 9);
    }
    Buffer packed(8);
    for (std::size_t i = 0; i < bits.size(); i += 8)
        packed.push_back(static_cast<std::uint8_t>(std::stoul((bits.substr(i, 8) + "0000000").substr(0, 8), nullptr, 2)));
    packed.push_back(0);  // as EDK II's compressor ends it; 7-Zip insists
    put_number(packed, 0, packed.size() - 8, 4);
    put_number(packed, 4, content.size(), 4);
    return packed;
}

Buffer standard(Bytes content, unsigned position_bits) {
    Buffer head(5);
    put_number(head, 0, content.size(), 4);
    head[4] = 1;
    return section(1, joined({head, compressed(content, position_bits)}));
}

constexpr std::string_view kOne = "7C04A583-9E3E-4F1C-AD65-E05268D0B4D1";
constexpr std::string_view kTwo = "11111111-2222-3333-4444-555555555555";

Buffer program(std::string_view name, std::string_view content) {
    return sections({section(0x13, as_bytes("\x06\x08")), section(0x10, as_bytes(content)), section(0x15, wide(name)), section(0x14, joined({Buffer{7, 0}, wide("1.0")}))});
}

TEST(Uefi, CompressionOfBothKinds) {
    const std::string content = sample_text(5000, 3) + std::string(700, 'a') + std::string("\0\0\1\1\2", 5);
    for (const auto& [kind, bits] : {std::pair{UefiCompression::efi, 4U}, std::pair{UefiCompression::tiano, 5U}}) {
        const Buffer packed = compressed(as_bytes(content), bits);
        const auto unpacked = decompress_uefi(packed, kind, 1U << 20U);
        ASSERT_TRUE(unpacked.has_value()) << unpacked.error().message;
        EXPECT_EQ(as_text(*unpacked), content);
        EXPECT_EQ(decompress_uefi(packed, kind, 100).error().code, Errc::limit);
        for (std::size_t size = 0; size < packed.size(); size += 7)
            EXPECT_FALSE(decompress_uefi(Bytes(packed).first(size), kind, 1U << 20U).has_value());
    }
}

/// Every way to pack a section, in one volume; `common`: those that 7-Zip reads.
Buffer every_kind(const Workshop& shop, bool common) {
    const Buffer inner = volume({file(kTwo, 7, program("Inner", "inner program"))}, 1024);
    const auto packed = [&](std::string_view name) { return program(name, fmt::format("program of {}", name)); };
    // xz says "size unknown", firmware has it.
    const auto lzma = [&](const Buffer& content, const std::string& options) {
        shop.write("s", content);
        Buffer made = shop.run(fmt::format("xz {} -c s", options));
        if (!options.contains("raw")) {
            put_number(made, 5, content.size(), 8);
            return made;
        }
        Buffer head{0x5d};
        put_number(head, 1, 1U << 20U, 4);
        put_number(head, 5, content.size(), 8);
        return joined({head, made});
    };
    const Buffer code = sections({packed("F86"), section(0x19, shop.run("objcopy -O binary -j .text /bin/true text && head -c 3000 text"))});
    Buffer checksum(4);
    const Buffer crc = packed("Crc32");
    put_number(checksum, 0, crc32_z(0, crc.data(), crc.size()), 4);
    std::vector<Buffer> files{file(kOne, 7, program("Shell", "shell program"), true), file(kTwo, 9, standard(packed("Efi"), 4)), file(kTwo, 9, standard(packed("Tiano"), 5)),
                              file(kTwo, 9, guided("EE4E5898-3914-4259-9D6E-DC7BD79403CF", lzma(packed("Lzma"), "--format=lzma"))),
                              file(kTwo, 9, guided("FC1BCDB0-7D31-49AA-936A-A4600D9DD083", crc, 2, checksum)), file(kTwo, 0xf0, Buffer(40, 0xff)), file(kTwo, 1, as_bytes("a raw file")),
                              file(kTwo, 0x0b, section(0x17, inner)), file(kTwo, 7, section(0x10, as_bytes("nameless")))};
    if (!common) {
        files.push_back(file(kTwo, 9, guided("A31280AD-481E-41B6-95E8-127F4C984779", compressed(packed("TianoGuid"), 5))));
        files.push_back(file(kTwo, 9, guided("D42AE6BD-1352-4BFB-909A-CA72A6EAE889", lzma(code, "--format=raw --x86 --lzma1=dict=1MiB"))));
    }
    return volume(files, 16384);
}

TEST(Uefi, VolumeWithEveryKindOfSection) {
    const Workshop shop;
    const Buffer image = every_kind(shop, false);
    const auto found = identify_firmware_volume(image);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->size, 16384U);
    EXPECT_EQ(found->description, "UEFI firmware volume, FFS2");
    EXPECT_TRUE(found->checked);
    CollectingSink sink;
    const auto result = read_firmware_volume(image, {}, sink);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ(entry.damage, "") << path;
    for (const char* name : {"Efi", "Tiano", "TianoGuid", "Lzma", "F86", "Crc32"}) {
        ASSERT_TRUE(sink.entries.contains(fmt::format("{}.efi", name))) << name;
        EXPECT_EQ(sink.entries[fmt::format("{}.efi", name)].content, fmt::format("program of {}", name));
    }
    EXPECT_EQ(sink.entries["Shell.efi"].content, "shell program");
    EXPECT_EQ(sink.entries["Shell.depex"].content, "\x06\x08");
    EXPECT_EQ(sink.entries["Shell.version"].content, "1.0 (build 7)\n");
    EXPECT_EQ(sink.entries["F86.raw"].content, as_text(shop.run("head -c 3000 text"))) << "jumps are as they were";
    EXPECT_EQ(sink.entries[fmt::format("{}.raw", kTwo)].content, "a raw file");
    EXPECT_EQ(sink.entries[fmt::format("{}/Inner.efi", kTwo)].content, "inner program");
    EXPECT_EQ(sink.entries[fmt::format("driver-{}.efi", kTwo)].content, "nameless");
    EXPECT_EQ(sink.description, "11 files in 2 volumes");
}

TEST(Uefi, SevenZipReadsTheSame) {
    const Workshop shop;
    const Buffer image = every_kind(shop, true);
    shop.write("image.fd", image);
    CollectingSink sink;
    (void)read_firmware_volume(image, {}, sink);
    // 7-Zip names things in its own way; what lies in its files must be in ours.
    const Buffer names = shop.run("7zz x -y -ooracle image.fd >log 2>&1; cd oracle; find . -name '*.efi' | sort");
    std::size_t compared = 0;
    std::set<std::string> contents;
    for (const auto& [path, entry] : sink.entries)
        contents.insert(entry.content);
    std::size_t at = 0;
    const std::string_view all = as_text(names);
    while (at < all.size()) {
        const std::size_t end = all.find('\n', at);
        const Buffer theirs = shop.read("oracle/" + std::string(all.substr(at, end - at)));
        EXPECT_TRUE(contents.contains(std::string(as_text(theirs)))) << all.substr(at, end - at);
        ++compared;
        at = end + 1;
    }
    EXPECT_EQ(compared, 7U) << as_text(names) << as_text(shop.read("log"));
}

TEST(Uefi, AmongOtherBytesAndLarge) {
    const std::string content = sample_text(70000, 5);
    const Buffer image = volume({file(kOne, 7, sections({section(0x10, as_bytes(content)), section(0x15, wide("Big"))}), true, true)}, 73728, "5473C07A-3DCB-4DCA-BD6F-1E9689E7349A");
    const auto tree = making::unpacked(joined({noise(1237, 1), image, noise(99, 2)}));
    const auto found = making::find(*tree, "firmware-volume@0x4d5/Big.efi");
    ASSERT_TRUE(found.has_value()) << making::tables(*tree);
    EXPECT_EQ(as_text(tree->bytes(*found)), content);
    EXPECT_EQ(tree->regions()[1].description, "UEFI firmware volume, FFS3, 1 file in 1 volume");
    making::expect_covered(*tree);
}

TEST(Uefi, DamageIsSaid) {
    Buffer image = volume({file(kOne, 7, program("Shell", "shell program"), true), file(kTwo, 7, program("Next", "next program"))}, 1024);
    image[72 + 24 + 20] ^= 1U;  // in the first file's data
    CollectingSink sink;
    EXPECT_TRUE(read_firmware_volume(image, {}, sink).has_value());
    EXPECT_EQ(sink.entries["Shell.efi"].damage, "the file's checksum does not match");
    EXPECT_EQ(sink.entries["Next.efi"].damage, "");
    image[72 + 3] ^= 1U;  // in its header
    CollectingSink other;
    const auto result = read_firmware_volume(image, {}, other);
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(other.entries.contains("rest.raw"));
    const Buffer unknown = volume({file(kOne, 7, guided(kTwo, as_bytes("????")))}, 512);
    CollectingSink third;
    EXPECT_TRUE(read_firmware_volume(unknown, {}, third).has_value());
    ASSERT_EQ(third.entries.size(), 1U);
    EXPECT_TRUE(third.entries.begin()->second.damage.starts_with("packed in an unknown way (11111111-")) << third.entries.begin()->second.damage;
}

/// A store with variables in force, deleted and cut.
Buffer variables(bool authenticated) {
    Buffer store = guid(authenticated ? "AAF32C78-947B-439A-A180-2E144EC37792" : "DDCF3616-3275-4164-98B6-FE85707FFE7D");
    put_number(store, 16, 900, 4);
    store.resize(28);
    store[20] = 0x5a;
    store[21] = 0xfe;
    const auto add = [&](std::string_view name, std::uint8_t state, std::string_view data) {
        const std::size_t header = authenticated ? 60 : 32;
        const std::size_t at = (store.size() + 3) / 4 * 4;
        store.resize(at + header);
        put_number(store, at, 0x55aa, 2);
        store[at + 2] = state;
        put_number(store, at + (authenticated ? 36 : 8), wide(name).size(), 4);
        put_number(store, at + (authenticated ? 40 : 12), data.size(), 4);
        std::ranges::copy(guid(kOne), store.begin() + static_cast<std::ptrdiff_t>(at + header - 16));
        append(store, wide(name));
        append(store, as_bytes(data));
    };
    add("Timeout", 0x3f, "\x05");
    add("Old", 0x3c, "old");
    add("BootOrder", 0x3f, "order");
    store.resize(900, 0xff);
    Buffer body = volume({}, 4096, "FFF12B8D-7696-4C8B-A985-2747075B4F50");
    std::ranges::copy(store, body.begin() + 72);
    return body;
}

TEST(Uefi, Variables) {
    for (const bool authenticated : {false, true}) {
        CollectingSink sink;
        ASSERT_TRUE(read_firmware_volume(variables(authenticated), {}, sink).has_value());
        EXPECT_EQ(sink.entries.size(), 3U);
        EXPECT_EQ(sink.entries[fmt::format("variables/Timeout-{}", kOne)].content, "\x05");
        EXPECT_EQ(sink.entries[fmt::format("variables/BootOrder-{}", kOne)].content, "order");
        EXPECT_EQ(sink.entries[fmt::format("variables/deleted/Old-{}", kOne)].content, "old");
    }
}

TEST(Uefi, Capsules) {
    const Workshop shop;
    shop.write("payload", shop.run("seq 1 3000 | gzip -n"));
    (void)shop.run("openssl genrsa -out k.pem 2048 && openssl req -batch -new -x509 -key k.pem -out c.pem");
    for (const bool with_signature : {false, true}) {
        const Buffer image = shop.run(fmt::format("mkeficapsule -g {} -i 1 {} payload out >log && cat out", kOne, with_signature ? "-m 1 -p k.pem -c c.pem" : ""));
        const auto tree = making::unpacked(joined({noise(31, 1), image, noise(90, 2)}));
        EXPECT_TRUE(making::find(*tree, "uefi-capsule@0x1f/payload0/gzip@0x0/data").has_value()) << making::tables(*tree);
        EXPECT_EQ(tree->regions()[1].size, image.size());
        EXPECT_EQ(tree->regions()[1].description, fmt::format("UEFI capsule, firmware management; payload 0 for {}{}", kOne, with_signature ? ", signed (not verified: no key is at hand)" : ""));
        EXPECT_EQ(making::find(*tree, "/signature0").has_value(), with_signature);
        const auto payload = making::find(*tree, "/payload0");
        ASSERT_TRUE(payload.has_value());
        EXPECT_TRUE(std::ranges::equal(tree->bytes(*payload), shop.read("payload")));
    }
    shop.write("payload", as_bytes("short"));
    boot_test::expect_no_harm(identify_capsule, split_capsule, nullptr, shop.run(fmt::format("mkeficapsule -g {} -i 1 payload out >log && cat out", kOne)));
}

TEST(Uefi, CapsuleOfAVendor) {
    Buffer image = guid("4A3CA68B-7723-48FB-803D-578CC1FEC44D");
    put_number(image, 16, 80, 4);
    const Buffer inner = volume({file(kOne, 7, program("Shell", "shell program"))}, 1024);
    put_number(image, 24, 80 + inner.size(), 4);
    image.resize(80);
    append(image, inner);
    const auto found = identify_capsule(image);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->description, "UEFI capsule, AMI Aptio, signed");
    const auto parts = split_capsule(image);
    ASSERT_EQ(parts->parts.size(), 1U);
    EXPECT_EQ(parts->parts[0].offset, 80U);
    EXPECT_EQ(parts->parts[0].size, 1024U);
}

TEST(Uefi, IntelFlash) {
    Buffer image(4096, 0xff);
    put_number(image, 16, 0x0ff0a55a, 4);
    put_number(image, 20, 0x00040003, 4);
    for (std::size_t i = 0; i < 16; ++i)
        put_number(image, 0x40 + 4 * i, 0x7fff, 4);
    put_number(image, 0x40, 0, 4);
    put_number(image, 0x44, 0x00020002, 4);  // BIOS: the third block
    put_number(image, 0x48, 0x00010001, 4);  // ME: the second
    append(image, noise(4096, 7));
    Buffer bios = volume({file(kOne, 7, program("Shell", "shell program"))}, 4096);
    append(image, bios);
    const auto tree = making::unpacked(joined({image, noise(100, 1)}));
    EXPECT_EQ(tree->regions()[0].description, "Intel flash: descriptor at 0x0, me at 0x1000, bios at 0x2000");
    EXPECT_EQ(tree->regions()[0].size, 0x3000U);
    EXPECT_TRUE(making::find(*tree, "intel-flash@0x0/bios/firmware-volume@0x0/Shell.efi").has_value()) << making::tables(*tree);
    EXPECT_TRUE(making::find(*tree, "intel-flash@0x0/me").has_value());
    image.resize(4500);
    boot_test::expect_no_harm(identify_flash_descriptor, split_flash_descriptor, nullptr, image, 1000);
}

TEST(Uefi, DamageOfEveryKind) {
    const Buffer inner = volume({file(kTwo, 7, program("Inner", "inner"))}, 512);
    const Buffer image = volume({file(kOne, 7, program("Shell", "shell program"), true), file(kTwo, 9, standard(program("Efi", "packed"), 4)), file(kTwo, 0x0b, section(0x17, inner))}, 2560);
    boot_test::expect_no_harm(identify_firmware_volume, nullptr, read_firmware_volume, image, 3000);
    boot_test::expect_no_harm(identify_firmware_volume, nullptr, read_firmware_volume, Buffer(variables(true)), 1000);
}

}  // namespace
}  // namespace shirushi::unpack
