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

}  // namespace shirushi::unpack
