// ARJ archives as `arj` makes them.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/archives/archive_checks.hpp"
#include "unpack/archives/archives.hpp"

namespace shirushi::unpack {
namespace {

using making::Workshop;
using testing::HasSubstr;

constexpr const char* kFiles = "mkdir -p etc; seq 1 30000 > etc/numbers; head -c 3000 /dev/zero > zeros; cp /bin/true program; chmod 755 program; : > empty; echo hi > hi; "
                               "touch -d 2020-01-02T03:04:06Z hi; ";

Buffer archive(const Workshop& shop, const std::string& options, const std::string& files = "etc/numbers zeros program empty hi") {
    return shop.run(fmt::format("export TZ=UTC; rm -f x.arj; arj a {} -y x.arj {} >/dev/null; cat x.arj", options, files));
}

TEST(Arj, EveryMethod) {
    const Workshop shop;
    (void)shop.run(kFiles);
    for (const char* method : {"-m0", "-m1", "-m2", "-m3", "-m4", "-2a"}) {
        const Buffer image = archive(shop, method);
        const auto found = identify_arj(image);
        ASSERT_TRUE(found) << method;
        EXPECT_EQ(image.size(), found->size) << method;
        EXPECT_EQ("5 files", found->description);
        CollectingSink sink;
        const auto read = read_arj(image, {}, sink);
        ASSERT_TRUE(read) << method << read.error().message;
        EXPECT_EQ(5U, sink.entries.size());
        for (const char* name : {"etc/numbers", "zeros", "program", "empty", "hi"}) {
            ASSERT_TRUE(sink.entries.contains(name)) << method << " " << name;
            EXPECT_TRUE(sink.entries[name].content == as_text(shop.read(name))) << method << " " << name << " " << sink.entries[name].damage;
            EXPECT_EQ("", sink.entries[name].damage) << method << " " << name;
        }
        EXPECT_EQ(0755U, sink.entries["program"].info.mode);
        EXPECT_EQ(1577934246, sink.entries["hi"].info.modified);
    }
    expect_inside(shop, archive(shop, "-m1"), "arj", {"etc/numbers", "zeros", "program", "empty", "hi"});
}

TEST(Arj, FoldersLinksAndComments) {
    const Workshop shop;
    (void)shop.run("mkdir -p a/b; echo x > a/b/x; ln a/b/x a/b/y; ln -s ../x a/b/link; ln -s $(printf 'long%.0s' $(seq 10)) a/b/long; mkfifo a/b/fifo; echo words > comment");
    const Buffer image = archive(shop, "-r -a1 -zcomment", "a");
    CollectingSink sink;
    const auto read = read_arj(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ("x\n", sink.entries["a/b/x"].content);
    EXPECT_EQ("x\n", sink.entries["a/b/y"].content);
    EXPECT_EQ(FileKind::symlink, sink.entries["a/b/link"].info.kind);
    EXPECT_EQ("../x", sink.entries["a/b/link"].info.target);
    EXPECT_EQ("longlonglonglonglonglonglonglonglonglong", sink.entries["a/b/long"].info.target);
    EXPECT_EQ(FileKind::fifo, sink.entries["a/b/fifo"].info.kind);
    EXPECT_EQ(FileKind::directory, sink.entries["a/b"].info.kind);
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ("", entry.damage) << path;
    EXPECT_EQ(image.size(), identify_arj(image)->size);
    const Buffer seed = shop.run("arj a -r -a1 -y y.arj a >/dev/null; cat y.arj");
    expect_robust(identify_arj, read_arj, seed, 300, true);
}

TEST(Arj, SaysWhatIsGarbled) {
    const Workshop shop;
    (void)shop.run(kFiles);
    const Buffer all = archive(shop, "-gsecret");
    const auto found = identify_arj(all);
    ASSERT_TRUE(found);
    EXPECT_EQ("every file is garbled, as ARJ's headers say", found->encrypted);
    EXPECT_EQ(all.size(), found->size);
    EXPECT_EQ(RegionKind::encrypted, making::unpacked(all)->regions()[0].kind);
    // One more without a password.
    const Buffer some = shop.run("cp hi plain; arj a -y x.arj plain >/dev/null; cat x.arj");
    EXPECT_EQ("", identify_arj(some)->encrypted);
    EXPECT_THAT(identify_arj(some)->description, HasSubstr("6 files, 4 encrypted"));
    CollectingSink sink;
    ASSERT_TRUE(read_arj(some, {}, sink));
    EXPECT_THAT(sink.entries["program"].damage, HasSubstr("encrypted"));
    EXPECT_EQ("", sink.entries["program"].content);
    EXPECT_EQ("hi\n", sink.entries["plain"].content);
    EXPECT_EQ("", sink.entries["plain"].damage);
}

TEST(Arj, VolumesAreSaid) {
    const Workshop shop;
    (void)shop.run(kFiles);
    const Buffer image = archive(shop, "-v20k -m0", "etc/numbers");
    const auto found = identify_arj(image);
    ASSERT_TRUE(found);
    EXPECT_EQ("1 files, one volume of several", found->description);
    CollectingSink sink;
    ASSERT_TRUE(read_arj(image, {}, sink));
    EXPECT_THAT(sink.entries["etc/numbers"].damage, HasSubstr("a piece of a file"));
    EXPECT_TRUE(as_text(shop.read("etc/numbers")).starts_with(sink.entries["etc/numbers"].content));
    EXPECT_GT(sink.entries["etc/numbers"].content.size(), 10000U);
    CollectingSink second;
    ASSERT_TRUE(read_arj(shop.read("x.a01"), {}, second));
    EXPECT_THAT(second.entries["etc/numbers"].damage, HasSubstr("a piece of a file"));
}

TEST(Arj, SaysWhatIsDamaged) {
    const Workshop shop;
    (void)shop.run(kFiles);
    const Buffer image = archive(shop, "-m0", "hi");
    Buffer content = image;
    content[image.size() - 5] ^= 1U;  // the last byte before the end mark
    CollectingSink sink;
    ASSERT_TRUE(read_arj(content, {}, sink));
    EXPECT_EQ("its checksum does not match", sink.entries["hi"].damage);
    Buffer header = image;
    header[20] ^= 1U;
    EXPECT_FALSE(identify_arj(header)) << "the header has a checksum";
    EXPECT_THAT(identify_arj(Bytes(image).first(image.size() - 4))->description, HasSubstr("without an end mark"));
}

TEST(Arj, SurvivesCutsAndFlips) {
    const Workshop shop;
    (void)shop.run("seq 1 300 > one; echo two > two");
    for (const char* method : {"-m0", "-m1", "-m4"})
        expect_robust(identify_arj, read_arj, archive(shop, method, "one two"), 300, true);
}

}  // namespace
}  // namespace shirushi::unpack
