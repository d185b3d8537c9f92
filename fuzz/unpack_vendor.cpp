// Every vendor's header: identify, then the splitter or the decoder (into a sink with a ceiling), whatever the first bytes are.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/vendor/vendor_formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    for (const Format& format : vendor_formats()) {
        const auto found = format.identify(bytes);
        if (!found)
            continue;
        if (found->size == 0 || found->size > size)
            __builtin_trap();
        if (format.split != nullptr) {
            if (!format.split(bytes.first(found->size)))
                __builtin_trap();
        } else {
            CollectingSink sink(std::uint64_t{4} << 20);
            (void)format.decode(bytes.first(found->size), {}, sink);
            if (sink.misuses != 0)
                __builtin_trap();
        }
    }
    return 0;
}
