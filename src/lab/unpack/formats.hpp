#pragma once
// The list of formats. One more format is its own file (an identify function and a decoder or a splitter) and one line in
// formats.cpp; nothing registers itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unpack/decoder.hpp"
#include "unpack/found.hpp"

namespace shirushi::unpack {

/// Bytes that stand at `offset` from a container's start. The first two bytes must not be both 0x00 or both 0xff (the scan
/// looks for them everywhere, and such pairs fill every image).
struct Magic {
    std::string_view bytes;
    std::uint64_t offset = 0;
};

/// A range that a header of ours (uImage, FIT, TRX) points at.
struct Part {
    std::string name;  ///< raw, made a path segment by the tree; empty is allowed
    std::uint64_t offset = 0;  ///< from the container's start
    std::uint64_t size = 0;
    std::string encrypted;  ///< as FoundContainer::encrypted: it is kept, but not looked into
};

/// Own code, run in the parent on hostile bytes that begin at the supposed container and may reach beyond it. Returns nothing
/// unless the structure is convincing. FoundContainer::size 0 means: known only once decoded (the decoder reports it with
/// Sink::consumed). Otherwise the size is clipped to `bytes`, and the description says so. Must be cheap: constant work, or linear in what it claims.
using Identify = std::optional<FoundContainer> (*)(Bytes bytes);

struct Parts {
    std::vector<Part> parts;
    std::string damage;  ///< a checksum that does not match and the like; empty when all is well
};

/// Own code, run in the parent. Parts are clipped and checked again by the caller.
using Splitter = Result<Parts> (*)(Bytes bytes);

struct Format {
    std::string_view name;
    /// Any of them. A format without any is tried at the first byte of every node that is looked into, and nowhere else.
    std::vector<Magic> magics;
    /// Formats that no bytes tell of: tried only on files whose name ends so (in small letters), when nothing else fits.
    std::string_view suffix;
    Identify identify = nullptr;
    Decoder decode = nullptr;   ///< run in a child; or
    Splitter split = nullptr;   ///< run in the parent; or neither: recognised, nothing inside
    unsigned shares = 1;        ///< children that may read one container together
    /// How many places in one node may turn out to be none of this format before the others are no longer tried (noted as a
    /// gap), so that hostile bytes full of magics do not cost a child, or a long walk, each: in a trial decode ...
    std::uint32_t trials = 256;
    /// ... and in identify, for those that look far beyond the magic before they know.
    std::uint32_t walks = UINT32_MAX;
};

const std::vector<Format>& formats();

}  // namespace shirushi::unpack
