// product.toml is what applicants send: reading never crashes, and what was read is written so that it reads back equal.
#include <cstdlib>

#include "base/bytes.hpp"
#include "declaration/declaration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto product = shirushi::declaration::read(shirushi::as_text({data, size}), "product.toml");
    if (!product)
        return 0;
    const auto again = shirushi::declaration::read(shirushi::declaration::write(*product), "product.toml");
    if (!again || *again != *product)
        std::abort();
    return 0;
}
