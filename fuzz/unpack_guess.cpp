// What any bytes probably are: segments must be all of them, in order.

#include "unpack/guess.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t end = 0;
    for (const shirushi::unpack::Segment& segment : shirushi::unpack::segments({data, size})) {
        if (segment.offset != end || (segment.size == 0 && size != 0))
            __builtin_trap();
        end += segment.size;
    }
    if (end != size)
        __builtin_trap();
    return 0;
}
