// Identification and the whole readers of littlefs and SPIFFS, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/microcontroller/small_file_systems.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    const auto found = identify_littlefs(bytes);
    if (found && found->size > size)
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_littlefs(bytes, {}, sink);
    const auto other = identify_spiffs(bytes);
    if (other && other->size > size)
        __builtin_trap();
    (void)read_spiffs(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
