#include "unpack/unpack.hpp"

#include <gtest/gtest.h>

#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using making::Workshop;

TEST(Unpack, GzippedTar) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("tar -C root -cf - . | gzip -n");
    const auto tree = making::unpacked(image);
    const auto found = making::find(*tree, "/etc/passwd");
    ASSERT_TRUE(found.has_value()) << making::tables(*tree);
    EXPECT_EQ(as_text(tree->bytes(*found)), "root:x:0:0::/root:/bin/sh\n");
    EXPECT_EQ(tree->path(*found), "gzip@0x0/data/tar@0x0/etc/passwd");
    EXPECT_EQ(tree->gaps(), std::vector<std::string>{});
    making::expect_covered(*tree);
}

TEST(Unpack, TheSameFileInManyPlacesIsStoredOnce) {
    const Workshop shop;
    // Larger than a page, at odd places, so that whole pages of the doubles go back to the system.
    const Buffer image = shop.run("mkdir a b; seq 1 9000 > a/x; cp a/x b/y; cp a/x a/z; seq 1 9001 > b/other; tar -cf - a b | gzip -n");
    const auto tree = making::unpacked(image);
    const Bytes first = tree->bytes(making::find(*tree, "/a/x").value());
    const Bytes other = tree->bytes(making::find(*tree, "/b/other").value());
    for (const char* name : {"/b/y", "/a/z"})
        EXPECT_EQ(tree->bytes(making::find(*tree, name).value()).data(), tree->bytes(making::find(*tree, "/a/z").value()).data());
    EXPECT_TRUE(as_text(first).starts_with("1\n2\n3\n"));
    EXPECT_TRUE(as_text(first).ends_with("8999\n9000\n"));
    EXPECT_EQ(as_text(other), std::string(as_text(first)) + "9001\n") << "what stands beside a double is untouched";
}

TEST(Unpack, ProgressGoesForwardToTheEnd) {
    const Workshop shop;
    const Buffer image = making::joined({shop.run("seq 1 9000 | gzip -n"), making::noise(5000, 1), shop.run("seq 1 9000 | xz")});
    std::uint64_t last = 0;
    const auto tree = unpack(image, {}, [&](std::uint64_t done, std::uint64_t total, std::string_view) {
        EXPECT_GE(done, last);
        EXPECT_EQ(total, image.size());
        last = done;
    });
    EXPECT_EQ(last, image.size());
}

}  // namespace
}  // namespace shirushi::unpack
