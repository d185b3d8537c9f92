#include "model/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto facts = shirushi::facts_from_json(text); facts && shirushi::facts_from_json(shirushi::to_json(*facts)) != facts)
        __builtin_trap();
    if (const auto assessment = shirushi::assessment_from_json(text);
        assessment && shirushi::assessment_from_json(shirushi::to_json(*assessment)) != assessment)
        __builtin_trap();
    return 0;
}
