// UEFI: firmware volumes with their sections and variables as a decoder reads them, capsules and flash descriptors as the parent does.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/boot/uefi.hpp"
#include "unpack/boot/uefi_compressed.hpp"
#include "unpack/boot/uefi_sections.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    if (const auto found = identify_firmware_volume(bytes)) {
        if (found->size > size)
            __builtin_trap();
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)read_firmware_volume(bytes.first(found->size), {}, sink);
        if (sink.misuses != 0)
            __builtin_trap();
    }
    if (const auto found = identify_capsule(bytes); found && (found->size > size || !split_capsule(bytes.first(found->size))))
        __builtin_trap();
    if (const auto found = identify_flash_descriptor(bytes); found && (found->size > size || !split_flash_descriptor(bytes.first(found->size))))
        __builtin_trap();
    std::uint64_t budget = std::uint64_t{4} << 20;
    (void)leaves_of(bytes, nullptr, budget);
    (void)decompress_uefi(bytes, UefiCompression::efi, std::uint64_t{1} << 20);
    (void)decompress_uefi(bytes, UefiCompression::tiano, std::uint64_t{1} << 20);
    return 0;
}
