#include "fetch/transfer.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace shirushi::fetch {
namespace {

constexpr int kMostRedirects = 5;
constexpr long kConnectSeconds = 30;
constexpr long kSlowBytes = 100;  // a second, for so long: given up
constexpr long kSlowSeconds = 60;
constexpr std::size_t kLongestValidator = 512;
constexpr long kOk = 200;
constexpr long kPartial = 206;

bool has_body(long status) { return status == kOk || status == kPartial; }
bool is_redirect(long status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

/// A part of an address; empty where it has none.
std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

/// What is sent back later must be plain text.
std::string validator(std::string_view value) {
    const bool plain = value.size() <= kLongestValidator && std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
    return plain ? std::string(value) : std::string();
}

struct HeaderList {
    curl_slist* first = nullptr;
    HeaderList() = default;
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
    ~HeaderList() { curl_slist_free_all(first); }
    void add(const std::string& header) {
        if (curl_slist* const longer = curl_slist_append(first, header.c_str()); longer != nullptr)
            first = longer;
    }
};

/// One request's way through libcurl's calls.
struct Exchange {
    CURL* handle;
    const BodySink& sink;
    Response response;
    std::optional<Error> error;
    bool begun = false;

    void header(std::string_view line) {
        line = trimmed(line);
        if (line.starts_with("HTTP/")) {
            response = {};
            return;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            return;
        const std::string name = lowered(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (name == "etag")
            response.etag = validator(value);
        else if (name == "last-modified")
            response.modified = validator(value);
        else if (name == "retry-after")
            response.retry_after = validator(value);
        else if (name == "content-range")
            response.content_range = validator(value);
        else if (name == "content-length")
            response.length = to_integer<std::int64_t>(value).value_or(-1);
    }

    Result<void> begin() {
        begun = true;
        return sink.begin(response);
    }

    bool body(std::string_view bytes) {
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &response.status);
        if (!has_body(response.status))
            return true;  // a page that says why
        Result<void> taken = begun ? Result<void>() : begin();
        if (taken)
            taken = sink.write(bytes);
        if (!taken)
            error = taken.error();
        return taken.has_value();
    }
};

extern "C" {
std::size_t shirushi_fetch_header(char* line, std::size_t size, std::size_t count, void* data) {
    static_cast<Exchange*>(data)->header({line, size * count});
    return size * count;
}
std::size_t shirushi_fetch_body(char* bytes, std::size_t size, std::size_t count, void* data) {
    return static_cast<Exchange*>(data)->body({bytes, size * count}) ? size * count : 0;
}
}

/// Connections fail and mend by themselves; a certificate does not.
bool is_final(CURLcode code) {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_OUT_OF_MEMORY: return true;
        default: return false;
    }
}

}  // namespace

Result<Url> split_url(const std::string& text) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
        return fail(Errc::bad_input, fmt::format("\"{}\" is no address", excerpt(text)));
    if (!part_of(url.get(), CURLUPART_USER).empty() || !part_of(url.get(), CURLUPART_PASSWORD).empty())
        return fail(Errc::bad_input, "an address must not hold a user name or password");
    if (part_of(url.get(), CURLUPART_SCHEME) != "https")
        return fail(Errc::bad_input, fmt::format("\"{}\" is not HTTPS, which alone is used", excerpt(text)));
    return Url{.host = lowered(part_of(url.get(), CURLUPART_HOST)), .port = part_of(url.get(), CURLUPART_PORT)};
}

struct Client::State {
    ConnectionOptions options;
    CURL* handle = nullptr;
    std::array<char, CURL_ERROR_SIZE> words{};

    void set_up(const Request& request, const std::string& url, const HeaderList& headers, Exchange& exchange);
    Result<Response> once(const Request& request, const std::string& url, bool own_host, const BodySink& sink);
};

Client::Client(ConnectionOptions options) : state_(std::make_unique<State>()) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    state_->options = std::move(options);
    state_->handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
}

Client::~Client() { curl_easy_cleanup(state_->handle); }

void Client::State::set_up(const Request& /*request*/, const std::string& url, const HeaderList& headers, Exchange& exchange) {
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (!options.certificates.empty()) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, options.certificates.c_str());
        curl_easy_setopt(handle, CURLOPT_PROXY_CAINFO, options.certificates.c_str());
    }
    // Said in any case: libcurl would look into the environment itself.
    curl_easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_NOPROXY, options.no_proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kSlowBytes);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "shirushi");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.first);
    words[0] = '\0';
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, words.data());
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, shirushi_fetch_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, shirushi_fetch_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
}

Result<Response> Client::State::once(const Request& request, const std::string& url, bool own_host, const BodySink& sink) {
    HeaderList headers;
    for (const std::string& each : request.headers)
        headers.add(each);
    if (own_host && !request.secret.empty())
        headers.add(request.secret);
    Exchange exchange{.handle = handle, .sink = sink, .response = {}, .error = {}};
    set_up(request, url, headers, exchange);
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &exchange.response.status);
    if (exchange.error)
        return std::unexpected(std::move(*exchange.error));
    const std::string reason = printable(words[0] != '\0' ? words.data() : curl_easy_strerror(code));
    if (code == CURLE_SSL_CACERT_BADFILE)
        return fail(Errc::refused, fmt::format("the certificates cannot be used: {}", reason));
    if (is_final(code))
        return fail(Errc::refused, fmt::format("{}; for a mirror with certificates of its own, name its authority with --certificates", reason));
    if (code != CURLE_OK)
        exchange.response.broken = reason;
    else if (has_body(exchange.response.status) && !exchange.begun)
        TRY(exchange.begin());  // an empty body is one, too
    return std::move(exchange.response);
}

Result<Response> Client::get(const Request& request, const BodySink& sink) {
    if (state_->handle == nullptr)
        return fail(Errc::internal, "libcurl does not start");
    const Url own = TRY(split_url(request.url));
    std::string url = request.url;
    for (int i = 0; i <= kMostRedirects; ++i) {
        const Url to = TRY(split_url(url));
        Response response = TRY(state_->once(request, url, to == own, sink));
        if (!response.broken.empty() || !is_redirect(response.status))
            return response;
        const char* next = nullptr;
        curl_easy_getinfo(state_->handle, CURLINFO_REDIRECT_URL, &next);
        if (next == nullptr)
            return response;
        url = next;
        const auto host = split_url(url);
        if (!host)
            return fail(Errc::refused, fmt::format("it redirects, but {}", host.error().message));
        if (*host != own && std::ranges::find(request.redirect_hosts, host->host) == request.redirect_hosts.end())
            return fail(Errc::refused, fmt::format("it redirects to another host, {}{}{}; if that is right, put it into the feed's redirect_hosts", printable(host->host),
                                                   host->port.empty() ? "" : ":", host->port));
    }
    return fail(Errc::refused, fmt::format("it redirects more than {} times", kMostRedirects));
}

}  // namespace shirushi::fetch
