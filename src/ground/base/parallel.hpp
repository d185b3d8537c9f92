#pragma once
// Parallel inside, ordered outside: work is shared among threads, results stand where a loop would have put them.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace shirushi {

/// One per core, at least one, at most 16.
unsigned default_workers();

/// Calls work(i) for every i in [0, count), each exactly once, on up to `workers` threads (the caller's included).
/// `work` must not throw and may touch only what belongs to index i.
template <class Work>
void parallel_for(std::size_t count, const Work& work, unsigned workers = default_workers()) {
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1))
            work(i);
    };
    std::vector<std::jthread> helpers;
    const auto useful = std::min<std::size_t>(workers, count);
    for (std::size_t i = 1; i < useful; ++i)
        helpers.emplace_back(run);
    run();
}

/// The results of make(i) in index order.
template <class Value, class Make>
std::vector<Value> parallel_map(std::size_t count, const Make& make, unsigned workers = default_workers()) {
    std::vector<Value> values(count);
    parallel_for(count, [&](std::size_t i) { values[i] = make(i); }, workers);
    return values;
}

}  // namespace shirushi
