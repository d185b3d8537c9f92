#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSystemVectors = 16;  // ARMv7-M, B1.5.2: the initial stack pointer and 15 exceptions
constexpr std::uint64_t kMostVectors = 16 + 480;
constexpr std::size_t kLeastHandlers = 5;
constexpr std::uint64_t kStep = 0x100;             // vector tables are aligned to at least their size; real ones to more than this
constexpr std::uint64_t kMostTables = 16;          // boot loader, applications, network and radio images of one flash
constexpr std::uint64_t kLargestFlash = 64U << 20;
constexpr std::uint32_t kMostBases = 4096;           // tried of each alignment

struct Range {
    std::uint32_t from;
    std::uint32_t to;  // the first address behind it
};

// Where microcontrollers' memories lie: SRAM of the architecture's map, with room for the aliases that makers use (closely coupled
// memory of ST, NXP's and Kinetis' lower SRAM, banks of the STM32H7).
constexpr std::array kMemories{Range{0x1fff0000, 0x20400000}, Range{0x10000000, 0x10100000}, Range{0x24000000, 0x24200000}, Range{0x30000000, 0x30080000},
                               Range{0x38000000, 0x38020000}, Range{0x04000000, 0x04100000}};

// Flash: 0 (Nordic, NXP, TI, SiLabs), ST, RP2040, SAM, i.MX RT's FlexSPI, LPC, secure aliases, ST's quad SPI.
constexpr std::array<std::uint32_t, 16> kBases{0x08000000, 0x00000000, 0x10000100, 0x10000000, 0x60000000, 0x60002000, 0x00400000, 0x0c000000,
                                               0x1a000000, 0x1b000000, 0x70000000, 0x30000000, 0x90000000, 0x14000000, 0x18000000, 0x01000000};
constexpr std::array kFlashes{Range{0, 0x04000000},          Range{0x08000000, 0x08800000}, Range{0x0c000000, 0x0c800000}, Range{0x10000000, 0x12000000},
                              Range{0x14000000, 0x15000000}, Range{0x18000000, 0x1c000000}, Range{0x30000000, 0x34000000}, Range{0x60000000, 0x80000000},
                              Range{0x90000000, 0xa0000000}};

struct Table {
    std::uint32_t stack = 0;
    std::uint32_t reset = 0;
    std::uint32_t base = 0;
    std::uint64_t vectors = 0;   // words of the table
    std::uint64_t handlers = 0;  // those that are set
};

template <std::size_t count>
bool lies_in(const std::array<Range, count>& ranges, std::uint32_t address) {
    return std::ranges::any_of(ranges, [&](const Range& range) { return address >= range.from && address < range.to; });
}

/// Thumb code in `size` bytes at `base`, behind the table's first words.
bool is_handler(std::uint32_t vector, std::uint64_t base, std::uint64_t size) {
    return (vector & 1U) != 0 && vector >= base + 4 * 4 && vector < base + size;
}

/// Whether all system vectors are handlers or empty when the bytes lie at this base.
bool fits(Bytes bytes, std::uint32_t base) {
    for (std::uint64_t i = 1; i < kSystemVectors; ++i) {
        const auto vector = load_le<std::uint32_t>(bytes.data() + 4 * i);
        const bool needed = i <= 3;  // reset, NMI, hard fault
        const bool free = i >= 7 && i <= 10;  // reserved: checksums and marks of makers stand there
        if (!is_handler(vector, base, bytes.size()) && !free && (needed || vector != 0))
            return false;
    }
    const auto reset = load_le<std::uint32_t>(bytes.data() + 4);
    const Bytes code = clipped(bytes, (reset & ~1U) - base, 4);
    return code.size() == 4 && load_le<std::uint32_t>(code.data()) != 0 && load_le<std::uint32_t>(code.data()) != UINT32_MAX;
}

/// What compilers begin functions with, as the first 16 bits: pushing registers, loading addresses and constants, branching to itself,
/// returning.
bool begins_function(std::uint32_t code) {
    const std::uint32_t high = code >> 8U;
    return high == 0xb5 || high == 0xb4 || high == 0xb0 || (high >= 0x48 && high <= 0x4b) || (high >= 0x20 && high <= 0x23) || code == 0xe7fe || code == 0x4770 ||
           code == 0xf8df || code == 0xe92d || code == 0xf3ef || code == 0xf7ff || high == 0xbe || high == 0xbf || high == 0xb6;
}

/// How many of the system's handlers begin functions when the bytes lie at this base.
int functions_at(Bytes bytes, std::uint32_t base) {
    int count = 0;
    for (std::uint64_t i = 1; i < kSystemVectors; ++i) {
        const auto vector = load_le<std::uint32_t>(bytes.data() + 4 * i);
        if (!is_handler(vector, base, bytes.size()))
            continue;
        const Bytes code = clipped(bytes, (vector & ~1U) - base, 2);
        count += code.size() == 2 && begins_function(load_le<std::uint16_t>(code.data())) ? 1 : 0;
    }
    return count;
}

