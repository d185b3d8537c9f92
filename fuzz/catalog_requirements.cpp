// Catalogue files that an industry body sends: requirements, checks' texts, the crosswalk among catalogues.
#include "base/bytes.hpp"
#include "catalog/catalog.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto text = shirushi::as_text({data, size});
    (void)shirushi::catalog::read_catalogue(text, "catalogue.toml");
    (void)shirushi::catalog::read_check(text, "check.toml");
    (void)shirushi::catalog::read_crosswalk(text, "crosswalk.toml");
    return 0;
}
