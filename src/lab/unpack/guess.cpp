#include "unpack/guess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "unpack/code_guess.hpp"
#include "unpack/coverage.hpp"
#include "unpack/guess_marks.hpp"
#include "unpack/measure.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kShort = 256;            // fewer bytes show nothing but text
constexpr std::size_t kLeastText = 16;
constexpr std::size_t kSample = 65536;
constexpr std::size_t kLeastCipher = 4096;     // bytes for statements on ciphers and compressors
constexpr double kCompressedChi = 255 + 6 * 22.6;  // six standard deviations above random bytes
constexpr std::size_t kLongKey = 16;           // bytes of a key that are written out

/// Random bytes of this number show so much entropy, on average (Miller's correction), less what compressors lose.
double high_entropy(std::size_t size) { return 8 - 255 / (2 * std::log(2.0) * static_cast<double>(size)) - 0.30; }

bool is_printable(std::uint8_t byte) { return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t'; }

/// Letters of UTF-8 beyond ASCII count as far as they are made correctly.
double share_of_text(Bytes bytes) {
    std::size_t printable = 0;
    std::size_t zeros = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::uint8_t byte = bytes[at];
        printable += is_printable(byte) ? 1 : 0;
        zeros += byte == 0 ? 1 : 0;
        const std::size_t more = byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc3 && byte < 0xe0 ? 1 : 0;
        if (more != 0 && at + more < bytes.size() && std::ranges::all_of(bytes.subspan(at + 1, more), [](std::uint8_t next) { return (next & 0xc0U) == 0x80; })) {
            printable += 1 + more;
            at += more;
        }
    }
    const auto size = static_cast<double>(bytes.size());
    // Strings with ends between them: few enough ends that they are words, not numbers.
    return static_cast<double>(zeros) < 0.2 * size ? static_cast<double>(printable + zeros) / size : static_cast<double>(printable) / size;
}

constexpr double kText = 0.95;

/// Of letters and spaces: what distinguishes prose and source from bytes that are printable by accident.
double share_of_letters(Bytes bytes) {
    const auto letters = std::ranges::count_if(bytes, [](std::uint8_t byte) { return (byte | 0x20U) - unsigned{'a'} < 26U || byte == ' '; });
    return static_cast<double>(letters) / static_cast<double>(bytes.size());
}

constexpr double kProse = 0.5;

Bytes middle(Bytes bytes, std::size_t most) { return clipped(bytes, (bytes.size() - std::min(bytes.size(), most)) / 2 & ~std::size_t{3}, most); }

Guess code(const CodeGuess& found) {
    return {.what = RegionGuess::code, .architecture = std::string(found.architecture), .confidence = found.confidence,
            .reason = fmt::format("looks like {} code: likeness {:.2f} to known programs, {:.2f} ahead of the next architecture", found.architecture, found.likeness, found.lead)};
}

/// What a short repeating key hides, if taking it away makes text or code of it.
std::optional<Guess> hidden_by_xor(Bytes bytes) {
    for (const XorKey& candidate : xor_keys(bytes)) {
        const Bytes plain = candidate.plain;
        if (entropy(plain) >= high_entropy(plain.size()))
            continue;  // random bytes stay random under every key
        const auto found = guess_code(plain);
        const bool is_code = found && found->confidence >= GuessConfidence::medium;
        if (!is_code && (share_of_text(plain) < kText || share_of_letters(plain) < kProse))
            continue;
        std::string key;
        for (const std::uint8_t byte : clipped(candidate.key, 0, kLongKey))
            key += fmt::format("{:02x}", byte);
        return Guess{.what = RegionGuess::encrypted, .architecture = is_code ? std::string(found->architecture) : std::string(),
                     .confidence = is_code ? found->confidence : GuessConfidence::high,
                     .reason = fmt::format("XOR with a repeating key of {} bytes ({}{}): {} lies below it", candidate.key.size(), key,
                                           candidate.key.size() > kLongKey ? "..." : "", is_code ? fmt::format("{} code", found->architecture) : "text")};
    }
    return std::nullopt;
}

Guess random_looking(Bytes bytes, double bits) {
    const double chi = chi_square(bytes);
    if (bytes.size() >= kLeastCipher && chi > kCompressedChi)
        return {.what = RegionGuess::compressed, .confidence = bits >= 7.8 ? GuessConfidence::medium : GuessConfidence::low,
                .reason = fmt::format("high entropy, but byte values are less even than random ones (chi-square {:.0f}; random 255): compressed in an unknown way, "
                                      "or media", chi)};
    return {.what = RegionGuess::unknown, .confidence = GuessConfidence::low,
            .reason = fmt::format("high entropy: encrypted, or compressed in an unknown way (chi-square {:.0f}; random 255)", chi)};
}

// ---- segments -------------------------------------------------------------------------------------------------------

enum class Character : std::uint8_t { data, text, high, code };

struct Label {
    Character character = Character::data;
    std::size_t model = 0;  ///< of code
    bool operator==(const Label&) const = default;
};

struct Run {
    std::size_t first = 0;  ///< block
    std::size_t count = 0;
    Label label;
};

constexpr std::size_t kMostSegments = 64;
constexpr std::uint64_t kSmallRange = 65536;
constexpr std::uint64_t kLargeRange = std::uint64_t{4} << 20;

std::uint64_t block_size(std::uint64_t size) { return size <= kSmallRange ? 1024 : size <= kLargeRange ? 8192 : 16384; }

