// Intel HEX, S-records, UF2 and Windows CE's records: identification and reading, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    for (const Identify identify : {identify_intel_hex, identify_s_record, identify_uf2, identify_windows_ce})
        if (const auto found = identify(bytes); found && found->size > size)
            __builtin_trap();
    for (const Decoder decode : {read_intel_hex, read_s_record, read_uf2, read_windows_ce}) {
        CollectingSink sink;
        (void)decode(bytes, {}, sink);
        if (sink.misuses != 0 || sink.bytes > size)  // no memory beyond what the records hold
            __builtin_trap();
    }
    return 0;
}
