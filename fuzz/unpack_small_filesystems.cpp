// Identification and the whole readers of cramfs, romfs and MINIFS, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/minifs.hpp"
#include "unpack/filesystems/small_filesystems.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    for (const auto& found : {identify_cramfs(bytes), identify_romfs(bytes), identify_minifs(bytes)})
        if (found && found->size > size)
            __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_cramfs(bytes, {}, sink);
    (void)read_romfs(bytes, {}, sink);
    CollectingSink other(std::uint64_t{4} << 20);
    (void)read_minifs(bytes, {}, other);
    if (sink.misuses + other.misuses != 0)
        __builtin_trap();
    return 0;
}
