// What programs say of the packages they are made from, and BusyBox's table of applets.
#include "sbom/programs/program_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    (void)sbom::busybox_applets({data, size});
    const auto program = elf::ElfFile::read({data, size});
    if (!program)
        return 0;
    for (const sbom::ProgramReader& reader : sbom::program_readers())
        for (const auto& package : reader.read(*program).packages)
            if (package.name.empty() || package.offset >= size)
                __builtin_trap();
    return 0;
}
