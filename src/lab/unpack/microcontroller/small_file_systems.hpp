#pragma once
// File systems that microcontrollers keep their settings and pages in. Sources: littlefs' SPEC.md ("littlefs technical specification");
// SPIFFS' technical specification and its default configuration in Espressif's and Arduino's trees. Own code.
//
// littlefs, version 2: metadata logs are replayed as far as their checksums fit; files come inline and as skip lists of blocks.
// SPIFFS has no checksums and no directories: files are put together from the pages that carry their number. Without a magic at a
// fixed place it is only looked for at the first byte of a node (a partition, a memory segment), by the marks in each of its blocks.
//
// Errors: bad_input, when directories cannot be read (what they held is lost).

#include <optional>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_littlefs(Bytes bytes);
Result<void> read_littlefs(Bytes bytes, Share share, Sink& sink);

std::optional<FoundContainer> identify_spiffs(Bytes bytes);
Result<void> read_spiffs(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
