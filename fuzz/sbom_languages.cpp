// Lists of languages' packages: each input is one of every kind.
#include "sbom/packages/package_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi::sbom;
    const shirushi::Bytes content{data, size};
    for (const auto read : {read_python_metadata, read_python_requirements, read_pipfile_lock, read_poetry_lock, read_npm_package, read_npm_lock,
                            read_yarn_lock, read_gemspec, read_gemfile_lock, read_cargo_lock, read_pom_properties, read_rockspec, read_perl_local,
                            read_perl_meta, read_composer_installed, read_composer_lock})
        for (const auto& package : read(content).packages)
            if (package.name.empty() || (size > 0 && package.offset >= size))
                __builtin_trap();
    (void)read_java_manifest(content, "usr/share/java/x-1.0.jar/zip@0x0/META-INF/MANIFEST.MF");
    (void)read_rock_manifest(content, "rocks-5.1/x/1.0-1/rock_manifest");
    return 0;
}
