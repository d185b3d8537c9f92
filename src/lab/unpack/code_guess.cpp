#include "unpack/code_guess.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "unpack/code_keys.hpp"
#include "unpack/code_tables.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kMostBytes = 65532;     // of code that are looked at: more do not change the answer
constexpr std::size_t kFirstLook = 1024;      // bytes on which every reading is tried
constexpr std::size_t kSecondLooks = 4;       // readings tried on all bytes
constexpr double kNoCode = 0.25;              // likeness on the first look below which a reading is out
constexpr double kStillFits = 0.7;            // of a reading that fitted just before
constexpr double kRelatives = 0.03;           // relatives closer than this are not told apart

struct Model {
    std::string_view name;
    CodeFamily family;
    bool big_endian;
    std::string_view relatives;  ///< what it and others that share most instructions are called together
};

constexpr std::array kModels{
    Model{"arm", CodeFamily::arm, false, "arm"},
    Model{"arm big endian", CodeFamily::arm, true, "arm big endian"},
    Model{"thumb", CodeFamily::thumb, false, "thumb"},
    Model{"aarch64", CodeFamily::aarch64, false, "aarch64"},
    Model{"mips", CodeFamily::mips, true, "mips"},
    Model{"mipsel", CodeFamily::mips, false, "mipsel"},
    Model{"mips64", CodeFamily::mips64, true, "mips"},
    Model{"mips64el", CodeFamily::mips64, false, "mipsel"},
    Model{"mips16", CodeFamily::mips16, true, "mips16"},
    Model{"mips16el", CodeFamily::mips16, false, "mips16el"},
    Model{"powerpc", CodeFamily::powerpc, true, "powerpc"},
    Model{"powerpc little endian", CodeFamily::powerpc, false, "powerpc little endian"},
    Model{"riscv32", CodeFamily::riscv32, false, "riscv"},
    Model{"riscv64", CodeFamily::riscv64, false, "riscv"},
    Model{"x86", CodeFamily::x86, false, "x86 or x86-64"},
    Model{"x86-64", CodeFamily::x86_64, false, "x86 or x86-64"},
    Model{"superh", CodeFamily::superh, false, "superh"},
    Model{"superh big endian", CodeFamily::superh, true, "superh big endian"},
    Model{"xtensa", CodeFamily::xtensa, false, "xtensa"},
    Model{"avr", CodeFamily::avr, false, "avr"},
    Model{"8051", CodeFamily::mcs51, false, "8051"},
};

/// Square roots of the shares that a table states, in the order of keys.
using Roots = std::array<float, kCodeKeys>;

const std::array<Roots, kCodeFamilies>& all_roots() {
    static const auto roots = [] {
        std::array<Roots, kCodeFamilies> all{};
        for (std::size_t family = 0; family < kCodeFamilies; ++family) {
            const std::string_view table = code_table(static_cast<CodeFamily>(family));
            for (std::size_t key = 0; key < table.size(); ++key)
                all[family][key] = static_cast<float>(kCodeTableDigits.find(table[key])) / 100;
        }
        return all;
    }();
    return roots;
}

/// Keys of most families are below 1024.
std::size_t keys_of(CodeFamily family) { return code_table(family).size(); }

double likeness(const CodeReading& reading, Bytes bytes) {
    if (bytes.size() <= reading.phase)
        return 0;
    const Model& model = kModels[reading.model];
    KeyCounts counts;
    const std::size_t keys = keys_of(model.family);
    std::fill_n(counts.begin(), keys, std::uint16_t{0});
    const std::uint32_t found = count_keys(model.family, model.big_endian, bytes.subspan(reading.phase), counts);
    if (found == 0)
        return 0;
    const Roots& roots = all_roots()[static_cast<std::size_t>(model.family)];
    float sum = 0;
    for (std::size_t key = 0; key < keys; ++key)
        if (counts[key] != 0)
            sum += roots[key] * std::sqrt(static_cast<float>(counts[key]));
    return static_cast<double>(sum) / std::sqrt(static_cast<double>(found));
}

struct Tried {
    CodeReading reading;
    double likeness = 0;
};

/// The best phase of each model, the likeliest models first.
std::vector<Tried> first_look(Bytes bytes) {
    const std::size_t from = (bytes.size() - std::min(bytes.size(), kFirstLook)) / 2 & ~std::size_t{3};  // phases stay what they are
    const Bytes sample = clipped(bytes, from, kFirstLook);
    std::vector<Tried> tried;
    for (std::size_t model = 0; model < kModels.size(); ++model) {
        Tried best;
        for (std::size_t phase = 0; phase < code_alignment(kModels[model].family); ++phase) {
            const CodeReading reading{model, phase};
            if (const double fit = likeness(reading, sample); fit > best.likeness)
                best = {reading, fit};
        }
        tried.push_back(best);
    }
    std::ranges::stable_sort(tried, std::ranges::greater{}, &Tried::likeness);
    return tried;
}

/// Limits measured on programs that the tables were not learned from, and on what is no code (docs/formats/guesses.md).
GuessConfidence confidence_of(double fit, double lead, std::size_t size) {
    const double least = size < 2048 ? 0.42 : size < 16384 ? 0.52 : 0.62;
    if (fit >= least + 0.10 && lead >= 0.10)
        return GuessConfidence::high;
    if (fit >= least + 0.07 && lead >= 0.07)
        return GuessConfidence::medium;
    return fit >= least && lead >= 0.05 ? GuessConfidence::low : GuessConfidence::none;
}

}  // namespace

std::optional<CodeGuess> guess_code(Bytes bytes, std::optional<CodeReading> likely) {
    if (bytes.size() < kLeastCode)
        return std::nullopt;
    bytes = clipped(bytes, (bytes.size() - std::min(bytes.size(), kMostBytes)) / 2 & ~std::size_t{3}, kMostBytes);
    if (likely && likely->model < kModels.size())
        if (const double fit = likeness(*likely, bytes); fit >= kStillFits)
            return CodeGuess{.reading = *likely, .architecture = kModels[likely->model].name, .likeness = fit, .lead = 0, .confidence = GuessConfidence::medium};
    std::vector<Tried> tried = first_look(bytes);
    if (tried.front().likeness < kNoCode)
        return std::nullopt;
    tried.resize(kSecondLooks);
    if (bytes.size() > kFirstLook)
        for (Tried& one : tried)
            one.likeness = likeness(one.reading, bytes);
    std::ranges::stable_sort(tried, std::ranges::greater{}, &Tried::likeness);
    const Tried& best = tried.front();
    const Model& model = kModels[best.reading.model];
    const auto stranger = std::ranges::find_if(tried, [&](const Tried& one) { return kModels[one.reading.model].relatives != model.relatives; });
    const double lead = best.likeness - (stranger == tried.end() ? 0 : stranger->likeness);
    const GuessConfidence confidence = confidence_of(best.likeness, lead, bytes.size());
    if (confidence == GuessConfidence::none)
        return std::nullopt;
    const bool one_of_relatives = stranger != tried.begin() + 1 && best.likeness - tried[1].likeness < kRelatives;
    return CodeGuess{.reading = best.reading, .architecture = one_of_relatives ? model.relatives : model.name, .likeness = best.likeness, .lead = lead,
                     .confidence = confidence};
}

}  // namespace shirushi::unpack
