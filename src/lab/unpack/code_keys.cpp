#include "unpack/code_keys.hpp"

#include <algorithm>

namespace shirushi::unpack {
namespace {

constexpr std::size_t kMostCode = 65535;  // so that no count overflows

std::uint32_t arm_key(std::uint32_t word) {
    const std::uint32_t condition = word >> 28U;
    const std::uint32_t kind = condition == 14 ? 0 : condition == 15 ? 3 : condition < 2 ? 1 : 2;
    return kind << 8U | (word >> 20U & 0xffU);
}

std::uint32_t mips_key(std::uint32_t word) {
    const std::uint32_t operation = word >> 26U;
    return operation == 0 ? 512 + (word & 63U) * 8 + (word >> 13U & 7U) : operation * 8 + (word >> 23U & 7U);
}

std::uint32_t powerpc_key(std::uint32_t word) {
    const std::uint32_t operation = word >> 26U;
    return operation == 31 ? 512 + (word >> 1U & 0x1ffU) : operation * 8 + (word >> 23U & 7U);
}

std::uint32_t riscv_key(std::uint32_t half) {
    if ((half & 3U) == 3)
        return 512 + ((half >> 2U & 31U) << 3U | (half >> 12U & 7U));
    return ((half & 3U) << 3U | half >> 13U) << 3U | (half >> 10U & 7U);
}

bool is_wide_thumb(std::uint32_t half) { return half >> 11U >= 29; }

std::uint32_t thumb_key(std::uint32_t half) { return is_wide_thumb(half) ? 512 + (half >> 4U & 0x1ffU) : half >> 7U; }

std::uint32_t superh_key(std::uint32_t half) { return half >> 12U << 6U | (half & 15U) << 2U | (half >> 10U & 3U); }

std::uint32_t xtensa_key(std::uint32_t b0, std::uint32_t b1, std::uint32_t b2) {
    const std::uint32_t operation = b0 & 15U;
    if (operation == 0)
        return b2;
    if (operation < 8)
        return 256 + (operation - 1) * 64 + (b1 >> 4U) * 4 + (b0 >> 4U & 3U);
    return 704 + (operation - 8) * 32 + (b1 >> 4U) * 2 + (b0 >> 7U);
}

template <class Key>
std::uint32_t count_words(Bytes code, bool big_endian, KeyCounts& counts, const Key& key) {
    std::uint32_t found = 0;
    for (std::size_t at = 0; at + 4 <= code.size(); at += 4, ++found)
        ++counts[key(big_endian ? load_be<std::uint32_t>(code.data() + at) : load_le<std::uint32_t>(code.data() + at))];
    return found;
}

/// `wide` says whether the instruction that begins with this half word has a second one.
template <class Key, class Wide>
std::uint32_t count_halves(Bytes code, bool big_endian, KeyCounts& counts, const Key& key, const Wide& wide) {
    std::uint32_t found = 0;
    for (std::size_t at = 0; at + 2 <= code.size(); ++found) {
        const std::uint32_t half = big_endian ? load_be<std::uint16_t>(code.data() + at) : load_le<std::uint16_t>(code.data() + at);
        ++counts[key(half)];
        at += wide(half) ? 4 : 2;
    }
    return found;
}

std::uint32_t count_xtensa(Bytes code, KeyCounts& counts) {
    std::uint32_t found = 0;
    for (std::size_t at = 0; at + 3 <= code.size(); ++found) {
        ++counts[xtensa_key(code[at], code[at + 1], code[at + 2])];
        at += (code[at] & 15U) >= 8 ? 2 : 3;
    }
    return found;
}

/// Where instructions have any length: each byte with the upper half of the next (on x86 mode and half a register).
std::uint32_t count_pairs(Bytes code, KeyCounts& counts) {
    for (std::size_t at = 0; at + 1 < code.size(); ++at)
        ++counts[static_cast<std::size_t>(code[at]) << 4U | code[at + 1] >> 4U];
    return code.size() < 2 ? 0 : static_cast<std::uint32_t>(code.size() - 1);
}

}  // namespace

std::uint32_t count_keys(CodeFamily family, bool big_endian, Bytes code, KeyCounts& counts) {
    code = code.first(std::min(code.size(), kMostCode));
    const auto never = [](std::uint32_t) { return false; };
    switch (family) {
        case CodeFamily::arm: return count_words(code, big_endian, counts, arm_key);
        case CodeFamily::aarch64: return count_words(code, big_endian, counts, [](std::uint32_t word) { return word >> 22U; });
        case CodeFamily::mips:
        case CodeFamily::mips64: return count_words(code, big_endian, counts, mips_key);
        case CodeFamily::powerpc: return count_words(code, big_endian, counts, powerpc_key);
        case CodeFamily::thumb: return count_halves(code, big_endian, counts, thumb_key, is_wide_thumb);
        case CodeFamily::riscv32:
        case CodeFamily::riscv64: return count_halves(code, big_endian, counts, riscv_key, [](std::uint32_t half) { return (half & 3U) == 3; });
        case CodeFamily::superh: return count_halves(code, big_endian, counts, superh_key, never);
        case CodeFamily::mips16:
        case CodeFamily::avr: return count_halves(code, big_endian, counts, [](std::uint32_t half) { return half >> 6U; }, never);
        case CodeFamily::xtensa: return count_xtensa(code, counts);
        case CodeFamily::x86:
        case CodeFamily::x86_64:
        case CodeFamily::mcs51: return count_pairs(code, counts);
    }
    return 0;
}

std::size_t code_alignment(CodeFamily family) {
    switch (family) {
        case CodeFamily::arm:
        case CodeFamily::aarch64:
        case CodeFamily::mips:
        case CodeFamily::mips64:
        case CodeFamily::powerpc: return 4;
        case CodeFamily::thumb:
        case CodeFamily::riscv32:
        case CodeFamily::riscv64:
        case CodeFamily::superh:
        case CodeFamily::mips16:
        case CodeFamily::avr: return 2;
        default: return 1;
    }
}

}  // namespace shirushi::unpack
