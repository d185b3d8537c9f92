#include "fetch/download.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/text.hpp"
#include "model/timestamp.hpp"

namespace shirushi::fetch {
namespace {

constexpr long kOk = 200;
constexpr long kPartial = 206;
constexpr long kNotModified = 304;
constexpr long kNoSuchRange = 416;

/// What If-Range may hold: a strong ETag, else the date. Weak ETags name no bytes.
std::string range_validator(const Response& response) {
    if (!response.etag.empty() && !response.etag.starts_with("W/"))
        return response.etag;
    return response.modified;
}

class Download {
public:
    Download(const FeedSource& feed, Cache& cache, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes)
        : feed_(feed), cache_(cache), visitor_(visitor), progress_(progress), bytes_(bytes), most_(std::uint64_t{feed.most_mib} << 20U) {}

    Result<bool> run() {
        if (const FileState* known = cache_.file(feed_.file); known != nullptr && known->url == feed_.url)
            known_ = *known;
        TRY(visitor_.persist(feed_, [this](Client& client) { return attempt(client); }));
        return fresh_;
    }

private:
    Result<Attempt> attempt(Client& client) {
        Request request{.url = feed_.url, .headers = {}, .secret = visitor_.secret(feed_), .redirect_hosts = feed_.redirect_hosts};
        add_conditions(request);
        file_.reset();
        const BodySink sink{.begin = [this](const Response& head) { return begin(head); }, .write = [this](std::string_view piece) { return write(piece); }};
        const Response response = TRY(client.get(request, sink));
        if (!response.broken.empty()) {
            file_.reset();
            if (cache_.part(feed_.file) == nullptr)
                TRY(cache_.drop_part(feed_.file));
            return Attempt{.again = true, .retry_after = {}, .problem = response.broken};
        }
        if (response.status == kNotModified && known_)
            return unchanged();
        if (response.status == kNoSuchRange && resumed_from_ != 0) {
            TRY(cache_.drop_part(feed_.file));
            return Attempt{.again = true, .retry_after = "0", .problem = "the server has no more of the file that broke off"};
        }
        if ((response.status != kOk && response.status != kPartial) || !file_)
            return refused_with(response, false);
        return complete(response);
    }

    void add_conditions(Request& request) {
        const PartState* part = cache_.part(feed_.file);
        resumed_from_ = part != nullptr && part->url == feed_.url && !part->validator.empty() ? cache_.part_size(feed_.file) : 0;
        if (resumed_from_ != 0) {
            request.headers.push_back(fmt::format("Range: bytes={}-", resumed_from_));
            request.headers.push_back(fmt::format("If-Range: {}", part->validator));
        } else if (known_ && !known_->etag.empty()) {
            request.headers.push_back(fmt::format("If-None-Match: {}", known_->etag));
        } else if (known_ && !known_->modified.empty()) {
            request.headers.push_back(fmt::format("If-Modified-Since: {}", known_->modified));
        }
    }

    Result<Attempt> unchanged() {
        TRY(cache_.touch(feed_.file, utc_text(seconds_now()), {}));
        fresh_ = false;
        return Attempt{};
    }

    Result<void> too_large(std::uint64_t size) {
        file_.reset();
        TRY(cache_.drop_part(feed_.file));
        return fail(Errc::limit, fmt::format("{} bytes or more, where at most {} MiB are taken; if that is right, raise the feed's most_mib", size, feed_.most_mib));
    }

    Result<void> begin(const Response& head) {
        size_ = 0;
        expected_ = head.length < 0 ? 0 : static_cast<std::uint64_t>(head.length);
        if (head.status == kPartial) {
            const auto range = content_range(head.content_range);
            if (resumed_from_ == 0 || !range || range->first != resumed_from_) {
                TRY(cache_.drop_part(feed_.file));
                return fail(Errc::bad_input, fmt::format("the server sends another part (\"{}\") than was asked for, from byte {}", excerpt(head.content_range), resumed_from_));
            }
            size_ = resumed_from_;
            expected_ = range->total;
        }
        if (expected_ > most_)
            return too_large(expected_);
        const std::string validator = range_validator(head);
        if (head.status == kOk && validator.empty())
            TRY(cache_.drop_part(feed_.file));
        file_ = TRY(PartFile::open(cache_.path(feed_.file) + ".part", head.status == kPartial));
        return head.status == kOk && !validator.empty() ? cache_.set_part({.file = feed_.file, .url = feed_.url, .validator = validator}) : Result<void>();
    }

    Result<void> write(std::string_view piece) {
        size_ += piece.size();
        bytes_ += piece.size();
        if (size_ > most_)
            return too_large(size_);
        TRY(file_->write(piece));
        if (progress_)
            progress_(feed_.name, size_, expected_);
        return {};
    }

    Result<Attempt> complete(const Response& response) {
        if (expected_ != 0 && size_ != expected_)
            return Attempt{.again = true, .retry_after = {}, .problem = fmt::format("{} of {} bytes came", size_, expected_)};
        if (size_ == 0) {
            TRY(cache_.drop_part(feed_.file));
            return Attempt{.again = false, .retry_after = {}, .problem = "the server sends an empty file"};
        }
        TRY(file_->sync());
        file_.reset();
        TRY(cache_.complete({.file = feed_.file, .url = feed_.url, .etag = response.etag, .modified = response.modified, .sha256 = {}, .size = 0,
                             .fetched = utc_text(seconds_now()), .until = {}}));
        fresh_ = true;
        return Attempt{};
    }

    const FeedSource& feed_;
    Cache& cache_;
    Visitor& visitor_;
    const FetchProgress& progress_;
    std::uint64_t& bytes_;
    std::uint64_t most_;
    std::optional<FileState> known_;
    std::optional<PartFile> file_;
    std::uint64_t resumed_from_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t expected_ = 0;
    bool fresh_ = false;
};

}  // namespace

std::optional<ContentRange> content_range(std::string_view text) {
    constexpr std::string_view unit = "bytes ";
    if (!text.starts_with(unit))
        return std::nullopt;
    text.remove_prefix(unit.size());
    const auto dash = text.find('-');
    const auto slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash)
        return std::nullopt;
    const auto first = to_integer<std::uint64_t>(text.substr(0, dash));
    const auto last = to_integer<std::uint64_t>(text.substr(dash + 1, slash - dash - 1));
    const auto total = to_integer<std::uint64_t>(text.substr(slash + 1));
    if (!first || !last || !total || *first > *last || *last >= *total)
        return std::nullopt;
    return ContentRange{.first = *first, .last = *last, .total = *total};
}

Result<bool> download(const FeedSource& feed, Cache& cache, Visitor& visitor, const FetchProgress& progress, std::uint64_t& bytes) {
    return Download(feed, cache, visitor, progress, bytes).run();
}

}  // namespace shirushi::fetch
