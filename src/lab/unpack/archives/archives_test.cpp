// 7z, cabinets, LZH, RAR, and what tar, cpio and zip have beyond the usual.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/archives/archive_checks.hpp"
#include "unpack/archives/archives.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;
using testing::HasSubstr;

struct SevenZipCase {
    const char* name;
    const char* options;
};

class SevenZip : public testing::TestWithParam<SevenZipCase> {};

TEST_P(SevenZip, HoldsItsFiles) {
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 30000 > etc/numbers; cp /bin/true program; : > empty; echo text > 'a name'");
    expect_inside(shop, shop.run(fmt::format("7zz a -bd -y {} x.7z etc program empty 'a name' >/dev/null; cat x.7z", GetParam().options)), "7z", {"etc/numbers", "program", "empty", "a name"});
}

INSTANTIATE_TEST_SUITE_P(Formats, SevenZip,
                         testing::Values(SevenZipCase{"Lzma2", ""}, SevenZipCase{"Lzma", "-m0=LZMA"}, SevenZipCase{"Bcj", "-m0=BCJ -m1=LZMA2"}, SevenZipCase{"Bcj2", "-m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3"},
                                         SevenZipCase{"Deflate", "-m0=Deflate"}, SevenZipCase{"Bzip2", "-m0=BZip2"}, SevenZipCase{"Stored", "-m0=Copy"},
                                         SevenZipCase{"NotSolid", "-ms=off"}, SevenZipCase{"PlainHeader", "-mhc=off"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SevenZipArchive, PpmdAsFarAsTheLibraryReadsIt) {
    // libarchive 3.6.2 reads text; of some programs it says (wrongly) that the archive is damaged, which is passed on.
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 30000 > etc/numbers");
    expect_inside(shop, shop.run("7zz a -bd -m0=PPMd x.7z etc >/dev/null; cat x.7z"), "7z", {"etc/numbers"});
    CollectingSink sink;
    EXPECT_FALSE(read_seven_zip(shop.run("7zz a -bd -m0=PPMd y.7z /bin/true >/dev/null; cat y.7z"), {}, sink));
}

TEST(SevenZipArchive, SaysWhatIsEncrypted) {
    const Workshop shop;
    const Buffer names = shop.run("seq 1 900 > one; echo two > two; 7zz a -bd -psecret -mhe=on x.7z one two >/dev/null; cat x.7z");
    const auto found = identify_seven_zip(names);
    ASSERT_TRUE(found);
    EXPECT_EQ("AES-256, names too, as 7z's header says", found->encrypted);
    EXPECT_EQ(names.size(), found->size);
    CollectingSink sink;
    EXPECT_TRUE(read_seven_zip(names, {}, sink));
    EXPECT_TRUE(sink.entries.empty());
    const auto tree = making::unpacked(names);
    EXPECT_EQ(RegionKind::encrypted, tree->regions()[0].kind);

    const Buffer contents = shop.run("7zz a -bd -psecret y.7z one two >/dev/null; cat y.7z");
    EXPECT_EQ("", identify_seven_zip(contents)->encrypted);
    CollectingSink inside;
    (void)read_seven_zip(contents, {}, inside);
    EXPECT_TRUE(inside.entries.contains("one"));
    for (const auto& [path, entry] : inside.entries) {
        EXPECT_NE("", entry.damage) << path;
        EXPECT_EQ("", entry.content) << path;
    }
}

TEST(SevenZipArchive, SurvivesCutsAndFlips) {
    const Workshop shop;
    expect_robust(identify_seven_zip, read_seven_zip, shop.run("seq 1 300 > one; echo two > two; 7zz a -bd x.7z one two >/dev/null; cat x.7z"), 300, true);
    const Buffer whole = shop.read("x.7z");
    EXPECT_THAT(identify_seven_zip(Bytes(whole).first(whole.size() - 9))->description, HasSubstr("cut off"));
}

TEST(Cabinet, StoredAndMszip) {
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 30000 > etc/numbers; echo hi > hi");
    for (const auto& [options, said] : {std::pair("-c -z", "2 files, MSZIP"), std::pair("-c", "2 files, stored")}) {
        const Buffer image = shop.run(fmt::format("rm -f x.cab; gcab {} x.cab etc/numbers hi; cat x.cab", options));
        EXPECT_EQ(said, identify_cab(image)->description);
        expect_inside(shop, image, "cab", {"etc/numbers", "hi"});
    }
}

TEST(Cabinet, SurvivesCutsAndFlips) {
    const Workshop shop;
    const Buffer image = shop.run("seq 1 300 > one; echo two > two; gcab -c -z x.cab one two; cat x.cab");
    expect_robust(identify_cab, read_cab, image, 300, false);
    EXPECT_THAT(identify_cab(Bytes(image).first(image.size() - 1))->description, HasSubstr("cut off"));
    // One of a set: the header names the cabinet that follows.
    Buffer set = image;
    set[30] = 2;
    set[16] += 14;  // the tables move behind the names
    const Buffer names = joined({Bytes(set).first(36), as_bytes(std::string_view("x2.cab\0disk 2\0", 14)), Bytes(set).subspan(36)});
    ASSERT_TRUE(identify_cab(names));
    EXPECT_THAT(identify_cab(names)->description, HasSubstr("number 1 of a set, goes on in x2.cab"));
}

TEST(Lzh, EveryMethodAndHeaderLevel) {
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 30000 > etc/numbers; head -c 3000 /dev/zero > zeros; cp /bin/true program");
    for (const char* options : {"", "o5", "o6", "o7", "z", "0", "1", "2"}) {
        const Buffer image = shop.run(fmt::format("rm -f x.lzh; jlha c{} x.lzh etc/numbers zeros program >/dev/null; cat x.lzh", options));
        const auto found = identify_lzh(image);
        ASSERT_TRUE(found) << options;
        EXPECT_EQ(image.size(), found->size) << options;
        EXPECT_THAT(found->description, HasSubstr("3 members, header level"));
        CollectingSink sink;
        const auto read = read_lzh(image, {}, sink);
        ASSERT_TRUE(read) << options << read.error().message;
        for (const char* name : {"etc/numbers", "zeros", "program"}) {
            ASSERT_TRUE(sink.entries.contains(name)) << options << " " << name;
            EXPECT_TRUE(sink.entries[name].content == as_text(shop.read(name))) << options << " " << name;
        }
    }
    expect_inside(shop, shop.read("x.lzh"), "lzh", {"etc/numbers", "zeros", "program"});
}

TEST(Lzh, SurvivesCutsAndFlips) {
    const Workshop shop;
    for (const char* level : {"0", "1", "2"})
        expect_robust(identify_lzh, read_lzh, shop.run(fmt::format("rm -f x.lzh; seq 1 300 > one; echo two > two; jlha c{} x.lzh one two >/dev/null; cat x.lzh", level)), 200, false);
}

/// RAR archives of stored files: there is no free program that makes them.
class RarWriter {
public:
    static Buffer old(const std::vector<std::pair<std::string, std::string>>& files, std::uint16_t archive_flags = 0) {
        Buffer all = text("Rar!\x1a\x07");
        all.push_back(0);
        Buffer head;
        for (const int part : {0x73, archive_flags & 0xff, archive_flags >> 8, 13, 0, 0, 0, 0, 0, 0, 0})
            head.push_back(static_cast<std::uint8_t>(part));
        all = joined({all, old_block(head)});
        for (const auto& [name, content] : files) {
            Buffer file{0x74, 0, 0x80};
            number(file, 32 + name.size(), 2);
            number(file, content.size(), 4);
            number(file, content.size(), 4);
            file.push_back(3);  // Unix
            number(file, crc32_z(0, as_bytes(content).data(), content.size()), 4);
            number(file, 0x50221000, 4);
            file.push_back(20);
            file.push_back(0x30);  // stored
            number(file, name.size(), 2);
            number(file, 0100644, 4);
            all = joined({all, old_block(joined({file, as_bytes(name)})), as_bytes(content)});
        }
        return joined({all, old_block({0x7b, 0, 0x40, 7, 0})});
    }
    static Buffer recent(const std::vector<std::pair<std::string, std::string>>& files) {
        Buffer all = joined({text("Rar!\x1a\x07\x01"), Buffer{0}, new_block({1, 0, 0})});
        for (const auto& [name, content] : files) {
            Buffer file{2, 2};
            variable(file, content.size());
            file.push_back(4);  // a CRC-32 is given
            variable(file, content.size());
            variable(file, 0100644);
            number(file, crc32_z(0, as_bytes(content).data(), content.size()), 4);
            variable(file, 0);  // stored
            file.push_back(1);  // Unix
            variable(file, name.size());
            all = joined({all, new_block(joined({file, as_bytes(name)})), as_bytes(content)});
        }
        return joined({all, new_block({5, 0, 0})});
    }
    static Buffer new_block(const Buffer& header) {
        Buffer body;
        variable(body, header.size());
        body = joined({body, header});
        Buffer block;
        number(block, crc32_z(0, body.data(), body.size()), 4);
        return joined({block, body});
    }

private:
    static Buffer text(std::string_view from) { return {as_bytes(from).begin(), as_bytes(from).end()}; }
    static void number(Buffer& to, std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    }
    static void variable(Buffer& to, std::uint64_t value) {
        for (; value > 127; value >>= 7U)
            to.push_back(static_cast<std::uint8_t>(value | 0x80U));
        to.push_back(static_cast<std::uint8_t>(value));
    }
    static Buffer old_block(const Buffer& header) {
        Buffer block;
        number(block, crc32_z(0, header.data(), header.size()), 2);
        return joined({block, header});
    }
};

TEST(Rar, StoredFilesOfBothVersions) {
    const Workshop shop;
    (void)shop.run("seq 1 3000 > numbers; echo hi > hi");
    const std::vector<std::pair<std::string, std::string>> files{{"numbers", std::string(as_text(shop.read("numbers")))}, {"hi", "hi\n"}};
    const Buffer old = RarWriter::old(files);
    const Buffer recent = RarWriter::recent(files);
    EXPECT_EQ("version 1.5 to 4, 2 files", identify_rar(old)->description);
    EXPECT_EQ("version 5, 2 files", identify_rar(recent)->description);
    expect_inside(shop, old, "rar", {"numbers", "hi"});
    expect_inside(shop, recent, "rar", {"numbers", "hi"});
    shop.write("old.rar", old);
    shop.write("new.rar", recent);
    (void)shop.run("bsdtar -xOf old.rar numbers | cmp - numbers; bsdtar -xOf new.rar numbers | cmp - numbers");
    const std::vector<std::pair<std::string, std::string>> small{{"a", std::string(200, 'a')}, {"b", "bb"}};
    expect_robust(identify_rar, read_rar, RarWriter::old(small), 300, false);
    expect_robust(identify_rar, read_rar, RarWriter::recent(small), 300, false);
}

TEST(Rar, EncryptedHeadersAreSaid) {
    const Buffer old = joined({RarWriter::old({}, 0x80), noise(100, 1)});
    EXPECT_THAT(identify_rar(old)->encrypted, HasSubstr("AES-128"));
    EXPECT_EQ(old.size(), identify_rar(old)->size);
    const Buffer recent = joined({as_bytes(std::string_view("Rar!\x1a\x07\x01\0", 8)), RarWriter::new_block({4, 0, 0, 0, 15, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}), noise(100, 1)});
    EXPECT_THAT(identify_rar(recent)->encrypted, HasSubstr("AES-256"));
    CollectingSink sink;
    EXPECT_TRUE(read_rar(recent, {}, sink));
    EXPECT_TRUE(sink.entries.empty());
}

TEST(ZipArchive, LargeForwardOnlyAndWithAPrefix) {
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 30000 > etc/numbers; echo hi > hi; chmod 4755 hi");
    expect_inside(shop, shop.run("zip -q -fz -r x.zip etc hi; cat x.zip"), "zip", {"etc/numbers", "hi"});
    expect_inside(shop, shop.run("zip -q -fd -r y.zip etc hi; cat y.zip"), "zip", {"etc/numbers", "hi"});
    expect_inside(shop, shop.run("zip -q -r - etc hi | cat"), "zip", {"etc/numbers", "hi"});
    // A self-extracting one: its offsets count from the start of the program.
    const Buffer sfx = shop.run("head -c 3001 /dev/zero | tr '\\0' x > sfx; zip -q -r z.zip etc hi; cat z.zip >> sfx; zip -q -A sfx; cat sfx");
    const auto tree = making::unpacked(sfx);
    const auto container = making::find(*tree, "zip@0xbb9");
    ASSERT_TRUE(container) << making::tables(*tree);
    EXPECT_THAT(tree->node(*container).description, HasSubstr("3 members, with 3001 bytes before it"));
    EXPECT_EQ(sfx.size() - 3001, tree->node(*container).size);
    EXPECT_EQ(04755U, tree->node(making::find(*tree, "zip@0xbb9/hi").value()).file.mode);
    EXPECT_TRUE(std::ranges::equal(tree->bytes(making::find(*tree, "zip@0xbb9/etc/numbers").value()), shop.read("etc/numbers")));
}

TEST(ZipArchive, SaysWhatItCannotRead) {
    const Workshop shop;
    const Buffer encrypted = shop.run("seq 1 3000 > one; echo two > two; zip -q -P secret x.zip one two; cat x.zip");
    EXPECT_EQ("every file, as its directory says", identify_zip(encrypted)->encrypted);
    const Buffer mixed = shop.run("zip -q -P secret y.zip one; zip -q y.zip two; cat y.zip");
    EXPECT_EQ("2 members, 1 encrypted", identify_zip(mixed)->description);
    CollectingSink sink;
    (void)read_zip(mixed, {}, sink);
    EXPECT_EQ("it is encrypted", sink.entries["one"].damage);
    EXPECT_EQ("two\n", sink.entries["two"].content);
    const Buffer large_window = shop.run("7zz a -bd -tzip -mm=Deflate64 w.zip one two >/dev/null; cat w.zip");
    EXPECT_THAT(identify_zip(large_window)->description, HasSubstr("by methods that are not read"));
    CollectingSink other;
    (void)read_zip(large_window, {}, other);
    EXPECT_NE("", other.entries["one"].damage);
}

TEST(ZipArchive, ManyMethodsAndForeignNames) {
    const Workshop shop;
    (void)shop.run("seq 1 9000 > numbers");
    for (const char* method : {"BZip2", "LZMA", "PPMd", "Copy", "Deflate"})
        expect_inside(shop, shop.run(fmt::format("rm -f m.zip; 7zz a -bd -tzip -mm={} m.zip numbers >/dev/null; cat m.zip", method)), "zip", {"numbers"});
    // A name in CP932 without the UTF-8 flag: its bytes are kept.
    Buffer named = shop.run("echo x > AAAA.txt; zip -q n.zip AAAA.txt; cat n.zip");
    std::string text(as_text(named));
    for (std::size_t at = text.find("AAAA"); at != std::string::npos; at = text.find("AAAA"))
        text.replace(at, 4, "\x93\xfa\x96\x7b");
    CollectingSink sink;
    ASSERT_TRUE(read_zip(as_bytes(text), {}, sink));
    EXPECT_TRUE(sink.entries.contains("\x93\xfa\x96\x7b.txt"));
}

TEST(ZipArchive, SurvivesCutsAndFlips) {
    const Workshop shop;
    // Two changes at once can make headers that contradict the directory, of which libarchive believes one: contents are not compared.
    expect_robust(identify_zip, read_zip, shop.run("seq 1 200 > one; echo two > two; zip -q x.zip one two; cat x.zip"), 300, false);
    Buffer shifted = shop.run("printf 'before' > s; cat x.zip >> s; zip -q -A s; tail -c +7 s");
    expect_robust(identify_zip, read_zip, shifted, 300, false);
}

TEST(TarArchive, OldOnesWithoutAMagic) {
    const Workshop shop;
    (void)shop.run("mkdir etc; seq 1 3000 > etc/numbers; echo hi > hi");
    const Buffer image = shop.run("tar --format=v7 -cf - etc hi");
    const auto tree = making::unpacked(image);
    EXPECT_TRUE(std::ranges::equal(tree->bytes(making::find(*tree, "tar@0x0/etc/numbers").value()), shop.read("etc/numbers")));
    EXPECT_FALSE(identify_old_tar(noise(4096, 1)));
    EXPECT_FALSE(identify_old_tar(Buffer(4096, 0)));
}

TEST(TarArchive, SparseFilesOfEveryKind) {
    const Workshop shop;
    (void)shop.run("truncate -s 3M sparse; for i in $(seq 0 40); do printf 'piece %d' $i | dd of=sparse bs=1 seek=$((i * 65536 + 7)) conv=notrunc 2>/dev/null; done; echo hi > hi");
    for (const char* format : {"--format=gnu", "--format=pax --sparse-version=0.0", "--format=pax --sparse-version=0.1", "--format=pax --sparse-version=1.0"}) {
        const Buffer image = shop.run(fmt::format("tar {} -S -cf - sparse hi", format));
        const auto found = identify_tar(image);
        ASSERT_TRUE(found) << format;
        EXPECT_EQ(image.size(), found->size) << format;
        EXPECT_THAT(found->description, testing::Not(HasSubstr("cut off"))) << format;
        CollectingSink sink;
        const auto read = read_tar(image, {}, sink);
        ASSERT_TRUE(read) << format << read.error().message;
        ASSERT_TRUE(sink.entries.contains("sparse")) << format;
        EXPECT_TRUE(sink.entries["sparse"].content == as_text(shop.read("sparse"))) << format;
        EXPECT_EQ("hi\n", sink.entries["hi"].content);
    }
}

TEST(TarArchive, LongNamesAndSizesInPax) {
    const Workshop shop;
    const std::string name = std::string(90, 'd') + "/" + std::string(120, 'f');
    (void)shop.run(fmt::format("mkdir {}; echo deep > {}", std::string(90, 'd'), name));
    for (const char* format : {"gnu", "ustar", "pax", "oldgnu"}) {
        if (std::string_view(format) == "ustar")
            continue;  // it cannot hold a last part of more than 100 bytes
        CollectingSink sink;
        ASSERT_TRUE(read_tar(shop.run(fmt::format("tar --format={} -cf - {}", format, name)), {}, sink)) << format;
        EXPECT_EQ("deep\n", sink.entries[name].content) << format;
    }
    // "size=" of a pax header counts more than the field: a header says 0, and the content follows all the same.
    Buffer image = shop.run("echo content > c; tar --format=pax --pax-option=size:=8,mtime:=1 -cf - c");
    const auto found = identify_tar(image);
    ASSERT_TRUE(found);
    EXPECT_EQ(image.size(), found->size);
}

TEST(TarArchive, SurvivesCutsAndFlips) {
    const Workshop shop;
    expect_robust(identify_tar, read_tar, shop.run("seq 1 100 > one; echo two > two; tar --format=pax -b 1 -cf - one two"), 300, false);
    expect_robust(identify_old_tar, read_tar, shop.run("tar --format=v7 -b 1 -cf - one two"), 200, false);
}

TEST(CpioArchive, HardLinkedContentsAndEqualNames) {
    const Workshop shop;
    (void)shop.run("mkdir d; echo linked > d/a; ln d/a d/b; ln d/a d/c");
    for (const char* format : {"newc", "crc", "odc", "bin"}) {
        CollectingSink sink;
        ASSERT_TRUE(read_cpio(shop.run(fmt::format("printf 'd/a\\nd/b\\nd/c\\n' | cpio -o -H {}", format)), {}, sink)) << format;
        for (const char* name : {"d/a", "d/b", "d/c"})
            EXPECT_EQ("linked\n", sink.entries[name].content) << format << name;
    }
    // The same name twice: both are handed out, and the tree keeps them apart.
    const auto tree = making::unpacked(shop.run("echo one > x; printf 'x\\nx\\n' | cpio -o -H newc"));
    std::size_t files = 0;
    for (std::uint32_t i = 0; i < tree->size(); ++i)
        files += tree->node(NodeId{i}).kind == NodeKind::entry ? 1 : 0;
    EXPECT_EQ(2U, files);
    expect_robust(identify_cpio, read_cpio, shop.run("seq 1 60 > one; printf 'one\\nx\\n' | cpio -o -H crc"), 300, false);
}

}  // namespace
}  // namespace shirushi::unpack
