#include <fmt/format.h>

#include <algorithm>

#include "unpack/boot/uefi.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kDescriptor = 4096;
constexpr std::uint64_t kSignatureAt = 16;
constexpr std::uint64_t kBlock = 4096;
constexpr std::array<std::string_view, 16> kNames{"descriptor", "bios", "me", "ethernet", "platform-data", "device-expansion-1", "bios-2", "microcode",
                                                  "embedded-controller", "device-expansion-2", "innovation-engine", "ethernet-1", "ethernet-2", "region-13", "region-14", "trace"};

struct FlashRegion {
    std::string_view name;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Ascending and not overlapping, the descriptor first; empty when it is none.
std::vector<FlashRegion> regions_of(Bytes bytes) {
    std::vector<FlashRegion> regions;
    if (bytes.size() < kDescriptor)
        return regions;
    const auto map = load_le<std::uint32_t>(bytes.data() + kSignatureAt + 4);
    const std::uint64_t table = (map >> 16U & 0xffU) << 4U;  // FRBA
    if (table < 0x20 || table + 4 * kNames.size() > kDescriptor)
        return regions;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const auto word = load_le<std::uint32_t>(bytes.data() + table + 4 * i);
        const std::uint64_t base = (word & 0x7fffU) * kBlock;
        const std::uint64_t limit = ((word >> 16U & 0x7fffU) + 1) * kBlock;
        const bool unused = word == 0 || word == 0xffffffff || base >= limit || (word & 0x7fffU) == 0x7fff;
        if (!unused || i == 0)
            regions.push_back({kNames.at(i), base, limit - std::min(base, limit)});
    }
    // Region 0 is the descriptor itself. Old chipsets know five regions only, and what follows is something else.
    if (regions[0].offset != 0 || regions[0].size != kDescriptor || regions.size() < 2)
        return {};
    std::ranges::stable_sort(regions, {}, &FlashRegion::offset);
    std::vector<FlashRegion> sound;
    for (const FlashRegion& region : regions)
        if (sound.empty() || region.offset >= sound.back().offset + sound.back().size)
            sound.push_back(region);
    return sound.size() >= 2 ? sound : std::vector<FlashRegion>();
}

}  // namespace

std::optional<FoundContainer> identify_flash_descriptor(Bytes bytes) {
    const auto regions = regions_of(bytes);
    if (regions.empty())
        return std::nullopt;
    const std::uint64_t size = regions.back().offset + regions.back().size;
    const std::uint64_t there = std::min<std::uint64_t>(size, bytes.size());
    std::string description = "Intel flash";
    for (const FlashRegion& region : regions)
        description += fmt::format("{} {} at 0x{:x}", region.offset == 0 ? ":" : ",", region.name, region.offset);
    if (there < size)
        description += ", " + cut_off(there, size);
    return FoundContainer{.size = there, .description = std::move(description), .checked = there == size};
}

Result<Parts> split_flash_descriptor(Bytes bytes) {
    Parts result;
    std::uint64_t done = 0;
    for (const FlashRegion& region : regions_of(bytes)) {
        if (region.offset > done)
            result.parts.push_back({.name = "between", .offset = done, .size = region.offset - done, .encrypted = {}});
        // Behind its signature, so that it is not taken for a flash again.
        const std::uint64_t skip = region.offset == 0 ? kSignatureAt + 4 : 0;
        result.parts.push_back({.name = std::string(region.name), .offset = region.offset + skip, .size = region.size - skip, .encrypted = {}});
        done = region.offset + region.size;
    }
    if (done > bytes.size())
        result.damage = cut_off(bytes.size(), done);
    return result;
}

}  // namespace shirushi::unpack
