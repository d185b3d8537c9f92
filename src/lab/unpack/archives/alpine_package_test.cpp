// Alpine's packages and indexes of version 3, made by a writer: apk-tools are not in Debian.

#include "unpack/archives/alpine_package.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "unpack/archives/adb.hpp"
#include "unpack/archives/archive_checks.hpp"
#include "unpack/hostile_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;
using Value = std::uint32_t;

/// A tree of values, as it stands in the first block.
class TreeWriter {
public:
    TreeWriter() { writer_.u8(0).u8(0).u16(0).u32(0); }

    Value number(std::uint64_t value) {
        if (value < 0x10000000)
            return 0x10000000U | static_cast<Value>(value);
        const Value at = place(8);
        const bool wide = value > 0xffffffff;
        writer_.number(value, wide ? 8 : 4);
        return (wide ? 0x30000000U : 0x20000000U) | at;
    }
    Value blob(std::string_view content) {
        const int width = content.size() < 256 ? 1 : content.size() < 65536 ? 2 : 4;
        const Value at = place(static_cast<std::size_t>(width));
        writer_.number(content.size(), width).text(content);
        return (width == 1 ? 0x80000000U : width == 2 ? 0x90000000U : 0xa0000000U) | at;
    }
    Value array(const std::vector<Value>& members) { return 0xd0000000U | list(members); }
    Value object(const std::vector<Value>& members) { return 0xe0000000U | list(members); }
    Buffer finish(Value root) {
        writer_.put_at(4, root, 4);
        return writer_.made();
    }

private:
    Value place(std::size_t alignment) {
        while (writer_.size() % alignment != 0)
            writer_.u8(0);
        return static_cast<Value>(writer_.size());
    }
    Value list(const std::vector<Value>& members) {
        const Value at = place(4);
        writer_.u32(members.size() + 1);
        for (const Value member : members)
            writer_.u32(member);
        return at;
    }
    Writer writer_;
};

Buffer block(unsigned type, Bytes content, bool extended = false) {
    Writer writer;
    if (extended)
        writer.u32(3U << 30U | type).u32(0).u64(content.size() + 16);
    else
        writer.u32(type << 30U | (content.size() + 4));
    writer.bytes(content);
    writer.to((writer.size() + 7) / 8 * 8);
    return writer.made();
}

Buffer content_block(std::uint32_t folder, std::uint32_t file, std::string_view content, bool extended = false) { return block(2, Writer().u32(folder).u32(file).text(content).made(), extended); }

Buffer with_header(std::string_view schema, const Buffer& blocks) { return making::joined({as_bytes("ADB."), as_bytes(schema), blocks}); }

const std::string& passwd() {
    static const std::string kText = "root:x:0:0::/root:/bin/sh\n";
    return kText;
}
const std::string& numbers() {
    static const std::string kText = sample_text(3000, 1);
    return kText;
}

Value access(TreeWriter& tree, unsigned mode, std::string_view user) { return tree.object({tree.number(mode), tree.blob(user), tree.blob("root")}); }

Value plain_file(TreeWriter& tree, std::string_view name, unsigned mode, std::string_view user, std::string_view content) {
    const Digest digest = crypto::sha256(as_bytes(content));
    return tree.object({tree.blob(name), access(tree, mode, user), content.empty() ? 0 : tree.number(content.size()), tree.number(1577934245), tree.blob(as_text(digest.bytes))});
}

Value link(TreeWriter& tree, std::string_view name, unsigned kind, std::string_view target) {
    return tree.object({tree.blob(name), access(tree, 0777, "root"), 0, tree.number(1577934245), 0, tree.blob(std::string{'\0', static_cast<char>(kind << 4U)} + std::string(target))});
}

Buffer package_tree() {
    TreeWriter tree;
    const Value info = tree.object({tree.blob("tool"), tree.blob("1.2.3-r4"), 0, tree.blob("A tool"), tree.blob("aarch64"), tree.blob("MIT")});
    const Value root = tree.object({0, access(tree, 0755, "root"), 0});
    const Value etc = tree.object({tree.blob("etc"), access(tree, 0750, "root"),
                                   tree.array({plain_file(tree, "empty", 0600, "root", ""), plain_file(tree, "numbers", 04755, "daemon", numbers()), plain_file(tree, "passwd", 0644, "root", passwd())})});
    const Value lib = tree.object({tree.blob("usr/lib"), access(tree, 0755, "root"),
                                   tree.array({link(tree, "fifo", 1, "12345678"), link(tree, "link", 10, "../../etc/passwd"), link(tree, "twin", 8, "etc/passwd")})});
    const Value scripts = tree.object({0, tree.blob("#!/bin/sh\necho hi\n")});
    return tree.finish(tree.object({info, tree.array({root, etc, lib}), scripts}));
}

