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

}  // namespace
}  // namespace shirushi::unpack
