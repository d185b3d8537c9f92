// What image builders write of packages, pacman's descriptions, kernels' configurations and lists of built-in modules.
#include "sbom/compiled_in.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi::sbom;
    const shirushi::Bytes content{data, size};
    for (const auto read :
         {read_image_manifest, read_yocto_manifest, read_yocto_licenses, read_yocto_installed, read_buildroot_manifest, read_pacman})
        for (const auto& package : read(content).packages)
            if (package.name.empty() || (size > 0 && package.offset >= size))
                __builtin_trap();
    (void)kernel_symbols(content);
    (void)kernel_version_of_config(content);
    (void)built_in_modules(content);
    (void)built_in_modules_of_modinfo(content);
    return 0;
}