Label label_of(Bytes block, std::optional<CodeReading>& likely) {
    const double bits = entropy(block);
    if (bits >= high_entropy(block.size()))
        return {Character::high};
    if (share_of_text(clipped(block, 0, 1024)) >= kText && share_of_text(block) >= kText)
        return {Character::text};
    const auto found = bits < 1 ? std::nullopt : guess_code(block, likely);
    if (!found)
        return {};
    likely = found->reading;
    return {Character::code, found->reading.model};
}

void append(std::vector<Run>& runs, const Run& run) {
    if (!runs.empty() && runs.back().label == run.label)
        runs.back().count += run.count;
    else
        runs.push_back(run);
}

/// Runs shorter than `least` go to what stands before them (at the beginning: behind).
std::vector<Run> smoothed(const std::vector<Run>& runs, std::size_t least) {
    std::vector<Run> smooth;
    for (const Run& run : runs) {
        if (run.count < least && !smooth.empty())
            smooth.back().count += run.count;
        else
            append(smooth, run);
    }
    if (smooth.size() > 1 && smooth.front().count < least) {
        smooth[1].first = 0;
        smooth[1].count += smooth.front().count;
        smooth.erase(smooth.begin());
    }
    return smooth;
}

std::vector<Run> runs_of(Bytes bytes, std::uint64_t block) {
    std::vector<Run> runs;
    std::optional<CodeReading> likely;
    std::size_t index = 0;
    for (std::uint64_t at = 0; at < bytes.size(); at += block, ++index) {
        const Bytes here = clipped(bytes, at, block);
        // What is left at the end is too little to be of a character of its own.
        append(runs, {index, 1, here.size() * 2 < block && !runs.empty() ? runs.back().label : label_of(here, likely)});
    }
    for (std::size_t least = 2; least <= 2 || runs.size() > kMostSegments; least *= 2)
        runs = smoothed(runs, least);
    return runs;
}

using Logarithms = std::array<float, 256>;

Logarithms logarithms_of(Bytes bytes) {
    std::array<std::uint32_t, 256> counts{};
    for (const std::uint8_t byte : bytes)
        ++counts[byte];
    Logarithms logarithms{};
    for (std::size_t value = 0; value < 256; ++value)
        logarithms[value] = static_cast<float>(std::log2((counts[value] + 0.5) / (static_cast<double>(bytes.size()) + 128)));
    return logarithms;
}

/// The cut between two neighbours to the byte, as far as their byte values tell: the likeliest place within a block and a half.
std::uint64_t refined(Bytes bytes, std::uint64_t cut, std::uint64_t block) {
    const std::uint64_t reach = block + block / 2;
    const std::uint64_t from = cut - std::min(cut, reach);
    const std::uint64_t to = std::min<std::uint64_t>(bytes.size(), cut + reach);
    const Logarithms left = logarithms_of(clipped(bytes, from, block / 2));
    const Logarithms right = logarithms_of(clipped(bytes, to - std::min(to, block / 2), block / 2));
    double sum = 0;
    double best = 0;
    std::uint64_t place = from;
    for (std::uint64_t at = from; at < to; ++at) {
        sum += left[bytes[at]] - right[bytes[at]];
        if (sum > best) {
            best = sum;
            place = at + 1;
        }
    }
    return std::clamp(place, from + 1, to - 1) & ~std::uint64_t{3};
}

}  // namespace

Guess guess(Bytes bytes) {
    const Bytes sample = middle(bytes, kSample);
    if (sample.size() >= kLeastText && share_of_text(sample) >= kText)
        return {.what = RegionGuess::text, .confidence = GuessConfidence::high, .reason = fmt::format("text: {:.0f} % of it can be read", 100 * share_of_text(sample))};
    if (bytes.size() < kShort)
        return {.what = RegionGuess::unknown, .confidence = GuessConfidence::none, .reason = "too short to tell what it is"};
    const double bits = entropy(sample);
    const bool high = bits >= high_entropy(sample.size());
    if (const auto found = high ? std::nullopt : guess_code(sample))
        return code(*found);
    if (bytes.size() >= kLeastCipher) {
        if (const auto ecb = signs_of_ecb(bytes))
            return {.what = RegionGuess::encrypted, .confidence = GuessConfidence::high, .reason = *ecb};
        if (auto hidden = hidden_by_xor(bytes))
            return *hidden;
    }
    if (high)
        return random_looking(bytes, bits);
    return {.what = RegionGuess::data, .confidence = GuessConfidence::low,
            .reason = bits >= 7.2 ? "rather high entropy: packed data or media, perhaps compressed in an unknown way" : "tables or mixed data, or code of an unknown processor"};
}

std::vector<Segment> segments(Bytes bytes) {
    const std::uint64_t block = block_size(bytes.size());
    if (bytes.size() < 2 * block)
        return {{0, bytes.size(), guess(bytes)}};
    const std::vector<Run> runs = runs_of(bytes, block);
    std::vector<std::uint64_t> cuts{0};
    for (std::size_t i = 1; i < runs.size(); ++i)
        cuts.push_back(std::max(refined(bytes, runs[i].first * block, block), cuts.back() + 4));
    cuts.push_back(bytes.size());
    std::vector<Segment> found;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
        found.push_back({cuts[i], cuts[i + 1] - cuts[i], guess(bytes.subspan(cuts[i], cuts[i + 1] - cuts[i]))});
    return found;
}

}  // namespace shirushi::unpack
