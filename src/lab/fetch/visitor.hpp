#pragma once
// Requests as a polite visitor makes them: not faster than the host allows, again where that helps, and not for ever.

#include <map>
#include <string>

#include "fetch/fetch.hpp"
#include "fetch/pace.hpp"
#include "fetch/transfer.hpp"

namespace shirushi::fetch {

/// What an attempt came to.
struct Attempt {
    bool again = false;       ///< another one may succeed
    std::string retry_after;  ///< what the server asks for
    std::string problem;      ///< why it did not succeed; empty: it did
};

/// "HTTP 503", as a failed attempt: too many requests and a server's own troubles pass.
Attempt refused_with(const Response& response, bool also_forbidden);

class Visitor {
public:
    explicit Visitor(const UpdateOptions& options) : client_({.certificates = options.certificates, .proxy = options.proxy, .no_proxy = options.no_proxy}), options_(options) {}

    /// Makes requests until one succeeds. `attempt` makes one and says what it came to. Errors: what attempt says; io when none succeeded.
    Result<void> persist(const FeedSource& feed, const std::function<Result<Attempt>(Client&)>& attempt);
    /// The header with the feed's key; empty where it has none.
    [[nodiscard]] std::string secret(const FeedSource& feed) const;

private:
    Client client_;
    const UpdateOptions& options_;
    std::map<std::string, Pace> paces_;  // by host and limit
};

/// Seconds since 1970.
std::int64_t seconds_now();

}  // namespace shirushi::fetch
