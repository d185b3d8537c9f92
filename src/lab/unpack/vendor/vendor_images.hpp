#pragma once
// Headers that vendors put in front of what their devices flash, in own code, split in the parent. Sources: OpenWrt's description
// of TRX (openwrt.org/docs/techref/header).

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_trx(Bytes bytes);
Result<Parts> split_trx(Bytes bytes);

}  // namespace shirushi::unpack
