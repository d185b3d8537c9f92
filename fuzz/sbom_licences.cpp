#include "sbom/licences/licences.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::sbom;
    static const LicenceList list({"MIT", "GPL-2.0-only", "Apache-2.0", "BSD-3-Clause"}, {"Classpath-exception-2.0"});
    static const LicenceFinder finder(list, {.alias = {{"MIT", {"Expat"}}, {"GPL-2.0-only", {"GPL-2"}}},
                                             .text = {{.licence = "MIT", .phrases = {"free of charge"}, .without = {}}}});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto parsed = parse_licence_expression(text, list)) {
        const auto again = parse_licence_expression(text_of(*parsed), list);
        if (!again || *again != *parsed)
            __builtin_trap();
    }
    if (const std::string expression = finder.expression_of(text); !expression.empty() && !parse_licence_expression(expression, list))
        __builtin_trap();
    if (finder.texts_in({data, size}).size() > 1)
        __builtin_trap();
    return 0;
}
