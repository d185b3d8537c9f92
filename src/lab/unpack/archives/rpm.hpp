#pragma once
// RPM packages: a lead, a signature header, the main header, and the payload, a compressed cpio archive. Own bounded code; the
// payload is a part of its own. Sources: rpm 4.18's manual, "Package format" (docs/manual/format.md), "Header tags"
// (docs/manual/tags.md). Errors: bad_input when a header's index and store do not fit together.

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_rpm(Bytes bytes);
Result<Parts> split_rpm(Bytes bytes);

}  // namespace shirushi::unpack
