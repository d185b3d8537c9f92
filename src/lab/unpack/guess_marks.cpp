#include "unpack/guess_marks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kEcbSample = 32768;
constexpr std::size_t kCipherBlock = 16;        // of AES, Camellia and the like; shorter ones repeat in tables that ciphers use, too
constexpr std::uint64_t kXorSample = 65536;
constexpr std::uint64_t kPeriodSample = 8192;   // bytes on which key lengths are compared
constexpr std::size_t kMostKey = 64;
constexpr std::size_t kKeysTried = 3;
constexpr std::size_t kLeastRepeats = 4;        // repeated blocks that are no accident: random blocks never repeat
constexpr std::size_t kLeastDifferent = 48;     // blocks that must differ to say that they look random
constexpr double kRandomChi = 255 + 5 * 22.6;   // five standard deviations
constexpr double kPeriodic = 1.25;              // coincidences within columns over those of all bytes, from which a length counts

using Counts = std::array<std::uint32_t, 256>;

Counts counts_of(Bytes bytes, std::size_t first, std::size_t step) {
    Counts counts{};
    for (std::size_t at = first; at < bytes.size(); at += step)
        ++counts[bytes[at]];
    return counts;
}

/// The probability that two bytes of one column are equal, over all columns of `period`.
double coincidence(Bytes bytes, std::size_t period) {
    double same = 0;
    double pairs = 0;
    for (std::size_t column = 0; column < period; ++column) {
        double size = 0;
        for (const std::uint32_t count : counts_of(bytes, column, period)) {
            same += static_cast<double>(count) * (count - 1.0) * (count != 0 ? 1 : 0);
            size += count;
        }
        pairs += size * (size - 1);
    }
    return pairs <= 0 ? 0 : same / pairs;
}

struct Blocks {
    std::size_t all = 0;
    std::size_t repeats = 0;
    Buffer different;
};

Blocks blocks_of(Bytes bytes, std::size_t phase) {
    Blocks blocks;
    std::unordered_map<std::string_view, std::uint32_t> seen;
    for (std::size_t at = phase; at + kCipherBlock <= bytes.size(); at += kCipherBlock, ++blocks.all) {
        const Bytes block = bytes.subspan(at, kCipherBlock);
        if (++seen[as_text(block)] > 1)
            ++blocks.repeats;
        else
            blocks.different.insert(blocks.different.end(), block.begin(), block.end());
    }
    return blocks;
}

Buffer without(Bytes bytes, Bytes key) {
    Buffer plain(bytes.begin(), bytes.end());
    for (std::size_t at = 0; at < plain.size(); ++at)
        plain[at] = static_cast<std::uint8_t>(plain[at] ^ key[at % key.size()]);
    return plain;
}

/// A key that repeats itself is as long as what it repeats.
void shorten(Buffer& key) {
    for (std::size_t length = 1; length < key.size(); ++length)
        if (key.size() % length == 0 && std::equal(key.begin() + static_cast<std::ptrdiff_t>(length), key.end(), key.begin()))
            return key.resize(length);
}

Buffer most_frequent(Bytes bytes, std::size_t period) {
    Buffer key;
    for (std::size_t column = 0; column < period; ++column) {
        const Counts counts = counts_of(bytes, column, period);
        key.push_back(static_cast<std::uint8_t>(std::ranges::max_element(counts) - counts.begin()));
    }
    return key;
}

/// The shortest length whose columns agree nearly as well as any do.
std::size_t best_period(Bytes bytes) {
    std::array<double, kMostKey + 1> fit{};
    const double plain = coincidence(bytes, 1);
    double best = plain * kPeriodic;
    for (std::size_t period = 2; period <= kMostKey && period * 32 <= bytes.size(); ++period)
        best = std::max(best, fit[period] = coincidence(bytes, period));
    for (std::size_t period = 2; period <= kMostKey; ++period)
        if (fit[period] > plain * kPeriodic && fit[period] >= 0.85 * best)
            return period;
    return 1;
}

}  // namespace

std::optional<std::string> signs_of_ecb(Bytes bytes) {
    bytes = clipped(bytes, 0, kEcbSample);
    for (std::size_t phase = 0; phase < kCipherBlock; ++phase) {
        const Blocks blocks = blocks_of(bytes, phase);
        // Plain data that repeat are not random once repeats are left out.
        if (blocks.repeats >= kLeastRepeats && blocks.different.size() >= kLeastDifferent * kCipherBlock && chi_square(blocks.different) <= kRandomChi)
            return fmt::format("{} of {} blocks of {} bytes are repeats, and the different ones look random: a block cipher in ECB mode", blocks.repeats,
                               blocks.all, kCipherBlock);
    }
    return std::nullopt;
}

std::vector<XorKey> xor_keys(Bytes bytes) {
    const std::size_t period = best_period(clipped(bytes, 0, kPeriodSample));
    const Bytes sample = clipped(bytes, 0, kXorSample);
    const Buffer frequent = most_frequent(sample, period);
    std::vector<XorKey> keys;
    for (const std::uint8_t plain : std::array<std::uint8_t, kKeysTried>{0x00, 0xff, 0x20}) {
        XorKey found;
        for (const std::uint8_t byte : frequent)
            found.key.push_back(static_cast<std::uint8_t>(byte ^ plain));
        // 0x20 as key only turns text's case and its zeros into spaces.
        if (std::ranges::all_of(found.key, [](std::uint8_t byte) { return byte == 0 || byte == 0x20; }))
            continue;
        shorten(found.key);
        found.plain = without(sample, found.key);
        keys.push_back(std::move(found));
    }
    return keys;
}

double chi_square(Bytes bytes) {
    if (bytes.empty())
        return 0;
    const double expected = static_cast<double>(bytes.size()) / 256;
    double sum = 0;
    for (const std::uint32_t count : counts_of(bytes, 0, 1))
        sum += (count - expected) * (count - expected) / expected;
    return sum;
}

}  // namespace shirushi::unpack
