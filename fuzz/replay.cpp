// Runs a fuzz target over its seeds without a fuzzer: each seed whole, cut at every length (long ones at 512 lengths), and with
// fixed pseudo-random damage. The order and the damage are the same in every run.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kCuts = 512;
constexpr int kMutations = 256;

std::vector<std::uint8_t> file_bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A copy in its own allocation of exactly the right size, so that a read of one byte too many is seen.
void try_input(const std::vector<std::uint8_t>& bytes, std::size_t size) {
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::size_t replay(const std::vector<std::uint8_t>& seed) {
    std::size_t runs = 0;
    const std::size_t step = std::max<std::size_t>(1, seed.size() / kCuts);
    for (std::size_t size = 0; size < seed.size(); size += step, ++runs)
        try_input(seed, size);
    try_input(seed, seed.size());
    std::mt19937 random(20261123);
    for (int i = 0; i < kMutations && !seed.empty(); ++i, ++runs) {
        auto damaged = seed;
        for (unsigned changes = 1 + random() % 8; changes > 0; --changes)
            damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xFF : random());
        try_input(damaged, damaged.size());
    }
    return runs + 1;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t seeds = 0;
    std::size_t runs = 0;
    for (int i = 1; i < count; ++i) {
        std::vector<std::filesystem::path> files;
        if (std::filesystem::is_directory(arguments[i]))
            for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
                files.push_back(entry.path());
        std::ranges::sort(files);
        for (const auto& file : files) {
            runs += replay(file_bytes(file));
            ++seeds;
        }
    }
    std::printf("%zu seeds, %zu inputs, no crash\n", seeds, runs);
    return seeds == 0 ? 1 : 0;  // a target without seeds tests nothing
}
