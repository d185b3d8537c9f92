#include "fetch/visitor.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/text.hpp"

namespace shirushi::fetch {
namespace {

constexpr long kForbidden = 403;
constexpr long kTimeout = 408;
constexpr long kTooMany = 429;
constexpr long kServer = 500;
constexpr long kNotImplemented = 501;

Milliseconds now() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
void sleep(Milliseconds time) { std::this_thread::sleep_for(std::chrono::milliseconds(time)); }

}  // namespace

std::int64_t seconds_now() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

Attempt refused_with(const Response& response, bool also_forbidden) {
    const long status = response.status;
    const bool passes = status == kTimeout || status == kTooMany || (status >= kServer && status != kNotImplemented) || (also_forbidden && status == kForbidden);
    return {.again = passes, .retry_after = response.retry_after, .problem = fmt::format("the server answers HTTP {}", status)};
}

std::string Visitor::secret(const FeedSource& feed) const {
    const auto key = options_.keys.find(feed.name);
    return key == options_.keys.end() || feed.key_header.empty() ? std::string() : fmt::format("{}: {}", feed.key_header, key->second);
}

Result<void> Visitor::persist(const FeedSource& feed, const std::function<Result<Attempt>(Client&)>& attempt) {
    const Url url = TRY(split_url(feed.url));
    const bool with_key = !secret(feed).empty() && feed.requests_with_key != 0;
    const std::uint32_t requests = with_key ? feed.requests_with_key : feed.requests;
    Pace& pace = paces_.try_emplace(fmt::format("{}:{} {}/{}", url.host, url.port, requests, feed.seconds), requests, feed.seconds).first->second;
    std::string problem;
    for (unsigned number = 1; number <= options_.attempts; ++number) {
        sleep(pace.wait(now()));
        pace.note(now());
        const Attempt made = TRY(attempt(client_));
        if (made.problem.empty())
            return {};
        problem = made.problem;
        if (!made.again)
            return fail(Errc::io, problem);
        const Milliseconds wait = retry_after(made.retry_after, seconds_now()).value_or(back_off(number));
        if (wait > longest_wait)
            return fail(Errc::io, fmt::format("{} and asks to wait {} s: run the update again then", problem, wait / 1000));
        if (number < options_.attempts)
            sleep(wait);
    }
    return fail(Errc::io, fmt::format("{} ({} attempts)", problem, options_.attempts));
}

}  // namespace shirushi::fetch
