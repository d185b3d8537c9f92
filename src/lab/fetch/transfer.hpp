#pragma once
// One GET over HTTPS, with libcurl: the only file that knows it. Certificates are verified, redirects go to the same host or to those that
// the caller allows, never away from HTTPS; what comes is handed on piece by piece. No key ever gets into a message.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi::fetch {

struct Url {
    std::string host;  ///< in small letters
    std::string port;  ///< empty: HTTPS's own
    bool operator==(const Url&) const = default;
};
/// Of an address with https, without user name or password in it. Errors: bad_input.
Result<Url> split_url(const std::string& url);

struct ConnectionOptions {
    std::string certificates;  ///< as UpdateOptions
    std::string proxy;
    std::string no_proxy;
};

struct Request {
    std::string url;
    std::vector<std::string> headers;  ///< "If-None-Match: \"x\""
    std::string secret;                ///< a header that only the address's own host is sent
    std::vector<std::string> redirect_hosts;
};

struct Response {
    long status = 0;
    std::string etag;
    std::string modified;       ///< Last-Modified
    std::string retry_after;
    std::string content_range;
    std::int64_t length = -1;   ///< Content-Length; -1: not said
    std::string broken;         ///< why what came is not all of it: worth another attempt; empty: complete
};

/// What becomes of a body of status 200 or 206; others are thrown away. Errors end the transfer.
struct BodySink {
    std::function<Result<void>(const Response& head)> begin;
    std::function<Result<void>(std::string_view bytes)> write;
};

class Client {
public:
    explicit Client(ConnectionOptions options);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// Errors, after which nothing is gained by trying again: refused (certificate, redirect), bad_input (address), what the sink says.
    Result<Response> get(const Request& request, const BodySink& sink);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace shirushi::fetch
