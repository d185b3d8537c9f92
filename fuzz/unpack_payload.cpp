// The payload of Android's over-the-air updates: its manifest and its operations, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/android/android_images.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    const auto found = identify_android_payload(bytes);
    if (found && found->size > size)
        __builtin_trap();
    CollectingSink sink(std::uint64_t{1} << 20);
    (void)read_android_payload(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
