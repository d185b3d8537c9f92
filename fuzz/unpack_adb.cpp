// Alpine's packages and indexes of version 3: own code over a tree of values, and what decompresses them.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/archives/alpine_package.hpp"
#include "unpack/formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    constexpr std::pair<Identify, Decoder> kForms[] = {{identify_apk_v3, read_apk_v3}, {identify_packed_apk_v3, read_packed_apk_v3}};
    for (const auto& [identify, read] : kForms) {
        const auto found = identify(bytes);
        if (found && found->size > size)
            __builtin_trap();
        if (!found)
            continue;
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)read(bytes, {}, sink);
        if (sink.misuses != 0)
            __builtin_trap();
    }
    return 0;
}