/// The usual bases, then those that the handlers themselves point at: an application behind a boot loader is at none of the usual
/// ones. Of those at which everything fits, the one with the most functions; the first of equals.
std::optional<std::uint32_t> base_of(Bytes bytes) {
    std::uint32_t lowest = UINT32_MAX;
    for (std::uint64_t i = 1; i < kSystemVectors; ++i)
        if (const auto vector = load_le<std::uint32_t>(bytes.data() + 4 * i); (i <= 6 || i >= 11) && vector != 0)
            lowest = std::min(lowest, vector);
    std::optional<std::uint32_t> best;
    int most = -1;
    const auto try_base = [&](std::uint32_t base) {
        if (!lies_in(kFlashes, base) || !fits(bytes, base))
            return;
        if (const int functions = functions_at(bytes, base); functions > most) {
            most = functions;
            best = base;
        }
    };
    for (const std::uint32_t base : kBases)
        try_base(base);
    // Round addresses first: equals are likelier there.
    for (const std::uint32_t step : {0x1000U, 0x400U, 0x100U})
        for (std::uint32_t base = lowest & ~(step - 1), i = 0; i < kMostBases && base <= lowest && lowest - base < bytes.size(); base -= step, ++i)
            try_base(base);
    return best;
}

std::optional<Table> table_of(Bytes bytes, std::optional<std::uint32_t> known_base = std::nullopt) {
    bytes = clipped(bytes, 0, kLargestFlash);
    if (bytes.size() < 4 * kSystemVectors)
        return std::nullopt;
    Table table{.stack = load_le<std::uint32_t>(bytes.data()), .reset = load_le<std::uint32_t>(bytes.data() + 4)};
    // The stack grows down from the end of a memory, so that its first address does not count.
    if (table.stack % 4 != 0 || !lies_in(kMemories, table.stack - 4) || (table.reset & 1U) == 0)
        return std::nullopt;
    const auto base = !known_base ? base_of(bytes) : lies_in(kFlashes, *known_base) && fits(bytes, *known_base) ? known_base : std::nullopt;
    if (!base)
        return std::nullopt;
    table.base = *base;
    for (table.vectors = 1; table.vectors < kMostVectors && 4 * table.vectors + 4 <= bytes.size(); ++table.vectors) {
        const auto vector = load_le<std::uint32_t>(bytes.data() + 4 * table.vectors);
        const bool handler = is_handler(vector, table.base, bytes.size());
        if (table.vectors >= kSystemVectors && !handler && vector != 0)
            break;
        table.handlers += handler ? 1 : 0;
    }
    if (table.handlers < kLeastHandlers)
        return std::nullopt;
    return table;
}

/// RP2040: the first 256 bytes are a second boot stage that ends with its CRC-32 (polynomial 0x04c11db7, most significant bit first,
/// not inverted at the end; RP2040 datasheet, 2.8.1.3.1).
bool has_rp2040_stage(Bytes bytes) {
    if (bytes.size() < 256 + 4 * kSystemVectors)
        return false;
    std::uint32_t sum = 0xffffffff;
    for (const std::uint8_t byte : bytes.first(252)) {
        sum ^= std::uint32_t{byte} << 24U;
        for (int bit = 0; bit < 8; ++bit)
            sum = sum << 1U ^ ((sum & 0x80000000U) != 0 ? 0x04c11db7U : 0U);
    }
    return sum == load_le<std::uint32_t>(bytes.data() + 252);
}

struct Place {
    Table table;
    std::uint64_t offset = 0;  // of the table
};

std::optional<Place> place_of(Bytes bytes) {
    if (auto table = table_of(bytes))
        return Place{*table, 0};
    if (has_rp2040_stage(bytes))
        if (auto table = table_of(bytes.subspan(256), 0x10000100))
            return Place{*table, 256};
    return std::nullopt;
}

}  // namespace

std::optional<FoundContainer> identify_cortex_m(Bytes bytes) {
    const auto place = place_of(bytes);
    if (!place)
        return std::nullopt;
    const Table& table = place->table;
    return FoundContainer{.size = std::min<std::uint64_t>(bytes.size(), kLargestFlash),
                          .description = fmt::format("{}vector table, base {}, reset {}, stack {}, {} handlers", place->offset == 0 ? "" : "RP2040 second boot stage, ",
                                                     address_name(table.base), address_name(table.reset & ~1U), address_name(table.stack), table.handlers),
                          .checked = false};
}

Result<Parts> split_cortex_m(Bytes bytes) {
    const auto place = place_of(bytes);
    if (!place)
        return fail(Errc::internal, "not a vector table after all");
    Parts result;
    const auto add = [&](std::string name, std::uint64_t from, std::uint64_t to) {
        if (to > from)
            result.parts.push_back({.name = std::move(name), .offset = from, .size = to - from, .encrypted = {}});
    };
    add("boot stage", 0, place->offset);
    const std::uint64_t code = place->offset + 4 * place->table.vectors;
    add("vectors", place->offset, code);
    // Further images behind the first one, each with a table of its own that points at its own place.
    const std::uint64_t base = place->table.base - place->offset;
    std::uint64_t from = code;
    std::string name = "code";
    std::uint64_t tables = 0;
    for (std::uint64_t at = (code + kStep - 1) / kStep * kStep; at + 4 * kSystemVectors <= bytes.size() && tables < kMostTables; at += kStep) {
        const Bytes rest = bytes.subspan(at);
        const auto wrapped = load_le<std::uint32_t>(rest.data()) == 0x96f3b83d ? identify_mcuboot(rest) : std::nullopt;
        if (!wrapped && !table_of(rest, static_cast<std::uint32_t>(base + at)))
            continue;
        ++tables;
        add(std::exchange(name, fmt::format("image {}", address_name(base + at))), from, at);
        from = at;
        if (wrapped)
            at += wrapped->size / kStep * kStep;
    }
    add(std::move(name), from, bytes.size());
    return result;
}

}  // namespace shirushi::unpack
