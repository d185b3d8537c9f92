#include <cstddef>
#include <cstdint>

#include "sbom/packages/package_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const shirushi::sbom::PackageList list = shirushi::sbom::read_apk({data, size});
    for (const auto& package : list.packages)
        if (package.name.empty() || package.offset >= size)
            __builtin_trap();
    return 0;
}
