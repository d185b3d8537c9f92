// Identification and the whole reader of YAFFS, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/yaffs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    const auto found = identify_yaffs(bytes);
    if (found && (found->size > size || found->size == 0))
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_yaffs(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
