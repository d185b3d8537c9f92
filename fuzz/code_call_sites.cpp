// ELF files whose machine code is followed.

#include <cstddef>
#include <cstdint>

#include "code/code.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)shirushi::code::call_sites({data, size}, {.code_bytes = 64 << 10, .function_bytes = 16 << 10, .rows = 50});
    (void)shirushi::code::code_size({data, size});
    return 0;
}
