// The LZO1X decompressor, into exactly as much memory as a SquashFS block has.

#include "unpack/streams/lzo.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    shirushi::Buffer output(8192);
    const auto came_out = shirushi::unpack::decompress_lzo1x({data, size}, output);
    if (came_out && *came_out > output.size())
        __builtin_trap();
    return 0;
}
