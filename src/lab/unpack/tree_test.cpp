#include <gtest/gtest.h>

#include "unpack/tree_builder.hpp"

namespace shirushi::unpack {
namespace {

struct Sample {
    NodeId system{};
    Tree tree;
};

Sample sample() {
    auto builder = TreeBuilder::owning(Buffer(1000));
    const NodeId system = builder.add_container(NodeId{0}, "squashfs", 0x40, 500, "");
    const Bytes passwd = builder.keep({'r', 'o', 'o', 't'});
    builder.add_entry(system, "etc/passwd", {.mode = 0644}, passwd);
    builder.add_entry(system, "bin", {.kind = FileKind::directory, .mode = 0711}, {});
    builder.add_entry(system, "bin/up", {.kind = FileKind::symlink, .target = "../../../etc/./passwd"}, {});
    builder.add_entry(system, "bin/abs", {.kind = FileKind::symlink, .target = "/etc"}, {});
    builder.add_entry(system, "bin/loop", {.kind = FileKind::symlink, .target = "loop"}, {});
    return {system, std::move(builder).finish()};
}

TEST(Tree, PathsAndContents) {
    const auto [system, tree] = sample();
    const auto found = tree.resolve(system, "/etc/passwd");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(tree.path(*found), "squashfs@0x40/etc/passwd");
    EXPECT_EQ(as_text(tree.bytes(*found)), "root");
    EXPECT_EQ(tree.file_system_of(*found), system);
    EXPECT_EQ(tree.node(*found).sha256->hex(), "4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2");
    EXPECT_EQ(tree.file_systems(), std::vector{system});
}

TEST(Tree, LinksNeverLeadOut) {
    const auto [system, tree] = sample();
    EXPECT_EQ(tree.resolve(system, "bin/up"), tree.resolve(system, "etc/passwd"));
    EXPECT_EQ(tree.resolve(system, "bin/abs/passwd"), tree.resolve(system, "etc/passwd"));
    EXPECT_EQ(tree.resolve(system, "../../etc/passwd"), tree.resolve(system, "etc/passwd"));
    EXPECT_EQ(tree.resolve(system, "bin/loop").error().code, Errc::not_found);
    EXPECT_EQ(tree.resolve(system, "bin/none").error().code, Errc::not_found);
}

TEST(Tree, HostileNamesStayInside) {
    auto builder = TreeBuilder::owning(Buffer(10));
    const NodeId archive = builder.add_container(NodeId{0}, "zip", 0, 10, "");
    builder.add_entry(archive, "../../etc/cron.d/x", {}, {});
    builder.add_entry(archive, "/abs\n\xff", {}, {});
    builder.add_entry(archive, "..", {}, {});
    std::string deep;
    for (int i = 0; i < 5000; ++i)
        deep += "d/";
    builder.add_entry(archive, deep + "file", {}, {});
    const Tree tree = std::move(builder).finish();
    EXPECT_TRUE(tree.resolve(archive, "etc/cron.d/x").has_value());
    EXPECT_TRUE(tree.resolve(archive, "abs\\x0a\\xff").has_value());
    EXPECT_EQ(tree.notes().size(), 2U);
    EXPECT_LT(tree.size(), 300U);
}

TEST(Tree, EntriesOfTheSameNameAreAllKept) {
    auto builder = TreeBuilder::owning(Buffer(10));
    const NodeId archive = builder.add_container(NodeId{0}, "tar", 0, 10, "");
    builder.add_entry(archive, "a/b", {}, builder.keep({'1'}));
    builder.add_entry(archive, "a/b", {}, builder.keep({'2'}));
    builder.add_entry(archive, "a", {.kind = FileKind::directory, .mode = 0700}, {});
    const Tree tree = std::move(builder).finish();
    EXPECT_EQ(as_text(tree.bytes(tree.resolve(archive, "a/b").value())), "1");
    EXPECT_EQ(as_text(tree.bytes(tree.resolve(archive, "a/b#2").value())), "2");
    EXPECT_EQ(tree.node(tree.resolve(archive, "a").value()).file.mode, 0700U);
    EXPECT_EQ(file_table(tree).rows.size(), 3U);
}

TEST(Tree, StoresEachContentOnce) {
    TreeBuilder builder = TreeBuilder::owning(Buffer(100, 1));
    const NodeId container = builder.add_container(NodeId{0}, "tar", 0, 100, "");
    const Bytes first = builder.keep(Buffer(50, 7));
    const Bytes same = builder.keep(Buffer(50, 7));
    const Bytes longer = builder.keep(Buffer(51, 7));
    const NodeId a = builder.add_entry(container, "a", {}, first);
    const NodeId b = builder.add_entry(container, "b", {}, same);
    const NodeId c = builder.add_entry(container, "c", {}, longer);
    const Tree tree = std::move(builder).finish();
    EXPECT_EQ(tree.bytes(a).data(), first.data());
    EXPECT_EQ(tree.bytes(b).data(), first.data());
    EXPECT_EQ(tree.bytes(b).size(), 50U);
    EXPECT_EQ(tree.bytes(c).data(), longer.data());
}

}  // namespace
}  // namespace shirushi::unpack
