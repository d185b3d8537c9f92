#pragma once
// Whether bytes are machine code, and whose: by how often each instruction occurs.

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

/// One way to read bytes as code: an architecture in one byte order, from one position modulo its alignment on.
struct CodeReading {
    std::size_t model = 0;
    std::size_t phase = 0;  ///< the first instruction's place in the bytes, 0 to 3
    bool operator==(const CodeReading&) const = default;
};

struct CodeGuess {
    CodeReading reading;
    std::string_view architecture;  ///< "arm", "mipsel", "x86-64" ...: names as of ELF files in the facts, where there are such
    double likeness = 0;  ///< 0 to 1: Bhattacharyya coefficient of the instructions' shares here and in known programs
    double lead = 0;      ///< over the next best architecture that is not a close relative
    GuessConfidence confidence = GuessConfidence::low;
};

/// Below this nothing is said.
inline constexpr std::size_t kLeastCode = 512;

/// The architecture whose code `bytes` look like (of more than 64 KiB, the middle ones); nothing if they look like no code. A reading
/// that fits bytes just before is tried first, which makes long code cheap; its phase is that of these bytes.
std::optional<CodeGuess> guess_code(Bytes bytes, std::optional<CodeReading> likely = {});

}  // namespace shirushi::unpack
