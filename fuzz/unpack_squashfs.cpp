// Identification and the whole reader of SquashFS, in one run and shared, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/squashfs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    const auto found = identify_squashfs(bytes);
    if (found && found->size > size)
        __builtin_trap();
    for (const unsigned count : {1U, 2U}) {
        CollectingSink sink(std::uint64_t{4} << 20);
        for (unsigned index = 0; index < count; ++index)
            (void)read_squashfs(bytes, {index, count}, sink);
        if (count == 1 && sink.misuses != 0)
            __builtin_trap();
    }
    return 0;
}