Buffer package(bool extended = false) {
    return with_header("pckg", making::joined({block(0, package_tree(), extended), block(1, Writer().u8(0).u8(3).fill(7, 80).made()), content_block(2, 2, numbers()), content_block(2, 3, passwd(), extended)}));
}

Buffer index() {
    TreeWriter tree;
    const Value one = tree.object({tree.blob("busybox"), tree.blob("1.36.1-r2"), 0, 0, tree.blob("x86_64"), tree.blob("GPL-2.0-only")});
    const Value two = tree.object({tree.blob("musl"), tree.blob("1.2.4-r1"), 0, 0, tree.blob("x86_64"), tree.blob("MIT")});
    return with_header("indx", block(0, tree.finish(tree.object({tree.blob("main v3.22"), tree.array({one, two})}))));
}

Buffer deflated(const Buffer& content) {
    const making::Workshop shop;
    shop.write("content", content);
    const Buffer zipped = shop.run("gzip -9 -n < content");
    return making::joined({as_bytes("ADBd"), Bytes(zipped).subspan(10, zipped.size() - 18)});
}

Buffer zstandard(const Buffer& content) {
    const making::Workshop shop;
    shop.write("content", content);
    return making::joined({as_bytes(std::string_view("ADBc\x02\x03", 6)), shop.run("zstd -q -3 < content")});
}

void expect_package(const CollectingSink& sink) {
    EXPECT_EQ(9U, sink.entries.size());
    EXPECT_EQ(0, sink.misuses);
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ("", entry.damage) << path;
    const auto& entries = sink.entries;
    EXPECT_EQ(FileKind::directory, entries.at("etc").info.kind);
    EXPECT_EQ(0750U, entries.at("etc").info.mode);
    EXPECT_EQ(numbers(), entries.at("etc/numbers").content);
    EXPECT_EQ(04755U, entries.at("etc/numbers").info.mode);
    EXPECT_EQ(65534U, entries.at("etc/numbers").info.uid);
    EXPECT_EQ(1577934245, entries.at("etc/numbers").info.modified);
    EXPECT_EQ(passwd(), entries.at("etc/passwd").content);
    EXPECT_EQ(0U, entries.at("etc/passwd").info.uid);
    EXPECT_EQ("", entries.at("etc/empty").content);
    EXPECT_EQ(FileKind::symlink, entries.at("usr/lib/link").info.kind);
    EXPECT_EQ("../../etc/passwd", entries.at("usr/lib/link").info.target);
    EXPECT_EQ(passwd(), entries.at("usr/lib/twin").content);
    EXPECT_EQ(FileKind::fifo, entries.at("usr/lib/fifo").info.kind);
    EXPECT_EQ("#!/bin/sh\necho hi\n", entries.at(".pre-install").content);
}

TEST(AlpinePackage, FilesLinksAndScripts) {
    for (const bool extended : {false, true}) {
        const Buffer image = package(extended);
        const auto found = identify_apk_v3(making::joined({image, making::noise(100, 1)}));
        ASSERT_TRUE(found);
        EXPECT_EQ(image.size(), found->size);
        EXPECT_EQ("package tool 1.2.3-r4 for aarch64, 3 folders, 2 files with content, 1 signatures", found->description);
        CollectingSink sink;
        ASSERT_TRUE(read_apk_v3(image, {}, sink));
        expect_package(sink);
    }
}

TEST(AlpinePackage, IsFoundAmongOtherBytes) {
    for (const auto& [image, inner] : {std::pair(package(), "apk-v3@0x4d"), std::pair(deflated(package()), "apk-v3@0x4d/data/apk-v3@0x0"), std::pair(zstandard(package()), "apk-v3@0x4d/data/apk-v3@0x0")}) {
        const auto tree = making::unpacked(making::joined({making::noise(77, 1), image, making::noise(300, 2)}));
        const auto container = making::find(*tree, "apk-v3@0x4d");
        ASSERT_TRUE(container) << making::tables(*tree);
        EXPECT_EQ(image.size(), tree->node(*container).size);
        EXPECT_EQ("", tree->node(*container).damage);
        const auto file = making::find(*tree, fmt::format("{}/etc/numbers", inner));
        ASSERT_TRUE(file) << making::tables(*tree);
        EXPECT_EQ(numbers(), as_text(tree->bytes(*file)));
        making::expect_covered(*tree);
    }
}

