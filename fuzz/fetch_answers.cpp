// What a server answers, as the fetch room takes it apart; the first byte says which part of it.

#include "fetch/cache.hpp"
#include "fetch/download.hpp"
#include "fetch/nvd_api.hpp"
#include "fetch/pace.hpp"

using namespace shirushi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    switch (data[0] % 6) {
        case 0: (void)fetch::page_facts(text); break;
        case 1: (void)fetch::content_range(text); break;
        case 2: (void)fetch::retry_after(text, 1'700'000'000); break;
        case 3: (void)fetch::seconds_of(text); break;
        case 4: (void)fetch::read_feed_list(text, "feeds.toml", 2026); break;
        default:
            if (const auto state = fetch::cache_state_from_json(text); state && fetch::cache_state_from_json(fetch::to_json(*state)) != state)
                __builtin_trap();  // what is written reads back as the same
    }
    return 0;
}
