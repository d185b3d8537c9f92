#include "unpack/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/parallel.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMostBlocks = 256;
constexpr std::uint64_t kLeastBlock = 1024;
constexpr std::uint64_t kWorthAThread = std::uint64_t{1} << 20;  // bytes

void add(ByteCounts& sum, const ByteCounts& more) {
    for (std::size_t value = 0; value < sum.size(); ++value)
        sum[value] += more[value];
}

/// Where the image is cut, so that each block and each range is made of whole pieces: ascending, from 0 to the image's size.
std::vector<std::uint64_t> cuts(std::uint64_t size, std::uint64_t block, std::span<const Range> ranges) {
    std::vector<std::uint64_t> at;
    for (std::uint64_t start = 0; start < size; start += block)
        at.push_back(start);
    at.push_back(size);
    for (const Range& range : ranges) {
        at.push_back(range.offset);
        at.push_back(range.offset + range.size);
    }
    std::ranges::sort(at);
    at.erase(std::unique(at.begin(), at.end()), at.end());
    return at;
}

}  // namespace

ByteCounts count_bytes(Bytes bytes) {
    std::array<ByteCounts, 8> lanes{};  // eight tables, so that equal neighbours do not wait for each other
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        const auto word = load_le<std::uint64_t>(bytes.data() + at);
        if (word == 0 || word == UINT64_MAX) {  // padding, of which there is much
            lanes[0][word & 0xffU] += 8;
            continue;
        }
        for (std::size_t lane = 0; lane < 8; ++lane)
            ++lanes[lane][word >> 8 * lane & 0xffU];
    }
    for (; at < bytes.size(); ++at)
        ++lanes[0][bytes[at]];
    for (std::size_t lane = 1; lane < lanes.size(); ++lane)
        add(lanes[0], lanes[lane]);
    return lanes[0];
}

double entropy(const ByteCounts& counts) {
    const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    double bits = 0;
    for (const std::uint64_t count : counts) {
        if (count != 0) {
            const double share = static_cast<double>(count) / all;
            bits -= share * std::log2(share);
        }
    }
    return std::round(std::abs(bits) * 100) / 100;
}

double entropy(Bytes bytes) { return entropy(count_bytes(bytes)); }

Measures measure(Bytes image, std::span<const Range> ranges, unsigned workers) {
    Measures measures;
    const std::uint64_t block = std::max((image.size() + kMostBlocks - 1) / kMostBlocks, kLeastBlock);
    measures.entropy_map.block_size = block;
    const std::vector<std::uint64_t> at = cuts(image.size(), block, ranges);
    std::vector<ByteCounts> pieces(at.size() - 1);
    parallel_for(pieces.size() + 1, [&](std::size_t i) {  // the digest, which takes longest, first
        if (i == 0)
            measures.sha256 = crypto::sha256(image);
        else
            pieces[i - 1] = count_bytes(clipped(image, at[i - 1], at[i] - at[i - 1]));
    }, image.size() < kWorthAThread ? 1 : workers);

    const auto of = [&](std::uint64_t from, std::uint64_t to) {
        ByteCounts sum{};
        for (auto i = static_cast<std::size_t>(std::ranges::lower_bound(at, from) - at.begin()); i < pieces.size() && at[i] < to; ++i)
            add(sum, pieces[i]);
        return entropy(sum);
    };
    for (std::uint64_t start = 0; start < image.size(); start += block)
        measures.entropy_map.values.push_back(of(start, std::min(start + block, image.size())));
    for (const Range& range : ranges)
        measures.entropies.push_back(of(range.offset, range.offset + range.size));
    return measures;
}

}  // namespace shirushi::unpack