TEST(AlpinePackage, IndexIsListed) {
    const auto found = identify_apk_v3(index());
    ASSERT_TRUE(found);
    EXPECT_EQ("index of 2 packages: main v3.22, 0 signatures", found->description);
    CollectingSink sink;
    ASSERT_TRUE(read_apk_v3(index(), {}, sink));
    EXPECT_TRUE(sink.entries.at("packages").stream);
    EXPECT_EQ("busybox 1.36.1-r2 x86_64 GPL-2.0-only\nmusl 1.2.4-r1 x86_64 MIT\n", sink.entries.at("packages").content);
    const auto tree = making::unpacked(zstandard(index()));
    EXPECT_TRUE(making::find(*tree, "apk-v3@0x0/data/apk-v3@0x0/packages").has_value()) << making::tables(*tree);
}

TEST(AlpinePackage, SaysWhatIsDamaged) {
    Buffer changed = package();
    changed[changed.size() - 10] ^= 1U;  // in the content of passwd
    CollectingSink sink;
    ASSERT_TRUE(read_apk_v3(changed, {}, sink));
    EXPECT_EQ("its SHA-256 does not match", sink.entries.at("etc/passwd").damage);
    EXPECT_EQ("", sink.entries.at("etc/numbers").damage);
    const Buffer whole = package();
    const Bytes cut = Bytes(whole).first(whole.size() - 100);
    EXPECT_THAT(identify_apk_v3(cut)->description, HasSubstr("cut off"));
    CollectingSink second;
    EXPECT_FALSE(read_apk_v3(cut, {}, second));
    EXPECT_EQ("its content is not in the package", second.entries.at("etc/passwd").damage);
    EXPECT_THAT(second.entries.at("etc/numbers").damage, HasSubstr("cut off"));
    CollectingSink third;
    EXPECT_FALSE(read_packed_apk_v3(making::joined({as_bytes("ADBd"), Bytes(deflated(Buffer(100, 'x'))).subspan(4)}), {}, third));
    EXPECT_TRUE(third.entries.empty()) << "compressed, but no package";
}

TEST(AlpinePackage, NumbersOfEverySize) {
    TreeWriter writer;
    const Value small = writer.number(12);
    const Value word = writer.number(0x87654321);
    const Value wide = writer.number(0x1234567887654321);
    const std::string text(300, 't');
    const std::string longer(70000, 'l');
    const Value list = writer.array({small, word, wide, writer.blob(text), writer.blob(longer)});
    const Buffer bytes = writer.finish(list);
    const AdbTree tree{Bytes(bytes)};
    ASSERT_EQ(5U, tree.count(tree.root()));
    EXPECT_EQ(12U, tree.number(tree.member(list, 1)));
    EXPECT_EQ(0x87654321U, tree.number(tree.member(list, 2)));
    EXPECT_EQ(0x1234567887654321U, tree.number(tree.member(list, 3)));
    EXPECT_EQ(text, tree.text(tree.member(list, 4)));
    EXPECT_EQ(longer, tree.text(tree.member(list, 5)));
    EXPECT_EQ(0U, tree.member(list, 6));
    EXPECT_EQ(0U, tree.member(list, 0));
    EXPECT_EQ("", tree.text(small));
    EXPECT_EQ(0U, tree.count(small));
}

TEST(AlpinePackage, SurvivesCutsAndFlips) {
    const Parser plain{.identify = identify_apk_v3, .decode = read_apk_v3};
    const Parser packed{.identify = identify_packed_apk_v3, .decode = read_packed_apk_v3};
    cut_everywhere(package(), plain);
    change_bytes(package(), plain, 2000, false);
    cut_everywhere(index(), {.identify = identify_apk_v3});
    change_bytes(index(), plain, 2000, false);
    for (const Buffer& image : {deflated(package()), zstandard(package())}) {
        CollectingSink whole;
        ASSERT_TRUE(packed.run(image, whole));
        for (std::size_t size = 0; size < image.size(); size += 3) {
            CollectingSink sink;
            packed.run(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)), sink);
        }
        change_bytes(image, packed, 200, false);
    }
}

}  // namespace
}  // namespace shirushi::unpack
