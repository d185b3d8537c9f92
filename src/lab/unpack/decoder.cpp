#include "unpack/decoder.hpp"

#include <algorithm>

namespace shirushi::unpack {

Result<void> Sink::write(Bytes content) {
    if (content.empty())
        return {};
    const std::span<std::uint8_t> room = TRY(reserve(content.size()));
    copy_bytes(content, room);
    commit(content.size());
    return {};
}

bool Dealer::mine(std::uint64_t cost) {
    constexpr std::uint64_t kEntry = 64;  // bytes; so much work an empty file is, too
    const auto least = std::ranges::min_element(loads_);
    *least += std::min<std::uint64_t>(cost, UINT64_MAX / 4 - std::min(UINT64_MAX / 4, *least)) + kEntry;
    return static_cast<unsigned>(least - loads_.begin()) == share_.index;
}

}  // namespace shirushi::unpack
