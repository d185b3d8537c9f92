#include <gtest/gtest.h>

#include "unpack/making_test.hpp"
#include "unpack/unpack.hpp"

namespace shirushi::unpack {
namespace {

TEST(ImageFile, OpensAFile) {
    const making::Workshop shop;
    shop.write("image", as_bytes("content"));
    const auto file = ImageFile::open(shop.folder() + "/image");
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(as_text(file->bytes()), "content");
}

TEST(ImageFile, EachFailureHasItsOwnSentence) {
    const making::Workshop shop;
    (void)shop.run("mkfifo fifo; : > empty; mkdir folder; echo 12345 > large");
    const auto refusal = [&](const std::string& name) { return ImageFile::open(name.starts_with('/') ? name : shop.folder() + "/" + name, {.image_bytes = 5}).error(); };
    EXPECT_EQ(refusal("none").code, Errc::not_found);
    EXPECT_TRUE(refusal("none").message.ends_with("there is no such file; check the path"));
    EXPECT_EQ(refusal("folder").code, Errc::bad_input);
    EXPECT_TRUE(refusal("folder").message.contains("this is a directory"));
    EXPECT_TRUE(refusal("fifo").message.contains("a device, pipe or socket"));
    EXPECT_TRUE(refusal("/dev/null").message.contains("a device, pipe or socket"));
    EXPECT_TRUE(refusal("empty").message.contains("this file is empty"));
    EXPECT_EQ(refusal("large").code, Errc::limit);
    EXPECT_TRUE(refusal("large").message.contains("6 bytes are more than the 5"));
}

}  // namespace
}  // namespace shirushi::unpack
