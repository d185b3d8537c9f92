#pragma once
// Vendors' containers whose content is stored changed, and is changed back in a child: scrambled, with a published key, or packed.

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

// mikrotik.cpp
std::optional<FoundContainer> identify_npk(Bytes bytes);
Result<void> read_npk(Bytes bytes, Share share, Sink& sink);
// scrambled.cpp
std::optional<FoundContainer> identify_senao(Bytes bytes);
Result<void> read_senao(Bytes bytes, Share share, Sink& sink);
std::optional<FoundContainer> identify_buffalo(Bytes bytes);
Result<void> read_buffalo(Bytes bytes, Share share, Sink& sink);
std::optional<FoundContainer> identify_instar_zip(Bytes bytes);
Result<void> read_instar_zip(Bytes bytes, Share share, Sink& sink);
std::optional<FoundContainer> identify_dahua_zip(Bytes bytes);
Result<void> read_dahua_zip(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
