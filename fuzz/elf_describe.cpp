// Everything the elf room reads of a file, and what it concludes.

#include <cstddef>
#include <cstdint>

#include "elf/hardening.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = shirushi::elf::ElfFile::read({data, size});
    if (!file)
        return 0;
    (void)shirushi::elf::describe(*file);
    (void)file->dynamic_relocations();
    (void)file->build_id();
    (void)file->module_info();
    (void)file->comments();
    for (const auto& section : file->sections())
        if (section.size < size)
            (void)file->relocations(section);
    return 0;
}
