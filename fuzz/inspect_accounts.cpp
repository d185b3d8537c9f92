// passwd, shadow and the settings of password hashes.
#include <algorithm>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "inspect/account_files.hpp"
#include "inspect/password_hash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    const std::string_view text = as_text({data, size});
    for (const auto& line : inspect::read_passwd(text))
        (void)inspect::read_password_field(line.password);
    for (const auto& line : inspect::read_shadow(text)) {
        const auto field = inspect::read_password_field(line.password);
        // What looks cheap must be cheap: crypt() runs with the very settings that were estimated.
        if (field.supported && field.seconds < 0.002 && field.memory < (1U << 20))
            (void)inspect::word_fits(std::string(line.password), "admin");
    }
    return 0;
}
