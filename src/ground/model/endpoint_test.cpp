#include "model/endpoint.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(Endpoint, LoopbackIsReachedFromTheDeviceAlone) {
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"})
        EXPECT_TRUE(is_loopback({"tcp", 80, address})) << address;
    for (const char* address : {"", "0.0.0.0", "::", "192.168.127.1", "::10", "localhost.example"})
        EXPECT_FALSE(is_loopback({"tcp", 80, address})) << address;
}

}  // namespace
}  // namespace shirushi
