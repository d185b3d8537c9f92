#include "unpack/disks/between_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi::unpack {

namespace {

bool is_padding(Bytes bytes) {
    const std::uint8_t fill = bytes.empty() ? 0 : bytes[0];
    return (fill == 0 || fill == 0xff) && std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == fill; });
}

}  // namespace

void add_unpartitioned(Bytes bytes, std::vector<Taken> taken, std::vector<Part>& parts) {
    std::ranges::sort(taken, {}, &Taken::offset);
    taken.push_back({bytes.size(), 0});
    std::uint64_t at = 0;
    for (const auto& [offset, size] : taken) {
        const std::uint64_t start = std::min<std::uint64_t>(offset, bytes.size());
        if (start > at && !is_padding(bytes.subspan(at, start - at)))
            parts.push_back({.name = fmt::format("unpartitioned@0x{:x}", at), .offset = at, .size = start - at});
        at = std::max(at, start + std::min<std::uint64_t>(size, bytes.size() - start));
    }
}

void leave_out_overlapping(Bytes bytes, Parts& parts) {
    std::uint64_t left = 2 * std::uint64_t{bytes.size()};
    const std::size_t all = parts.parts.size();
    std::erase_if(parts.parts, [&](const Part& part) {
        const std::uint64_t there = clipped(bytes, part.offset, part.size).size();
        const bool too_much = there > left;
        left -= too_much ? 0 : there;
        return too_much;
    });
    if (parts.parts.size() < all)
        parts.damage += fmt::format("{}the partitions overlap, and {} of {} were left out", parts.damage.empty() ? "" : "; ", all - parts.parts.size(), all);
}

}  // namespace shirushi::unpack
