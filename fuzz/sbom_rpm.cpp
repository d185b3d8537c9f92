// rpm's three databases: each input is all of them, and a package's header.
#include "sbom/packages/rpm_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    const Bytes content{data, size};
    for (const auto read : {sbom::read_rpm_sqlite, sbom::read_rpm_ndb, sbom::read_rpm_berkeley})
        for (const auto& package : read(content).packages)
            if (package.name.empty() || package.offset >= size)
                __builtin_trap();
    (void)sbom::package_of_rpm_header(content);
    return 0;
}
