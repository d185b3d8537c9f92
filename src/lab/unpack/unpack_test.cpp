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
