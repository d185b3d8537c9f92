#pragma once
// One file from its address into the cache: only when the source has a newer one, and from where an earlier download broke off.

#include "fetch/cache.hpp"
#include "fetch/visitor.hpp"

namespace shirushi::fetch {

/// What "Content-Range: bytes 5-9/10" says.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t total = 0;
    bool operator==(const ContentRange&) const = default;
};
/// Nothing when it says anything else, or no total.
std::optional<ContentRange> content_range(std::string_view text);

/// True: a new file lies in the cache; false: the old one is what the source has. `bytes` counts what came. Errors: what the transfer says; limit; io.
Result<bool> download(const FeedSource& feed, Cache& cache, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes);

}  // namespace shirushi::fetch
