// Identification and the whole reader of UBI, into a sink with a ceiling. When the last byte is odd, every header's checksum is
// made right first, so that the fuzzer gets behind them.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/ubi.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

void repair(Buffer& bytes) {
    for (std::size_t at = 0; at + 64 <= bytes.size(); at += 64) {
        if (bytes[at] != 'U' || bytes[at + 1] != 'B' || bytes[at + 2] != 'I')
            continue;
        const std::uint32_t value = flash_checksum(0xffffffff, Bytes(bytes).subspan(at, 60));
        for (std::size_t i = 0; i < 4; ++i)
            bytes[at + 63 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Buffer bytes(data, data + size);
    if (size != 0 && data[size - 1] % 2 == 1)
        repair(bytes);
    const auto found = identify_ubi(bytes);
    if (found && (found->size > size || found->size == 0))
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_ubi(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
