#include "base/parallel.hpp"

#include <gtest/gtest.h>

namespace shirushi {
namespace {

TEST(Parallel, EveryIndexOnceAndInOrder) {
    for (const unsigned workers : {1U, 2U, 7U}) {
        const auto squares = parallel_map<std::size_t>(1000, [](std::size_t i) { return i * i; }, workers);
        for (std::size_t i = 0; i < squares.size(); ++i)
            ASSERT_EQ(squares[i], i * i);
    }
    parallel_for(0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace shirushi
