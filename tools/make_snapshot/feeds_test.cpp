#include "make_snapshot/feeds.hpp"

#include <gtest/gtest.h>

namespace shirushi::make_snapshot {
namespace {
TEST(Feeds, Placeholder) {}
}
}
