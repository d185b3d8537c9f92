#include <cstddef>
#include <cstdint>

#include "sbom/identifiers.hpp"

namespace {

shirushi::sbom::Identifiers some_identifiers() {
    return shirushi::sbom::Identifiers::compile({{.product = "busybox", .pattern = R"(BusyBox v(\d+\.\d+(?:\.\d+)?))"},
                                                 {.product = "openssl", .pattern = R"(^OpenSSL (\d+\.\d+\.\d+[a-z]{0,2})\s)", .with = {"error:%08lX"}},
                                                 {.product = "lz4", .anchor = "1.", .pattern = R"(^(1\.\d+\.\d)$)"},
                                                 {.product = "kernel", .pattern = R"(Linux version (\d\S*) \()", .exclude = {R"(#\d.*Debian \d)"}}})
        .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const shirushi::sbom::Identifiers identifiers = some_identifiers();
    static shirushi::sbom::Scanner scanner = shirushi::sbom::Scanner::make(identifiers).value();
    for (const auto& sighting : scanner.scan({data, size}, 0, size).sightings)
        if (sighting.offset >= size)
            __builtin_trap();
    return 0;
}
